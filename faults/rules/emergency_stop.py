"""F08: somebody pressed the emergency stop."""

from dataclasses import dataclass

from faults.rules import reported
from faults.rules.protocol import TOLD, Result, Scope, Snapshot, State, Wake

CODE = "F08"
TITLE = "Emergency stop pressed"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "safety"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once."""


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state, attribution="user")
