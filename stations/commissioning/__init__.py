"""Setting a station up: what it must be set to, pushed, read back, and what it can tell us."""

from stations.commissioning.editing import (
    TemplateRefused,
    assign_template,
    create_template,
    want_value,
)
from stations.commissioning.engine import (
    ORIGIN,
    QUIET,
    advance,
    begin_commissioning,
    begin_due,
    find_due,
    find_new,
    hear_answer,
    hear_boot,
    hear_report,
)
from stations.commissioning.pushing import push_template
from stations.commissioning.signals import SIGNALS, find_unlooked, look_at_signals
from stations.commissioning.templates import Drift, find_drift, stations_of_template

__all__ = [
    "ORIGIN",
    "QUIET",
    "SIGNALS",
    "Drift",
    "TemplateRefused",
    "advance",
    "assign_template",
    "begin_commissioning",
    "begin_due",
    "create_template",
    "find_drift",
    "find_due",
    "find_new",
    "find_unlooked",
    "hear_answer",
    "hear_boot",
    "hear_report",
    "look_at_signals",
    "push_template",
    "stations_of_template",
    "want_value",
]
