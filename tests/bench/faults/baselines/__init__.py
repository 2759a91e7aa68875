"""What others do with the same facts: rules read in public sources, and a plain learner."""

from tests.bench.faults.baselines.fixed import FixedLimits
from tests.bench.faults.baselines.forest import ForestPerConnector
from tests.bench.faults.baselines.mail import MailOnFaulted
from tests.bench.faults.baselines.static import StaticRules

BASELINES = (MailOnFaulted, StaticRules, FixedLimits, ForestPerConnector)
