"""F23: a connector gives less power than it offers, to several vehicles, and its siblings do not.

A vehicle takes no more than it can: what it took elsewhere at the site, or here before, is its
own limit, and only vehicles that have shown one move the exponential mean of faults.md 8.5. What
strangers take says something too: that none of many took as much any more as was usual here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from faults.rules import series
from faults.rules.facts import Measures, SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State

CODE = "F23"
TITLE = "Power below offer"
SEVERITY = 4
SCOPE: Scope = "connector"
FAMILY = "power"
CAUSE = "station"
IS_IMPAIRING = False
WAKES = frozenset({"session"})
MOST_ROWS, RECENT = 60, 10
# Places in a remembered row; watts and share are None where nobody knows.
ENDED, WHO, RATIO, WATTS, SHARE = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How little is too little: engineering defaults.

    A connector that was always slow is compared with what it was itself: its vehicles are such.
    """

    low: float = 0.75
    very_low: float = 0.40
    weight: float = 0.2
    least_samples: int = 3
    least_sessions: int = 5
    least_vehicles: int = 3
    siblings_at_least: float = 0.85
    # How unlikely it must be that so many vehicles in a row are slow ones, by the sessions before.
    chance_of_run: float = 1e-6
    usual_sessions: int = 15
    # Two sessions this near to each other were given alike; beyond it, more was given.
    alike: float = 0.05
    well_from: float = 0.90
    clearing_sessions: int = 5


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether one connector has become slow.

    State: {"rows": [[ended, who, ratio, watts, share of the vehicle's own limit]], "mean" of the
    ratios, "ewma" and "count" of the shares, "ceiling", "is_firing", "began_at", "newest_end"}.
    """
    # rows of before there were shares mean something else: what they taught is forgotten
    memory: State = dict(state) if "mean" in state else {}
    others = {
        number: one
        for number, one in snapshot.neighbours.get(CODE, {}).items()
        if number != snapshot.subject
    }
    for session, found in series.fresh_measured(snapshot, memory.get("newest_end", "")):
        if is_telling(found, thresholds):
            _count(memory, session, found, others.values(), thresholds)
    if not memory.get("newest_end"):
        return CannotKnow(state={}, reason="no_power_ratio_yet")
    siblings = siblings_median(others, snapshot.subject, thresholds)
    if memory.get("is_firing") and _is_well(memory, thresholds):
        for name in ("is_firing", "began_at", "ceiling"):
            memory.pop(name, None)
        shares = [_share(row) for row in memory["rows"][-thresholds.clearing_sessions :]]
        memory["ewma"] = median(shares)
        return Clear(state=memory, ended_at=_newest(memory))
    if memory.get("is_firing"):
        return _firing(memory, thresholds, siblings)
    return _judged(memory, thresholds, siblings, others.values())


def _judged(
    memory: State, thresholds: Thresholds, siblings: float | None, others: Iterable[State]
) -> Result:
    rows = memory["rows"]
    if len(rows) < thresholds.least_sessions:
        return CannotKnow(state=memory, reason="learning")
    recent = rows[-RECENT:]
    slow = [row for row in recent if row[SHARE] is not None and row[SHARE] < thresholds.low]
    is_known = (
        memory["count"] >= thresholds.least_sessions
        and memory["ewma"] < thresholds.low
        and len({row[WHO] for row in slow}) >= thresholds.least_vehicles
    )
    run = slow_run(rows, thresholds) if memory["mean"] < thresholds.low else []
    if not is_known and not run:
        is_low = memory["mean"] < thresholds.low and _is_many(rows, thresholds)
        if is_low and memory["count"] < thresholds.least_sessions:
            return CannotKnow(state=memory, reason="vehicles_or_site")
        return Clear(state=memory, ended_at=_newest(memory))
    is_site = siblings is not None and siblings < thresholds.siblings_at_least
    if is_site or any(slow_run(one.get("rows", ()), thresholds) for one in others):
        return CannotKnow(state=memory, reason="vehicles_or_site")
    memory |= {"is_firing": True, "began_at": (run or slow)[0][ENDED]}
    if run:
        memory["ceiling"] = max(row[RATIO] for row in run)
    return _firing(memory, thresholds, siblings)


def is_telling(found: Measures, thresholds: Thresholds) -> bool:
    """Return whether a session says anything about power."""
    if found.power_ratio is None or found.power_ratio_samples < thresholds.least_samples:
        return False
    return found.is_ratio_of_offer or not found.was_limited


def siblings_median(
    states: Mapping[int, State], subject: int | None, thresholds: Thresholds
) -> float | None:
    """Return what the other connectors of the site give; None where too few are known."""
    known = [
        state["ewma"]
        for connector_id, state in states.items()
        if connector_id != subject and state.get("count", 0) >= thresholds.least_sessions
    ]
    return median(known) if known else None


def slow_run(rows: Sequence[series.Row], thresholds: Thresholds) -> list[series.Row]:
    """Return the sessions at the end among which nobody took what was usual; empty if by chance.

    The chance is that every vehicle of the run is one of those that never took more.
    """
    vehicles: set[str] = set()
    ceiling, found = 0.0, []
    for first in range(len(rows) - 1, thresholds.usual_sessions - 1, -1):
        vehicles.add(rows[first][WHO])
        ceiling = max(ceiling, rows[first][RATIO])
        if len(vehicles) < thresholds.least_vehicles:
            continue
        before = [row[RATIO] for row in rows[:first]]
        slower = sum(one <= ceiling * (1 + thresholds.alike) for one in before)
        chance = ((slower + 1) / (len(before) + 2)) ** len(vehicles)
        if chance < thresholds.chance_of_run:
            found = list(rows[first:])
    return found


def _count(
    memory: State,
    session: SessionOutcome,
    found: Measures,
    others: Iterable[State],
    thresholds: Thresholds,
) -> None:
    ratio = min(found.power_ratio or 0.0, 1.2)
    who, rows = series.who(session), memory.get("rows", [])
    watts = found.hungry_w
    share = None
    if watts is not None and ratio > 0:
        beside = (row for one in others if "mean" in one for row in one["rows"])
        could = own_limit(who, [*rows, *beside])
        share = None if could is None else min(watts / min(could, watts / ratio), 1.2)
    ended = session.ended_at.isoformat()
    row = [ended, who, round(ratio, 3), watts, None if share is None else round(share, 3)]
    memory["rows"] = series.grown(rows, row, MOST_ROWS)
    memory["mean"] = _moved(memory.get("mean"), ratio, thresholds)
    memory.setdefault("count", 0)
    if share is not None:
        memory["ewma"] = _moved(memory.get("ewma"), share, thresholds)
        memory["count"] += 1
    memory["newest_end"] = ended


def own_limit(who: str, rows: Iterable[series.Row]) -> int | None:
    """Return the most a vehicle took in a session of those remembered, W; None of a stranger."""
    return max((row[WATTS] for row in rows if row[WHO] == who and row[WATTS]), default=None)


def _moved(before: float | None, value: float, thresholds: Thresholds) -> float:
    return value if before is None else before + thresholds.weight * (value - before)


def _is_many(rows: list[series.Row], thresholds: Thresholds) -> bool:
    """Return whether several vehicles were given little, be it by their own choice."""
    low = {row[WHO] for row in rows[-RECENT:] if row[RATIO] < thresholds.low}
    return len(low) >= thresholds.least_vehicles


def _share(row: series.Row) -> float:
    return float(row[RATIO] if row[SHARE] is None else row[SHARE])


def _is_well(memory: State, thresholds: Thresholds) -> bool:
    """Return whether power is back: known vehicles take theirs, or strangers more than in the run.

    Five sessions count from the first that went beyond the run, and most of them must go there.
    """
    after = [row for row in memory["rows"] if row[ENDED] > memory["began_at"]]
    latest = after[-thresholds.clearing_sessions :]
    if len(latest) < thresholds.clearing_sessions:
        return False
    ceiling = memory.get("ceiling")
    if ceiling is not None:
        beyond = [row for row in latest if row[RATIO] > ceiling * (1 + thresholds.alike)]
        low = [row for row in latest if row[SHARE] is not None and row[SHARE] < thresholds.low]
        return beyond[:1] == latest[:1] and len(beyond) >= thresholds.least_vehicles and not low
    known = [row[SHARE] for row in memory["rows"] if row[SHARE] is not None]
    newest = known[-thresholds.clearing_sessions :]
    return bool(median(newest) >= thresholds.well_from and min(newest) >= thresholds.low)


def _newest(memory: State) -> datetime:
    return datetime.fromisoformat(memory["newest_end"])


def _firing(memory: State, thresholds: Thresholds, siblings: float | None) -> Firing:
    since = [row for row in memory["rows"] if row[ENDED] >= memory["began_at"]]
    low = [row for row in since if _share(row) < thresholds.low]
    before = [row[RATIO] for row in memory["rows"] if row[ENDED] < memory["began_at"]]
    given = memory.get("ewma")
    if given is None:
        given = memory["mean"] / max(median(before), thresholds.low) if before else memory["mean"]
    return Firing(
        state=memory,
        evidence={
            "power_ratio": [[row[ENDED], row[RATIO]] for row in memory["rows"]],
            "of_own_limit": [
                [row[ENDED], row[SHARE]] for row in memory["rows"] if row[SHARE] is not None
            ],
            "ewma": round(given, 3),
            "low": thresholds.low,
            "ceiling": memory.get("ceiling"),
            "siblings": None if siblings is None else round(siblings, 3),
            "vehicles": len({row[WHO] for row in low}),
        },
        began_at=datetime.fromisoformat(memory["began_at"]),
        seen_at=datetime.fromisoformat(low[-1][ENDED] if low else memory["began_at"]),
        severity=3 if given < thresholds.very_low else SEVERITY,
        attribution="charger",
        is_standing=False,
        is_down=False,
    )
