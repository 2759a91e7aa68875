"""F02: something inside the station has failed."""

from dataclasses import dataclass
from datetime import timedelta

from faults.rules import reported
from faults.rules.protocol import TOLD, Result, Scope, Snapshot, State, Wake

CODE = "F02"
TITLE = "Internal error"
SEVERITY = 2
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "station"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long a report must stand."""

    fires_after: timedelta = timedelta(minutes=2)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state)
