"""F28: the test of cable or isolation fails, before charging or during it."""

from dataclasses import dataclass
from datetime import datetime

from faults.rules import reported, visitors
from faults.rules.combining import either
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F28"
TITLE = "Cable check or isolation failing"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"session"}

REPEATED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A live chassis counts at once; a test that failed, when several drivers met it."""

    drivers: int = 3
    clearing_sessions: int = 3


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it now, or has reported it to several drivers."""
    return either(
        state,
        reported=lambda kept: _reported(snapshot, thresholds, kept),
        drivers=lambda kept: _drivers(snapshot, thresholds, kept),
    )


def _reported(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Return what stands: a failed test on a place that works is one driver's, as yet."""
    said = reported.check_code(CODE, snapshot, thresholds, state, "cable")
    if isinstance(said, Firing) and said.severity > REPEATED:
        return Clear(state=said.state)
    return said


def _drivers(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    kept = visitors.take_in(CODE, snapshot, state)
    visits = kept.get("visits", [])
    if kept.get("good", 0) >= thresholds.clearing_sessions:
        return Clear(state={})
    met = visitors.count(visits)
    if met < max(thresholds.drivers, 1):
        return Clear(state=kept)
    return Firing(
        state=kept,
        evidence={"visits": visits, "drivers": met},
        began_at=datetime.fromisoformat(visits[0][0]),
        seen_at=datetime.fromisoformat(visits[-1][0]),
        severity=REPEATED,
        attribution="cable",
        is_standing=False,
        check_at=datetime.fromisoformat(visits[0][0]) + visitors.DAY,
    )
