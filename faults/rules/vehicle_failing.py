"""F39: a vehicle cannot charge, wherever it goes."""

from dataclasses import dataclass

from faults.rules import reported
from faults.rules.protocol import Result, Scope, Snapshot, State

CODE = "F39"
TITLE = "Vehicle cannot charge here"
SEVERITY = 5
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "vehicle"
CAUSE = "vehicle"
IS_IMPAIRING = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once."""


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state, attribution="vehicle")
