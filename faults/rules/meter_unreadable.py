"""F33: the meter cannot be read: it is told, or sessions come without a register."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import reported
from faults.rules.combining import either
from faults.rules.facts import SessionOutcome
from faults.rules.protocol import (
    ALWAYS,
    CannotKnow,
    Clear,
    Firing,
    Result,
    Scope,
    Snapshot,
    State,
    Wake,
)

CODE = "F33"
TITLE = "Meter unreadable"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "meter"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """After how long a session that draws power must have shown its register."""

    register_within: timedelta = timedelta(minutes=15)
    least_power_w: int = 500
    least_samples: int = 3


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports it, or charges without a register."""

    def told(kept: State) -> Result:
        return reported.check_code(CODE, snapshot, thresholds, kept)

    if snapshot.subject is None:
        return told(state)
    return either(
        state,
        reported=told,
        registers=lambda kept: _silent(snapshot, thresholds, kept),
    )


def _silent(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """State: {"since", "session"} of what went on without a register."""
    ended_at = None
    for session in sorted(snapshot.sessions, key=lambda one: (one.ended_at, one.id)):
        if _lacks(session, thresholds):
            state = {"since": session.started_at.isoformat(), **state, "session": session.id}
        elif _has_register(session):
            state, ended_at = {}, session.ended_at
    now = snapshot.open_sessions.get(snapshot.subject or 0)
    check_at = None
    if (
        now is not None
        and now.energy_wh is None
        and (now.power_w or 0) >= thresholds.least_power_w
    ):
        check_at = now.started_at + thresholds.register_within
        if snapshot.as_of >= check_at and now.last_meter_at is not None:
            state, check_at = {"since": check_at.isoformat(), **state, "session": now.id}, None
    if not state:
        if ended_at is None and not snapshot.sessions:
            return CannotKnow(state={}, reason="no_session", check_at=check_at)
        return Clear(state={}, ended_at=ended_at, check_at=check_at)
    since = datetime.fromisoformat(state["since"])
    return Firing(
        state=state,
        evidence={"session": state["session"], "register": "never_said"},
        began_at=since,
        seen_at=max(since, min(snapshot.as_of, since + thresholds.register_within)),
        severity=SEVERITY,
        attribution="charger",
        is_down=False,
        is_standing=False,
    )


def _lacks(session: SessionOutcome, thresholds: Thresholds) -> bool:
    """Return whether samples came, with power in them, and none of them was a register."""
    measures = session.measures
    if measures is None or measures.samples < thresholds.least_samples:
        return False
    has_power = (measures.integral_wh or 0) > 0
    return has_power and measures.register_wh is None and session.meter_stop_wh is None


def _has_register(session: SessionOutcome) -> bool:
    measures = session.measures
    return session.meter_stop_wh is not None or (
        measures is not None and measures.register_wh is not None
    )
