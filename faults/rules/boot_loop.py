"""F03: a station starts again and again, though nobody asked it to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants, windows
from faults.rules.facts import Notice
from faults.rules.protocol import Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F03"
TITLE = "Boot loop"
SEVERITY = 2
SCOPE: Scope = "station"
FAMILY = "station"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = frozenset({"notice"})

BOOT, RESET, FIRMWARE = "boot", "reset_ordered", "firmware_status"
# Reasons of a boot that somebody wanted (OCPP 2.x BootReasonEnumType).
WANTED = frozenset({"remotereset", "scheduledreset", "firmwareupdate", "triggered"})
INSTALLING = frozenset({"installing", "installrebooting", "installed", "downloaded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many starts are too many, and how long a start may be of our own making."""

    boots_in_hour: int = 3
    hour: timedelta = timedelta(minutes=60)
    boots_in_day: int = 6
    day: timedelta = timedelta(hours=24)
    clear_below: int = 2
    after_reset: timedelta = timedelta(minutes=10)
    after_firmware: timedelta = timedelta(minutes=45)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Count the starts nobody asked for.

    State: {"boots": [instants], "excused_until": instant, "firmware": version, "is_firing"}.
    """
    state = _take_in(snapshot, thresholds, state)
    boots = windows.recent(state.get("boots", ()), snapshot.as_of, thresholds.day)
    in_hour = windows.recent(boots, snapshot.as_of, thresholds.hour)
    is_loop = len(in_hour) >= thresholds.boots_in_hour or len(boots) >= thresholds.boots_in_day
    is_firing = is_loop or (bool(state.get("is_firing")) and len(boots) >= thresholds.clear_below)
    kept = {**state, "boots": boots, "is_firing": is_firing}
    kept = {name: value for name, value in kept.items() if value}
    if not is_firing:
        ended = datetime.fromisoformat(boots[-1]) if boots else None
        return Clear(state=kept, ended_at=ended)
    least = min(thresholds.clear_below, len(boots))
    return Firing(
        state=kept,
        evidence={
            "boots": boots[-20:],
            "boots_in_hour": len(in_hour),
            "boots_in_day": len(boots),
            "reasons": state.get("reasons", []),
            "firmware": state.get("firmware", ""),
        },
        began_at=datetime.fromisoformat(boots[0]),
        seen_at=datetime.fromisoformat(boots[-1]),
        severity=SEVERITY,
        attribution="charger",
        is_standing=False,
        # between two starts it may charge; after an hour without one it does
        is_down=bool(in_hour),
        check_at=windows.leaves_at(boots, least, thresholds.day),
    )


def _take_in(snapshot: Snapshot, thresholds: Thresholds, state: State) -> State:
    trusted = snapshot.is_clock_trusted
    told = [
        (instants.happened_at(one.occurred_at, one.received_at, trusted=trusted), one)
        for one in snapshot.notices
        if one.kind in {BOOT, RESET, FIRMWARE}
    ]
    for at, notice in sorted(told, key=lambda pair: (pair[0], pair[1].id)):
        if notice.kind == RESET:
            state = _excused(state, at + thresholds.after_reset)
        elif notice.kind == FIRMWARE:
            if str(notice.detail.get("status", "")).lower() in INSTALLING:
                state = _excused(state, at + thresholds.after_firmware)
        else:
            state = _booted(state, at, notice, is_attended=snapshot.is_attended)
    return state


def _excused(state: State, until: datetime) -> State:
    return {**state, "excused_until": max(state.get("excused_until", ""), until.isoformat())}


def _booted(state: State, at: datetime, notice: Notice, *, is_attended: bool) -> State:
    firmware, known = str(notice.detail.get("firmware") or ""), state.get("firmware", "")
    reason = str(notice.detail.get("reason") or "")
    state = {**state, "firmware": firmware or known}
    is_update = bool(known and firmware and firmware != known)
    until = state.get("excused_until", "")
    if is_attended or is_update or reason.lower() in WANTED or at.isoformat() <= until:
        return state
    reasons = [*state.get("reasons", []), reason or "Unknown"][-10:]
    return {**state, "boots": [*state.get("boots", []), at.isoformat()], "reasons": reasons}
