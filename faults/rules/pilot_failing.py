"""F27: vehicle and station lose the signal between them."""

from dataclasses import dataclass
from datetime import timedelta

from faults.rules import reported
from faults.rules.protocol import Result, Scope, Snapshot, State

CODE = "F27"
TITLE = "No signal between vehicle and station"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long a report must stand, and how often a warning must come to count."""

    fires_after: timedelta = timedelta(minutes=2)
    repeats: int = 3


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state, attribution="cable")
