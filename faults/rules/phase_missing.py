"""F25: one phase of three gives nothing, to vehicles that are known to take all three."""

from dataclasses import dataclass
from datetime import datetime

from faults.rules import series
from faults.rules.facts import SessionOutcome
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State

CODE = "F25"
TITLE = "Phase missing"
SEVERITY = 4
SCOPE: Scope = "connector"
FAMILY = "power"
CAUSE = "station"
IS_IMPAIRING = False
WAKES = frozenset({"session"})
# Many vehicles are remembered; the ones longest away are forgotten.
MOST_KNOWN, MOST_ROWS = 200, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a phase is missing. Vehicles of two phases exist: only ones known to take three count.

    `chance`: where the usual share of three-phase sessions makes so many drivers in a row without
    the phase less likely than this, no vehicle need be known. Of a new connector it is what is
    usual anywhere, `usual_share`, that weighs as much as `usual_weight` sessions.
    """

    missing_below: float = 0.10
    carrying_above: float = 0.70
    sessions: int = 3
    run_drivers: int = 3
    usual_share: float = 0.85
    usual_weight: float = 10.0
    chance: float = 0.001
    clearing_sessions: int = 3


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a phase of one connector is missing.

    State: {"known": {who: True}, "rows": [[ended, who, shares, missing, is_known]], "phase",
    "newest_end"}; phases are 1, 2 and 3, missing is 0 where all three carry, None where the
    vehicle takes one phase or does not tell.
    """
    memory: State = dict(state)
    for session, found in series.fresh_measured(snapshot, memory.get("newest_end", "")):
        if found.phase_shares is not None:
            _count(memory, session, found.phase_shares, thresholds)
    if memory.get("phase"):
        return _firing(memory, thresholds)
    if not any(row[3] is not None for row in memory.get("rows", ())):
        return CannotKnow(state=memory, reason="no_three_phase_session_yet")
    return Clear(state=memory, ended_at=datetime.fromisoformat(memory["newest_end"]))


def missing_phase(shares: tuple[float, float, float], thresholds: Thresholds) -> int | None:
    """Return which one of three phases is missing: 0 for none, None where more than one is."""
    low = [index for index, one in enumerate(shares, 1) if one < thresholds.missing_below]
    high = [one for one in shares if one >= thresholds.carrying_above]
    if not low and len(high) == 3:
        return 0
    return low[0] if len(low) == 1 and len(high) == 2 else None


def _count(
    memory: State,
    session: SessionOutcome,
    shares: tuple[float, float, float],
    thresholds: Thresholds,
) -> None:
    ended, who = session.ended_at.isoformat(), series.who(session)
    missing = missing_phase(shares, thresholds)
    known = dict(memory.get("known", {}))
    is_known = known.pop(who, False)
    if is_known or missing == 0:
        known[who] = True
    memory["known"] = dict(list(known.items())[-MOST_KNOWN:])
    row = [ended, who, [round(one, 2) for one in shares], missing, is_known]
    memory["rows"] = series.grown(memory.get("rows", ()), row, MOST_ROWS)
    memory["newest_end"] = ended
    telling = [one for one in memory["rows"] if one[3] is not None]
    if memory.get("phase"):
        whole = series.run_at_end(telling, lambda one: one[3] == 0)
        if len(whole) >= thresholds.clearing_sessions:
            memory.pop("phase")
            memory.pop("began_at")
    elif missing:
        _judge(memory, telling, missing, thresholds)


def _judge(memory: State, telling: list[series.Row], phase: int, thresholds: Thresholds) -> None:
    run = series.run_at_end(telling, lambda one: one[3] == phase)
    sure = [one for one in run if one[4]]
    before = telling[: -len(run)]
    whole = sum(one[3] == 0 for one in before) + thresholds.usual_weight * thresholds.usual_share
    usual = whole / (len(before) + thresholds.usual_weight)
    drivers = len({one[1] for one in run})
    is_unlikely = drivers >= thresholds.run_drivers and (1 - usual) ** drivers < thresholds.chance
    if len(sure) >= thresholds.sessions or is_unlikely:
        memory |= {"phase": phase, "began_at": run[0][0]}


def _firing(memory: State, thresholds: Thresholds) -> Firing:
    phase = memory["phase"]
    bad = [one for one in memory["rows"] if one[3] == phase]
    return Firing(
        state=memory,
        evidence={
            "phase": phase,
            "sessions": [{"at": one[0], "who": one[1], "shares": one[2]} for one in bad[-12:]],
            "missing_below": thresholds.missing_below,
        },
        began_at=datetime.fromisoformat(memory["began_at"]),
        seen_at=datetime.fromisoformat(bad[-1][0]),
        severity=SEVERITY,
        attribution="charger",
        is_standing=False,
        is_down=False,
    )
