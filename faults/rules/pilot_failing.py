"""F27: vehicle and station lose the signal between them, with one vehicle after another."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from faults.rules import reported, visitors
from faults.rules.combining import either
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F27"
TITLE = "No signal between vehicle and station"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"session"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How long Faulted must stand, and how many drivers must meet it where it is a warning."""

    fires_after: timedelta = timedelta(minutes=2)
    drivers: int = 3
    share: float = 0.2
    least_starts: int = 10
    clearing_sessions: int = 3


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the plug is down, or fails with several drivers."""
    return either(
        state,
        reported=lambda kept: _reported(snapshot, thresholds, kept),
        drivers=lambda kept: _drivers(snapshot, thresholds, kept),
    )


def _reported(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Return what stands; as a warning it is counted by its drivers alone."""
    if reported.is_quiet(CODE, snapshot, state):
        return reported.QUIET
    alone = replace(thresholds, repeats=reported.NEVER)
    return reported.check_code(CODE, snapshot, alone, state, "cable")


def _drivers(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    kept = visitors.take_in(CODE, snapshot, state)
    visits, starts = kept.get("visits", []), kept.get("starts", [])
    if kept.get("good", 0) >= thresholds.clearing_sessions:
        visits = []
        kept = {"starts": starts} if starts else {}
    met = visitors.count(visits)
    is_share = (
        len(starts) >= thresholds.least_starts
        and met >= 2
        and met >= thresholds.share * max(len(starts), met)
    )
    if met < thresholds.drivers and not is_share:
        return Clear(state=kept)
    return Firing(
        state=kept,
        evidence={"visits": visits, "drivers": met, "starts_in_day": len(starts)},
        began_at=datetime.fromisoformat(visits[0][0]),
        seen_at=datetime.fromisoformat(visits[-1][0]),
        severity=SEVERITY,
        attribution="cable",
        is_down=False,
        is_standing=False,
        check_at=datetime.fromisoformat(visits[0][0]) + visitors.DAY,
    )
