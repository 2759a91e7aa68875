"""What rules could not bear, as the page of rules shows it."""

from typing import Final

from chargenet.core.access import Person
from chargenet.core.models import Operator
from faults.models import RuleFailure

MOST_FAILURES: Final = 20


def rule_failures(operator: Operator, person: Person) -> list[RuleFailure]:
    """Return where a rule could not bear what it was shown, the newest first."""
    rows = RuleFailure.objects.visible_to(person).filter(operator=operator, ended_at__isnull=True)
    return list(rows.select_related("station__location").order_by("-last_at")[:MOST_FAILURES])
