"""F28: the test of cable or isolation fails."""

from dataclasses import dataclass

from faults.rules import reported
from faults.rules.protocol import Result, Scope, Snapshot, State

CODE = "F28"
TITLE = "Cable check or isolation failing"
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
