"""F26: the plug cannot be locked or released; at worst a driver cannot leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import reported, windows
from faults.rules.combining import either
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F26"
TITLE = "Connector lock or latch"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"notice"}

UNLOCK, TRAPPED = "unlock", 2
FAILED, DONE = "UnlockFailed", "Unlocked"
# States in which a plug may still be in a vehicle, though nobody charges.
HELD = frozenset({"Finishing", "Occupied", "SuspendedEV", "SuspendedEVSE", "Faulted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How often unlocking may fail, and how long after a session a driver is stuck."""

    failures: int = 2
    failures_within: timedelta = timedelta(hours=24)
    trapped_after: timedelta = timedelta(minutes=5)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it, or the plug did not come free when it was told to."""
    return either(
        state,
        reported=lambda kept: reported.check_code(CODE, snapshot, thresholds, kept, "cable"),
        unlocking=lambda kept: _unlocking(snapshot, thresholds, kept),
    )


def _unlocking(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """State: {"failed": [instants since it last came free], "ended_at": end of the session}."""
    failed, ended_at = list(state.get("failed", ())), state.get("ended_at", "")
    freed_at = None
    for one in sorted(snapshot.notices, key=lambda notice: (notice.received_at, notice.id)):
        word = str(one.detail.get("status") or one.detail.get("result") or "")
        if one.kind == UNLOCK and word == FAILED:
            failed.append(one.received_at.isoformat())
        elif one.kind == UNLOCK and word == DONE:
            failed, freed_at = [], one.received_at
    failed = windows.recent(failed, snapshot.as_of, thresholds.failures_within)
    ended_at = max([ended_at, *(one.ended_at.isoformat() for one in snapshot.sessions)])
    if not failed:
        return Clear(state={}, ended_at=freed_at)
    kept = {"failed": failed, "ended_at": ended_at} if ended_at else {"failed": failed}
    trapped_at = _trapped_at(snapshot, thresholds, failed, ended_at)
    if trapped_at is not None and snapshot.as_of >= trapped_at:
        return _firing(kept, failed, thresholds, TRAPPED)
    if len(failed) >= thresholds.failures:
        return _firing(kept, failed, thresholds, SEVERITY, trapped_at)
    return Clear(state=kept, check_at=trapped_at)


def _trapped_at(
    snapshot: Snapshot, thresholds: Thresholds, failed: list[str], ended_at: str
) -> datetime | None:
    """Return from when on a driver is stuck: long after the session, with the plug still in."""
    is_charging = (snapshot.subject or 0) in snapshot.open_sessions
    if is_charging or snapshot.status not in HELD:
        return None
    since = datetime.fromisoformat(ended_at or failed[0])
    return max(since, datetime.fromisoformat(failed[0]) - thresholds.trapped_after) + (
        thresholds.trapped_after
    )


def _firing(
    kept: State,
    failed: list[str],
    thresholds: Thresholds,
    severity: int,
    check_at: datetime | None = None,
) -> Firing:
    lapses_at = windows.leaves_at(failed, 1, thresholds.failures_within)
    return Firing(
        state=kept,
        evidence={
            "unlock_failed": failed[-10:],
            "session_ended_at": kept.get("ended_at"),
            "driver_may_be_stuck": severity == TRAPPED,
        },
        began_at=datetime.fromisoformat(failed[0]),
        seen_at=datetime.fromisoformat(failed[-1]),
        severity=severity,
        attribution="cable",
        check_at=min(filter(None, (check_at, lapses_at))),
    )
