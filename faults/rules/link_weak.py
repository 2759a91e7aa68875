"""F17: the link of a station is weak or breaks often."""

from dataclasses import dataclass
from datetime import timedelta

from faults.rules import reported
from faults.rules.protocol import Result, Scope, Snapshot, State

CODE = "F17"
TITLE = "Weak link"
SEVERITY = 4
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "link"
CAUSE = "network"
IS_IMPAIRING = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long a report must stand."""

    fires_after: timedelta = timedelta(minutes=30)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state, attribution="network")
