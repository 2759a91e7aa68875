"""F31: too much current, or too high or too low a voltage: said by the station, or measured."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from faults.rules import combining, instants, readings, reported, series
from faults.rules.facts import Sample
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

CODE = "F31"
TITLE = "Over-current, over- or under-voltage"
SEVERITY = 3
SCOPE: Scope = "connector"
SCOPES: tuple[Scope, ...] = ("connector", "station")
FAMILY = "power"
CAUSE = "station"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = TOLD | {"reading"}
MOST_READINGS = 40
MAINS_V, LINE_V = (60.0, 300.0), 360.0
SQRT_3 = 3**0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(reported.Thresholds):
    """A report counts at once, a measured voltage once it has lasted.

    EN 50160: 230 V ± 10 % as ten-minute means; 264.5 V is what appliances need not survive.
    """

    lowest_v: float = 207.0
    highest_v: float = 253.0
    dangerous_v: float = 264.5
    lasts: timedelta = timedelta(minutes=10)
    well_for: timedelta = timedelta(minutes=30)
    # Readings further apart than this do not tell what was between them.
    apart: timedelta = timedelta(minutes=16)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether current or voltage is wrong."""
    return combining.either(
        state,
        reported=lambda kept: reported.check_code(CODE, snapshot, thresholds, kept),
        measured=partial(_measured, snapshot, thresholds),
    )


def phase_voltages(sample: Sample) -> list[float]:
    """Return the voltages between phase and neutral that a sample tells, V."""
    said = [one for one in sample.phases_v if one is not None]
    if not said and sample.voltage_v is not None:
        said = [sample.voltage_v]
    return [
        volts / SQRT_3 if volts >= LINE_V else volts
        for volts in said
        if MAINS_V[0] <= volts <= MAINS_V[1] or volts >= LINE_V
    ]


def _measured(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Answer from measured voltages of alternating current.

    State: {"since", "seen_at", "worst_v", "well_since", "is_firing", "readings": [[at, V]]}.
    """
    memory: State = dict(state)
    if snapshot.card.is_dc:
        return CannotKnow(state={}, reason="direct_current")
    ended_at = _hear_all(memory, snapshot, thresholds)
    if memory.get("is_firing"):
        return _firing(memory, snapshot, thresholds)
    if ended_at is not None:
        return Clear(state=memory, ended_at=ended_at)
    return CannotKnow(state=memory, reason="voltage_usual")


def _hear_all(memory: State, snapshot: Snapshot, thresholds: Thresholds) -> datetime | None:
    ended_at = None
    for notice, sample in readings.readings_of(snapshot.notices):
        volts = phase_voltages(sample)
        if volts:
            at = instants.happened_at(
                notice.occurred_at, notice.received_at, trusted=snapshot.is_clock_trusted
            )
            worst = max(volts, key=lambda one: abs(one - 230.0))
            ended_at = _hear(memory, at, worst, thresholds) or ended_at
    for session, found in series.fresh_measured(snapshot, ""):
        low, high = found.lowest_v, found.highest_v
        is_long = session.ended_at - session.started_at >= thresholds.lasts
        is_within = low is not None and high is not None and _is_within(low, high, thresholds)
        if is_long and is_within and session.started_at.isoformat() > memory.get("seen_at", "~"):
            memory.clear()
            ended_at = session.ended_at
    return ended_at


def _is_within(low: float, high: float, thresholds: Thresholds) -> bool:
    return low >= thresholds.lowest_v and high <= thresholds.highest_v


def _hear(memory: State, at: datetime, volts: float, thresholds: Thresholds) -> datetime | None:
    """Take one voltage in; return since when all is well, if it has been for long."""
    now = at.isoformat()
    last = memory.get("readings")
    is_apart = last and at - datetime.fromisoformat(last[-1][0]) > thresholds.apart
    if is_apart and not memory.get("is_firing"):
        memory.clear()
    if _is_within(volts, volts, thresholds):
        return _hear_well(memory, at, thresholds)
    memory.pop("well_since", None)
    memory.setdefault("since", now)
    memory["seen_at"] = now
    memory["worst_v"] = max(volts, memory.get("worst_v", volts), key=lambda one: abs(one - 230.0))
    row = [now, round(volts, 1)]
    memory["readings"] = series.grown(memory.get("readings", ()), row, MOST_READINGS)
    if at - datetime.fromisoformat(memory["since"]) >= thresholds.lasts:
        memory["is_firing"] = True
    return None


def _hear_well(memory: State, at: datetime, thresholds: Thresholds) -> datetime | None:
    if not memory.get("is_firing"):
        was_odd = bool(memory)
        memory.clear()
        return at if was_odd else None
    well_since = datetime.fromisoformat(memory.setdefault("well_since", at.isoformat()))
    if at - well_since < thresholds.well_for:
        return None
    memory.clear()
    return well_since


def _firing(memory: State, snapshot: Snapshot, thresholds: Thresholds) -> Result:
    """Return the fault, or leave it to the one neighbour that speaks for the whole supply."""
    others = sorted(
        connector_id
        for connector_id, state in snapshot.neighbours.get(CODE, {}).items()
        if connector_id != snapshot.subject and state.get("measured", {}).get("is_firing")
    )
    is_open = CODE in snapshot.open_codes.get(snapshot.subject, frozenset())
    if others and others[0] < (snapshot.subject or 0) and not is_open:
        return CannotKnow(state=memory, reason="whole_supply")
    is_dangerous = memory["worst_v"] >= thresholds.dangerous_v
    return Firing(
        state=memory,
        evidence={
            "voltage_v": memory["readings"],
            "worst_v": round(memory["worst_v"], 1),
            "lowest_v": thresholds.lowest_v,
            "highest_v": thresholds.highest_v,
            "others": others,
        },
        began_at=datetime.fromisoformat(memory["since"]),
        seen_at=datetime.fromisoformat(memory["seen_at"]),
        severity=1 if is_dangerous else SEVERITY,
        attribution="grid",
        is_down=is_dangerous,
    )
