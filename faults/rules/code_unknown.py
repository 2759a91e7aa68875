"""F05: a maker's own code that nobody has given a meaning yet."""

from dataclasses import dataclass
from datetime import timedelta

from faults.rules import reported
from faults.rules.protocol import Result, Scope, Snapshot, State

CODE = "F05"
TITLE = "Error code not yet known"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "station"
CAUSE = "station"
IS_IMPAIRING = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long a report must stand."""

    fires_after: timedelta = timedelta(minutes=2)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state)
