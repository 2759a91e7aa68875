"""F35: the voltage sinks too far under load: a loose supply terminal, or a feeder too thin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from faults.rules import series
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State

CODE = "F35"
TITLE = "Supply connection weak"
SEVERITY = 4
SCOPE: Scope = "connector"
FAMILY = "power"
CAUSE = "grid"
IS_IMPAIRING = False
WAKES = frozenset({"session"})
MOST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How much impedance is too much: engineering defaults of a 230 V feeder."""

    most_ohm: float = 0.6
    times_usual: float = 1.5
    sessions: int = 5
    # So many sessions make a usual; before them only `most_ohm` speaks.
    least_usual: int = 10
    usual_for: timedelta = timedelta(days=60)
    clearing_sessions: int = 5


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether the supply of one connector has become weak.

    State: {"rows": [[ended, ohm]], "usual", "is_firing", "newest_end"}; `usual` is what it was
    before it fired.
    """
    memory: State = dict(state)
    for session, found in series.fresh_measured(snapshot, memory.get("newest_end", "")):
        if found.impedance_ohm is not None:
            row = [session.ended_at.isoformat(), round(found.impedance_ohm, 3)]
            memory["rows"] = series.grown(memory.get("rows", ()), row, MOST)
            memory["newest_end"] = row[0]
            _judge(memory, thresholds)
    if not memory.get("rows"):
        return CannotKnow(state={}, reason="no_impedance_yet")
    if memory.get("is_firing"):
        return _firing(memory, thresholds)
    if len(memory["rows"]) < thresholds.sessions:
        return CannotKnow(state=memory, reason="learning")
    return Clear(state=memory, ended_at=datetime.fromisoformat(memory["newest_end"]))


def _judge(memory: State, thresholds: Thresholds) -> None:
    rows = memory["rows"]
    limit = _limit(memory, thresholds)
    high = series.run_at_end(rows, lambda row: row[1] > limit)
    if not memory.get("is_firing"):
        if len(high) >= thresholds.sessions:
            memory |= {"is_firing": True, "limit": limit, "began_at": high[0][0]}
        return
    low = series.run_at_end(rows, lambda row: row[1] <= memory["limit"])
    if len(low) >= thresholds.clearing_sessions:
        for name in ("is_firing", "limit", "began_at"):
            memory.pop(name)


def _limit(memory: State, thresholds: Thresholds) -> float:
    """Return the impedance from which a session counts, against what was usual before."""
    rows = memory["rows"]
    oldest = (datetime.fromisoformat(rows[-1][0]) - thresholds.usual_for).isoformat()
    usual = [row[1] for row in rows[: -thresholds.sessions] if row[0] >= oldest]
    if len(usual) < thresholds.least_usual:
        return thresholds.most_ohm
    return max(thresholds.most_ohm, thresholds.times_usual * float(median(usual)))


def _firing(memory: State, thresholds: Thresholds) -> Firing:
    high = [row for row in memory["rows"] if row[1] > memory["limit"]]
    seen_at = high[-1][0] if high else memory["newest_end"]
    return Firing(
        state=memory,
        evidence={
            "impedance_ohm": memory["rows"][-60:],
            "limit_ohm": round(memory["limit"], 3),
            "most_ohm": thresholds.most_ohm,
            "sessions": thresholds.sessions,
        },
        began_at=datetime.fromisoformat(memory["began_at"]),
        seen_at=datetime.fromisoformat(seen_at),
        severity=SEVERITY,
        attribution="grid",
        is_standing=False,
        is_down=False,
    )
