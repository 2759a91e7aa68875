"""F40: the station has no mains power."""

from dataclasses import dataclass

from faults.rules import reported
from faults.rules.protocol import TOLD, Result, Scope, Snapshot, State, Wake

CODE = "F40"
TITLE = "No mains power"
SEVERITY = 2
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "grid"
CAUSE = "grid"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once."""


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state, attribution="grid")
