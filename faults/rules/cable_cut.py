"""F32: the cable is cut, stolen or torn off."""

from dataclasses import dataclass

from faults.rules import reported
from faults.rules.protocol import Result, Scope, Snapshot, State

CODE = "F32"
TITLE = "Cable cut or torn off"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once."""


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it."""
    return reported.check_code(CODE, snapshot, thresholds, state, attribution="cable")
