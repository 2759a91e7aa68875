"""F23: a connector gives less power than it offers, to several vehicles, and its siblings do not.

Exponential mean over the sessions' own median ratios; only moments in which a battery takes what
it is given count (`faults.rules.measuring`).
"""

from collections.abc import Mapping
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
    # Its own beginning: so many sessions, below which share of them it has become slow.
    usual_sessions: int = 15
    share_of_usual: float = 0.80
    well_from: float = 0.90
    clearing_sessions: int = 5


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether one connector has become slow.

    State: {"rows": [[ended, who, ratio, of_offer]], "ewma", "count", "first": [ratio],
    "is_firing", "began_at", "newest_end"}.
    """
    memory: State = dict(state)
    for session, found in series.fresh_measured(snapshot, memory.get("newest_end", "")):
        if is_telling(found, thresholds):
            _count(memory, session, found, thresholds)
    if not memory.get("newest_end"):
        return CannotKnow(state={}, reason="no_power_ratio_yet")
    siblings = siblings_median(snapshot.neighbours.get(CODE, {}), snapshot.subject, thresholds)
    if memory.get("is_firing") and _is_well(memory, thresholds):
        memory.pop("is_firing")
        memory.pop("began_at")
        memory["ewma"] = median(row[2] for row in memory["rows"][-thresholds.clearing_sessions :])
        return Clear(state=memory, ended_at=_newest(memory))
    if memory.get("is_firing"):
        return _firing(memory, thresholds, siblings)
    return _judged(memory, thresholds, siblings)


def _judged(memory: State, thresholds: Thresholds, siblings: float | None) -> Result:
    if memory["count"] < thresholds.least_sessions:
        return CannotKnow(state=memory, reason="learning")
    if memory["ewma"] >= thresholds.low or not _is_many(memory, thresholds):
        return Clear(state=memory, ended_at=_newest(memory))
    if not _is_its_own(memory, siblings, thresholds):
        return CannotKnow(state=memory, reason="vehicles_or_site")
    low = [row for row in memory["rows"][-RECENT:] if row[2] < thresholds.low]
    memory |= {"is_firing": True, "began_at": low[0][0]}
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


def _count(
    memory: State, session: SessionOutcome, found: Measures, thresholds: Thresholds
) -> None:
    ratio = min(found.power_ratio or 0.0, 1.2)
    row = [session.ended_at.isoformat(), series.who(session), round(ratio, 3)]
    row.append(found.is_ratio_of_offer)
    memory["rows"] = series.grown(memory.get("rows", ()), row, MOST_ROWS)
    before = memory.get("ewma", ratio)
    memory["ewma"] = before + thresholds.weight * (ratio - before)
    memory["count"] = memory.get("count", 0) + 1
    memory["newest_end"] = row[0]
    first = memory.get("first", [])
    if len(first) < thresholds.usual_sessions:
        memory["first"] = [*first, round(ratio, 3)]


def _is_many(memory: State, thresholds: Thresholds) -> bool:
    """Return whether enough vehicles were given too little."""
    low = [row for row in memory["rows"][-RECENT:] if row[2] < thresholds.low]
    return len({row[1] for row in low}) >= thresholds.least_vehicles


def _is_its_own(memory: State, siblings: float | None, thresholds: Thresholds) -> bool:
    """Return whether the connector is slow, rather than its vehicles or its site."""
    if siblings is not None and siblings >= thresholds.siblings_at_least:
        return True
    first = memory.get("first", ())
    is_usual_known = len(first) >= thresholds.usual_sessions
    has_sunk = is_usual_known and memory["ewma"] < thresholds.share_of_usual * median(first)
    if siblings is not None:
        # slow siblings say that it may be the site, unless this one sank below them
        return bool(has_sunk and memory["ewma"] < thresholds.share_of_usual * siblings)
    if has_sunk:
        return True
    is_told = all(row[3] for row in memory["rows"][-RECENT:])
    return is_told and not is_usual_known


def _is_well(memory: State, thresholds: Thresholds) -> bool:
    latest = [row[2] for row in memory["rows"][-thresholds.clearing_sessions :]]
    first = memory.get("first", ())
    usual = median(first) if len(first) >= thresholds.usual_sessions else 1.0
    is_usual = median(latest) >= thresholds.well_from * min(1.0, usual)
    return bool(is_usual and min(latest) >= thresholds.low)


def _newest(memory: State) -> datetime:
    return datetime.fromisoformat(memory["newest_end"])


def _firing(memory: State, thresholds: Thresholds, siblings: float | None) -> Firing:
    low = [row[0] for row in memory["rows"] if row[2] < thresholds.low]
    is_very = memory["ewma"] < thresholds.very_low
    return Firing(
        state=memory,
        evidence={
            "power_ratio": [[row[0], row[2]] for row in memory["rows"]],
            "ewma": round(memory["ewma"], 3),
            "low": thresholds.low,
            "siblings": None if siblings is None else round(siblings, 3),
            "vehicles": len(
                {row[1] for row in memory["rows"][-RECENT:] if row[2] < thresholds.low}
            ),
        },
        began_at=datetime.fromisoformat(memory["began_at"]),
        seen_at=datetime.fromisoformat(low[-1] if low else memory["began_at"]),
        severity=3 if is_very else SEVERITY,
        attribution="charger",
        is_standing=False,
        is_down=False,
    )
