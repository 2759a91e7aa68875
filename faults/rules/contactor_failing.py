"""F29: the switch of the output does not do as it is told: the plug may be live.

The station says so, or power flows, or direct voltage stands, at a plug where no session is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from faults.rules import combining, instants, readings, reported, series
from faults.rules.facts import Notice, SessionOutcome
from faults.rules.protocol import (
    TOLD,
    CannotKnow,
    Clear,
    Firing,
    Result,
    Scope,
    Snapshot,
    State,
    Wake,
)

CODE = "F29"
TITLE = "Contactor fault"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "power"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"reading", "session"}
# What else was measured changes with new facts only.
WAITING = frozenset({"reported", "first"})
# In these states nothing may flow: in others a session may go on that we were not told of.
OPEN = frozenset({"Available", "Reserved", "Unavailable", "Faulted", "Finishing"})
ODD = frozenset({"flow", "live"})
# A register that moved between sessions: somebody charged unseen, or the switch hangs.
UNSEEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once; a flow once two readings show it, or its energy.

    50 Wh after a session is more than a contactor that opened lets through.
    """

    lasts: timedelta = timedelta(seconds=10)
    forgets: timedelta = timedelta(minutes=30)
    energy_wh: int = 50
    # Of the latest sessions, so many after which the register had moved.
    moved_sessions: int = 3
    of_sessions: int = 5


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the output fails to switch."""
    return combining.either(
        state,
        reported=lambda kept: reported.check_code(CODE, snapshot, thresholds, kept),
        flowing=partial(_flowing, snapshot, thresholds),
        moved=partial(_moved, snapshot, thresholds),
    )


def _flowing(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Answer from readings outside of sessions.

    State: {"first": reading, "last": reading, "is_firing"}; a reading is {"at", "power_w",
    "current_a", "voltage_v", "energy_wh", "remarks"}.
    """
    memory: State = dict(state)
    ended_at, over = None, None
    for notice in sorted(snapshot.notices, key=lambda one: (one.occurred_at, one.id)):
        if notice.kind != readings.READING:
            continue
        if _is_flow(notice, snapshot):
            _hear(memory, _read(notice, snapshot), thresholds)
        elif memory:
            over = memory if memory.get("is_firing") and not state.get("is_firing") else None
            memory, ended_at = {}, _at(notice, snapshot)
    if memory.get("is_firing"):
        return _firing(memory, memory, thresholds)
    if over is not None and ended_at is not None:
        return _firing({}, over, thresholds, over_at=ended_at)
    if ended_at is not None:
        return Clear(state=memory, ended_at=ended_at)
    return CannotKnow(state=memory, reason="nothing_flows")


def _at(notice: Notice, snapshot: Snapshot) -> datetime:
    trusted = snapshot.is_clock_trusted
    return instants.happened_at(notice.occurred_at, notice.received_at, trusted=trusted)


def _is_flow(notice: Notice, snapshot: Snapshot) -> bool:
    is_late = instants.is_late(
        notice.occurred_at, notice.received_at, trusted=snapshot.is_clock_trusted
    )
    return (
        bool(readings.remarks_of(notice) & ODD)
        and not readings.is_in_session(notice)
        and not is_late
        and snapshot.status in OPEN
    )


def _read(notice: Notice, snapshot: Snapshot) -> State:
    shown = ("power_w", "current_a", "voltage_v", "energy_wh")
    said: dict[str, Any] = {name: notice.detail[name] for name in shown if name in notice.detail}
    words = sorted(readings.remarks_of(notice) & ODD)
    return {"at": _at(notice, snapshot).isoformat(), **said, "remarks": words}


def _hear(memory: State, reading: State, thresholds: Thresholds) -> None:
    at = datetime.fromisoformat(reading["at"])
    last = memory.get("last")
    is_old = last and at - datetime.fromisoformat(last["at"]) > thresholds.forgets
    if is_old and not memory.get("is_firing"):
        memory.clear()
    first = memory.setdefault("first", reading)
    memory["last"] = reading
    moved = (reading.get("energy_wh") or 0) - (first.get("energy_wh") or 0)
    is_told_twice = at - datetime.fromisoformat(first["at"]) >= thresholds.lasts
    has_register = "energy_wh" in reading and "energy_wh" in first
    if is_told_twice or (has_register and moved > thresholds.energy_wh):
        memory["is_firing"] = True


def _firing(
    kept: State, seen: State, thresholds: Thresholds, over_at: datetime | None = None
) -> Firing:
    return Firing(
        state=kept,
        evidence={
            "first": seen["first"],
            "last": seen["last"],
            "lasts_s": thresholds.lasts.total_seconds(),
            **({"ended_at": over_at.isoformat()} if over_at else {}),
        },
        began_at=datetime.fromisoformat(seen["first"]["at"]),
        seen_at=datetime.fromisoformat(seen["last"]["at"]),
        severity=SEVERITY,
        attribution="charger",
        is_over=over_at is not None,
        is_standing=over_at is None,
    )


def _moved(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Answer from the registers of sessions that follow each other.

    State: {"stop_wh", "newest_end", "rows": [[started, Wh moved before it]]}. One such step may
    be a session that never reached us, which is the meter rule's to say; several are a switch.
    """
    memory: State = dict(state)
    for session in series.fresh(snapshot, memory.get("newest_end", "")):
        _follow(memory, session, thresholds)
    if "newest_end" not in memory:
        return CannotKnow(state={}, reason="no_register_yet")
    rows = memory.get("rows", [])
    moved = [row for row in rows if row[1] > thresholds.energy_wh]
    if len(moved) < thresholds.moved_sessions:
        return Clear(state=memory, ended_at=datetime.fromisoformat(memory["newest_end"]))
    return Firing(
        state=memory,
        evidence={"register_moved_wh": rows, "energy_wh": thresholds.energy_wh},
        began_at=datetime.fromisoformat(moved[0][0]),
        seen_at=datetime.fromisoformat(moved[-1][0]),
        severity=UNSEEN,
        attribution="charger",
        is_standing=False,
        is_down=False,
    )


def _follow(memory: State, session: SessionOutcome, thresholds: Thresholds) -> None:
    start_wh, stop_wh = session.meter_start_wh, session.meter_stop_wh
    if start_wh is None or stop_wh is None:
        memory.pop("stop_wh", None)
        return
    before = memory.get("stop_wh")
    if before is not None and start_wh >= before:
        row = [session.started_at.isoformat(), start_wh - before]
        memory["rows"] = series.grown(memory.get("rows", ()), row, thresholds.of_sessions)
    memory |= {"stop_wh": stop_wh, "newest_end": session.ended_at.isoformat()}
