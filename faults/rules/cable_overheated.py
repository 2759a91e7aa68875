"""F21: cable or connector is so hot, or warms so fast, that charging must stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from faults.rules import combining, heat_watch, reported, series
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

CODE = "F21"
TITLE = "Cable or connector overheated"
SEVERITY = 1
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"event", "reading", "session"}
# What else was measured changes with new facts only.
WAITING = frozenset({"reported", "since", "doubt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once, and so does a temperature; a person must look before it is over.

    90 °C: the limit of contacts of IEC 62196 plugs. 5 K a minute is more than a sound plug warms
    at any current it is made for, once it is above 45 °C.
    """

    overheated_c: float = 90.0
    rise_k_per_minute: float = 5.0
    # Less than this is the step of a sensor, sooner is its noise, later says little of the rate.
    least_rise_k: float = 6.0
    least_apart: timedelta = timedelta(seconds=45)
    most_apart: timedelta = timedelta(minutes=5)
    rise_from_c: float = 60.0
    cool_c: float = 60.0
    # What broken sensors say, when nothing led up to it: a second reading is awaited so long.
    doubted_from_c: float = 120.0
    doubted_for: timedelta = timedelta(seconds=60)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the cable is so hot that charging must stop."""
    return combining.either(
        state,
        reported=lambda kept: reported.check_code(
            CODE, snapshot, thresholds, kept, attribution="cable"
        ),
        measured=partial(_measured, snapshot, thresholds),
    )


def _measured(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Answer from temperatures.

    State: {"readings": [[at, °C]], "coolest", "doubt", and while hot "since", "seen_at", "peak_c",
    "why"}.
    """
    memory = heat_watch.taken_in(snapshot, state)
    over: State | None = None
    ended_at = None
    for one in heat_watch.warmths(snapshot, memory):
        was = dict(memory)
        _hear(memory, one, thresholds)
        if "since" in was and "since" not in memory:
            ended_at = one.at
            over = was if "since" not in state and not one.is_late else None
    _believe_in_time(memory, snapshot.as_of, thresholds)
    if "since" in memory:
        return _firing(memory, memory, thresholds)
    if over is not None and ended_at is not None:
        return _firing(memory, over, thresholds, over_at=ended_at)
    if "doubt" in memory:
        soon = datetime.fromisoformat(memory["doubt"][0]) + thresholds.doubted_for
        return CannotKnow(state=memory, reason="sensor_doubted", check_at=soon)
    if ended_at is None:
        return CannotKnow(state=memory, reason="cool")
    return Clear(state=memory, ended_at=ended_at)


def _hear(memory: State, one: heat_watch.Warmth, thresholds: Thresholds) -> None:
    at, celsius = one.at.isoformat(), round(one.celsius, 1)
    before = memory.get("readings", [])
    memory["readings"] = [*before, [at, celsius]][-30:]
    doubt = memory.pop("doubt", None)
    if celsius < thresholds.cool_c:
        for name in ("since", "seen_at", "peak_c", "why"):
            memory.pop(name, None)
        return
    why = _reason(before, one, thresholds)
    if why == "doubted" and doubt is None:
        memory["doubt"] = [at, celsius]
        return
    if why:
        _set_hot(memory, doubt or [at, celsius], [at, celsius], why)
    elif "since" in memory:
        memory["peak_c"] = max(memory["peak_c"], celsius)


def _set_hot(memory: State, first: series.Row, last: series.Row, why: str) -> None:
    memory.setdefault("since", first[0])
    memory.setdefault("why", "temperature" if why == "doubted" else why)
    memory["seen_at"] = last[0]
    memory["peak_c"] = max(first[1], last[1], memory.get("peak_c", last[1]))


def _reason(before: list[series.Row], one: heat_watch.Warmth, thresholds: Thresholds) -> str:
    """Return why a reading is too much, empty where it is not."""
    near = [
        row for row in before if one.at - datetime.fromisoformat(row[0]) <= thresholds.most_apart
    ]
    if one.celsius > thresholds.overheated_c:
        is_sudden = one.celsius >= thresholds.doubted_from_c and not any(
            row[1] >= thresholds.cool_c for row in near
        )
        return "doubted" if is_sudden else "temperature"
    if one.celsius < thresholds.rise_from_c:
        return ""
    for row in near:
        apart = one.at - datetime.fromisoformat(row[0])
        rise = one.celsius - row[1]
        if apart < thresholds.least_apart or rise < thresholds.least_rise_k:
            continue
        if rise > thresholds.rise_k_per_minute * apart / timedelta(minutes=1):
            return "rise"
    return ""


def _believe_in_time(memory: State, as_of: datetime, thresholds: Thresholds) -> None:
    """Believe a doubted reading that nothing has contradicted: where safety is at stake, yes."""
    doubt = memory.get("doubt")
    if doubt and as_of >= datetime.fromisoformat(doubt[0]) + thresholds.doubted_for:
        _set_hot(memory, doubt, doubt, "temperature")
        memory.pop("doubt")


def _firing(
    memory: State, hot: State, thresholds: Thresholds, over_at: datetime | None = None
) -> Firing:
    return Firing(
        state=memory,
        evidence={
            "temperature_c": memory["readings"],
            "peak_c": hot["peak_c"],
            "why": hot["why"],
            "overheated_c": thresholds.overheated_c,
            "rise_k_per_minute": thresholds.rise_k_per_minute,
            **({"ended_at": over_at.isoformat()} if over_at else {}),
        },
        began_at=datetime.fromisoformat(hot["since"]),
        seen_at=over_at or datetime.fromisoformat(hot["seen_at"]),
        severity=SEVERITY,
        attribution="cable",
        is_over=over_at is not None,
        is_standing=over_at is None,
    )
