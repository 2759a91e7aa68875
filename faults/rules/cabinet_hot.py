"""F04: it is too hot inside the station: by its own word, or by the sensor in the cabinet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import readings, reported
from faults.rules.combining import either
from faults.rules.protocol import TOLD, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F04"
TITLE = "Over-temperature in the cabinet"
SEVERITY = 4
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "station"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"reading"}

INFORMATION = 5
# Beyond these a sensor is broken, or counts in other degrees than we think.
LOWEST_C, HIGHEST_C = -50.0, 130.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """How hot, and for how long; °C."""

    hot_c: float = 70.0
    hot_for: timedelta = timedelta(minutes=5)
    warm_c: float = 60.0
    cool_c: float = 55.0
    cool_for: timedelta = timedelta(minutes=30)
    # Readings come while it is used; when none comes for so long, the heat is gone with its cause.
    forgotten_after: timedelta = timedelta(hours=2)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the station reports heat, or its sensor shows it."""
    return either(
        state,
        reported=lambda kept: reported.check_code(CODE, snapshot, thresholds, kept),
        measured=lambda kept: _measured(snapshot, thresholds, kept),
    )


def _measured(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Follow the temperature from when it is warm until it was cool for long enough.

    State: {"warm_since", "hot_since", "cool_since", "seen_at", "highest", "last"}.
    """
    for notice, sample in readings.readings_of(snapshot.notices):
        if sample.body_c is not None and LOWEST_C <= sample.body_c <= HIGHEST_C:
            state = _followed(state, thresholds, notice.occurred_at, sample.body_c)
    if not state:
        return Clear(state={})
    seen_at = datetime.fromisoformat(state["seen_at"])
    ends_at = _ends_at(state, thresholds, seen_at)
    if snapshot.as_of >= ends_at:
        return Clear(state={}, ended_at=min(ends_at, snapshot.as_of))
    hot_since = str(state.get("hot_since", ""))
    is_hot = hot_since != "" and (
        state.get("was_hot") or seen_at - datetime.fromisoformat(hot_since) >= thresholds.hot_for
    )
    if is_hot:
        state = {**state, "was_hot": True}
    return Firing(
        state=state,
        evidence={
            "last_c": state["last"],
            "highest_c": state["highest"],
            "hot_from_c": thresholds.hot_c,
            "warm_from_c": thresholds.warm_c,
        },
        began_at=datetime.fromisoformat(hot_since if is_hot else state["warm_since"]),
        seen_at=seen_at,
        severity=SEVERITY if state.get("was_hot") else INFORMATION,
        attribution="charger",
        is_down=False,
        check_at=ends_at,
    )


def _followed(state: State, thresholds: Thresholds, at: datetime, celsius: float) -> State:
    stamp = at.isoformat()
    if not state and celsius < thresholds.warm_c:
        return state
    if state and stamp < state["seen_at"]:
        return {**state, "highest": max(state["highest"], celsius)}
    kept = {"warm_since": stamp, **state, "seen_at": stamp, "last": celsius}
    kept["highest"] = max(celsius, state.get("highest", celsius))
    if celsius >= thresholds.hot_c:
        kept.setdefault("hot_since", stamp)
    elif not state.get("was_hot"):
        kept.pop("hot_since", None)
    if celsius < thresholds.cool_c:
        kept.setdefault("cool_since", stamp)
    else:
        kept.pop("cool_since", None)
    return kept


def _ends_at(state: State, thresholds: Thresholds, seen_at: datetime) -> datetime:
    ends_at = seen_at + thresholds.forgotten_after
    if "cool_since" in state:
        cool_at = datetime.fromisoformat(state["cool_since"]) + thresholds.cool_for
        ends_at = min(ends_at, cool_at)
    return ends_at
