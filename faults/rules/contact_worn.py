"""F22: the contacts of a cable wear: they warm more than they did for the same current.

A cumulative sum over ln θ of each session against the cable's own first sessions. It hears a
contact that is half as bad again within five sessions, long before the plug is hot; a new cable
starts anew. Two sensors of one plug that differ at high current say the same at once.
"""

from dataclasses import dataclass
from datetime import datetime
from math import exp, log, sqrt
from statistics import median

from faults.rules import series
from faults.rules.facts import Measures, SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State

CODE = "F22"
TITLE = "Contact resistance rising"
SEVERITY = 4
SCOPE: Scope = "connector"
FAMILY = "cable"
CAUSE = "cable"
IS_IMPAIRING = False
WAKES = frozenset({"session"})

SHOWN = 60
CLIP = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How far above its own beginning a contact may rise.

    0.75 and 10 over 60 sessions: one false ticket in some 50,000 simulated sessions, a step of
    one half found in five; a shorter baseline is trusted less by as much as its median wavers.
    15 K between two contacts: engineering default.
    """

    slack: float = 0.75
    warn_above: float = 6.0
    fire_above: float = 10.0
    baseline_sessions: int = 60
    least_sessions: int = 20
    # Sensors show whole degrees, weather changes: less than this is never a scatter.
    least_spread: float = 0.10
    pair_gap_k: float = 15.0
    # Twice the resistance is no longer wear: the connector is on its way to fail.
    worse_from: float = 2.0
    worse_sessions: int = 5
    clearing_sessions: int = 8
    clearing_z: float = 1.0


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the contacts of the fitted cable have worn.

    State: {"cable_id", "cable_since", "base": [ln θ], "rows": [[ended, θ, z, °C]], "score",
    "rising_since", "bad_at", "gap": [ended, K], "is_firing", "newest_end"}.
    """
    was_same = series.is_same_plug(snapshot, state)
    memory: State = dict(state) if was_same else {}
    for session, found in series.fresh_measured(snapshot, memory.get("newest_end", "")):
        _count(memory, session, found, thresholds)
    if not memory.get("newest_end"):
        if not was_same:
            return Clear(state={}, ended_at=snapshot.card.cable_since)
        return CannotKnow(state={}, reason="no_temperature_yet")
    memory |= series.plug_of(snapshot)
    if memory.get("is_firing"):
        return _firing(memory, thresholds)
    if len(memory.get("base", ())) < thresholds.least_sessions:
        if was_same:
            return CannotKnow(state=memory, reason="learning")
        return Clear(state=memory, ended_at=snapshot.card.cable_since)
    return Clear(state=memory, ended_at=_newest(memory))


def _count(
    memory: State, session: SessionOutcome, found: Measures, thresholds: Thresholds
) -> None:
    ended = session.ended_at.isoformat()
    if found.pair_gap_k is not None:
        _hear_gap(memory, ended, found.pair_gap_k, thresholds)
    if found.theta is None or found.theta <= 0:
        return
    memory["newest_end"] = ended
    base = memory.get("base", [])
    value = log(found.theta)
    z = _z(value, base, thresholds)
    row = [ended, found.theta, None if z is None else round(z, 2), found.hottest_c]
    memory["rows"] = series.grown(memory.get("rows", ()), row, SHOWN)
    score = memory.get("score", 0.0)
    is_learning = len(base) < thresholds.baseline_sessions
    if is_learning and score <= thresholds.warn_above and not memory.get("is_firing"):
        memory["base"] = [*base, round(value, 5)]
    if z is not None:
        _add(memory, ended, z, thresholds)


def _z(value: float, base: list[float], thresholds: Thresholds) -> float | None:
    """Return how far a session lies above the baseline, in its scatter."""
    if len(base) < thresholds.least_sessions:
        return None
    middle, scatter = series.spread(base)
    scatter = max(scatter, thresholds.least_spread)
    # a short baseline may itself lie low by chance: its own doubt is taken off, until it is whole
    doubt = 1 / sqrt(len(base)) - 1 / sqrt(thresholds.baseline_sessions)
    z = (value - middle) / scatter - 2.5 * max(0.0, doubt)
    return max(-CLIP, min(CLIP, z))


def _add(memory: State, ended: str, z: float, thresholds: Thresholds) -> None:
    before = memory.get("score", 0.0)
    score = min(max(0.0, before + z - thresholds.slack), 2 * thresholds.fire_above)
    memory["score"] = round(score, 3)
    if score == 0.0:
        memory.pop("rising_since", None)
    elif before == 0.0:
        memory["rising_since"] = ended
    if z > thresholds.slack:
        memory["bad_at"] = ended
    if score > thresholds.fire_above:
        memory["is_firing"] = True
    elif memory.get("is_firing") and (score == 0.0 or _is_well_again(memory, thresholds)):
        for name in ("is_firing", "gap", "rising_since", "bad_at"):
            memory.pop(name, None)
        memory["score"] = 0.0


def _is_well_again(memory: State, thresholds: Thresholds) -> bool:
    latest = [row[2] for row in memory["rows"][-thresholds.clearing_sessions :]]
    return len(latest) == thresholds.clearing_sessions and all(
        z is not None and z < thresholds.clearing_z for z in latest
    )


def _hear_gap(memory: State, ended: str, gap_k: float, thresholds: Thresholds) -> None:
    memory["newest_end"] = ended
    if gap_k > thresholds.pair_gap_k:
        memory.setdefault("rising_since", ended)
        memory |= {"gap": [ended, round(gap_k, 1)], "is_firing": True, "bad_at": ended}
    elif memory.get("gap") and memory.get("score", 0.0) <= thresholds.warn_above:
        memory.pop("gap")
        memory.pop("is_firing", None)


def times_baseline(memory: State, sessions: int) -> float | None:
    """Return the newest sessions' θ over the baseline's; None while it is learnt."""
    base, rows = memory.get("base", ()), memory.get("rows", ())
    if not base or len(rows) < sessions:
        return None
    return float(median(row[1] for row in rows[-sessions:])) / exp(median(base))


def _newest(memory: State) -> datetime:
    return datetime.fromisoformat(memory["newest_end"])


def _firing(memory: State, thresholds: Thresholds) -> Firing:
    times = times_baseline(memory, thresholds.worse_sessions)
    is_worse = times is not None and times >= thresholds.worse_from
    base = memory.get("base", ())
    bad_at = str(memory.get("bad_at", memory["newest_end"]))
    since = str(memory.get("rising_since", bad_at))
    return Firing(
        state=memory,
        evidence={
            "theta": [row[:2] for row in memory.get("rows", ())],
            "baseline_theta": exp(median(base)) if base else None,
            "baseline_sessions": len(base),
            "times_baseline": None if times is None else round(times, 2),
            "score": memory.get("score", 0.0),
            "fire_above": thresholds.fire_above,
            "pair_gap_k": memory["gap"][1] if memory.get("gap") else None,
            "hottest_c": max((row[3] or 0.0 for row in memory.get("rows", ())), default=None),
            "cable_id": memory.get("cable_id"),
        },
        began_at=datetime.fromisoformat(since),
        seen_at=datetime.fromisoformat(bad_at),
        severity=3 if is_worse else SEVERITY,
        attribution="cable",
        is_standing=False,
        is_down=False,
    )
