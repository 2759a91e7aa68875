"""F20: cable or connector is too hot for full power: the station says so, or its sensor does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from faults.rules import combining, heat_watch, reported
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

CODE = "F20"
TITLE = "Cable or connector hot"
SEVERITY = 4
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"event", "reading", "session"}
# What else was measured changes with new facts only.
WAITING = frozenset({"reported", "since"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once, a temperature once readings show that it lasted.

    80 °C and 60 °C: plugs are rated for 90 °C at the contacts.
    """

    hot_c: float = 80.0
    cool_c: float = 60.0
    lasts: timedelta = timedelta(minutes=2)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the cable is too hot for full power."""
    return combining.either(
        state,
        reported=lambda kept: reported.check_code(
            CODE, snapshot, thresholds, kept, attribution="cable"
        ),
        measured=partial(_measured, snapshot, thresholds),
    )


def _measured(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Answer from temperatures.

    State: {"since", "seen_at", "peak_c", "is_firing", "coolest", "readings": [[at, °C]]}.
    """
    memory = heat_watch.taken_in(snapshot, state)
    ended_at = None
    for one in heat_watch.warmths(snapshot, memory):
        ended_at = _hear(memory, one, thresholds) or ended_at
    cooled_at = heat_watch.cooled_at(snapshot, thresholds.cool_c)
    if cooled_at is not None and cooled_at.isoformat() > memory.get("seen_at", "~"):
        ended_at = cooled_at
        _forget(memory)
    if memory.get("is_firing"):
        return _firing(memory, thresholds)
    if "since" in memory or ended_at is None:
        return CannotKnow(state=memory, reason="not_hot_for_long" if "since" in memory else "cool")
    return Clear(state=memory, ended_at=ended_at)


def _hear(memory: State, one: heat_watch.Warmth, thresholds: Thresholds) -> datetime | None:
    """Take one reading in; return when it was cool again, if it is."""
    at, celsius = one.at.isoformat(), round(one.celsius, 1)
    limit = thresholds.cool_c if memory.get("is_firing") else thresholds.hot_c
    if celsius < limit:
        was_hot = "since" in memory
        _forget(memory)
        return one.at if was_hot or celsius < thresholds.cool_c else None
    if celsius >= thresholds.hot_c:
        memory["seen_at"] = at
    memory.setdefault("since", at)
    memory["peak_c"] = max(celsius, memory.get("peak_c", celsius))
    memory["readings"] = [*memory.get("readings", ()), [at, celsius]][-30:]
    if one.at - datetime.fromisoformat(memory["since"]) >= thresholds.lasts:
        memory["is_firing"] = True
    return None


def _forget(memory: State) -> None:
    for name in ("since", "seen_at", "peak_c", "readings", "is_firing"):
        memory.pop(name, None)


def _firing(memory: State, thresholds: Thresholds) -> Firing:
    return Firing(
        state=memory,
        evidence={
            "temperature_c": memory["readings"],
            "peak_c": memory["peak_c"],
            "hot_c": thresholds.hot_c,
        },
        began_at=datetime.fromisoformat(memory["since"]),
        seen_at=datetime.fromisoformat(memory["seen_at"]),
        severity=SEVERITY,
        attribution="cable",
        is_down=False,
    )
