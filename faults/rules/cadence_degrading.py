"""F12: meter readings come less evenly than they used to; a hypothesis, on trial.

Source of the idea: a field pilot that saw the variance of the interval rise two to three days
before failures; unreplicated, so it opens no ticket until the benchmark or a pilot bears it out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F12"
TITLE = "Message cadence degrading"
SEVERITY = 5
SCOPE: Scope = "connector"
FAMILY = "link"
CAUSE = "network"
IS_IMPAIRING = False
IS_TRIAL = True
WAKES: frozenset[Wake] = frozenset({"session"})

MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A cumulative sum of how far each session's unevenness lies above the usual."""

    baseline_sessions: int = 60
    least_sessions: int = 10
    baseline: timedelta = timedelta(days=28)
    least_spread: float = 0.05
    clip: float = 3.0
    slack: float = 0.75
    warn_above: float = 6.0
    fire_above: float = 10.0


@dataclass(frozen=True, slots=True)
class Memory:
    """The score, since when it is above nothing, and the usual unevenness: ((instant, cv), …)."""

    score: float = 0.0
    since: str = ""
    newest: str = ""
    usual: tuple[tuple[str, float], ...] = ()

    @classmethod
    def read(cls, state: State) -> "Memory":
        """Return the memory a rule state holds."""
        usual = tuple((at, cv) for at, cv in state.get("usual", ()))
        return cls(**{**state, "usual": usual})

    def written(self) -> State:
        """Return the memory as JSON."""
        return {
            "score": self.score,
            "since": self.since,
            "newest": self.newest,
            "usual": [list(one) for one in self.usual],
        }


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Count the unevenness of the new sessions of one connector, each once."""
    memory = Memory.read(state)
    for session in sorted(snapshot.sessions, key=lambda one: (one.ended_at, one.id)):
        cv = session.measures.interval_cv if session.measures else None
        if cv is not None:
            memory = _count(memory, session.ended_at, cv, thresholds)
    if len(memory.usual) < thresholds.least_sessions:
        kept = memory.written() if memory.usual else {}
        return CannotKnow(state=kept, reason="too_few_sessions")
    if memory.score <= thresholds.fire_above:
        return Clear(state=memory.written())
    return Firing(
        state=memory.written(),
        evidence={
            "score": round(memory.score, 2),
            "fire_above": thresholds.fire_above,
            "usual_variation": round(median(cv for _, cv in memory.usual), 3),
            "sessions_in_baseline": len(memory.usual),
        },
        began_at=datetime.fromisoformat(memory.since),
        seen_at=datetime.fromisoformat(memory.newest),
        severity=SEVERITY,
        is_standing=False,
        is_down=False,
        attribution="network",
    )


def _count(memory: Memory, ended_at: datetime, cv: float, thresholds: Thresholds) -> Memory:
    at = ended_at.isoformat()
    score = memory.score
    if len(memory.usual) >= thresholds.least_sessions:
        values = [value for _, value in memory.usual]
        middle = median(values)
        spread = MAD_TO_SIGMA * median(abs(value - middle) for value in values)
        z = (cv - middle) / max(spread, thresholds.least_spread)
        step = max(-thresholds.clip, min(z, thresholds.clip)) - thresholds.slack
        # no longer in recovering than in being found
        score = min(max(0.0, score + step), 2 * thresholds.fire_above)
    since = memory.since if memory.score > 0 else at
    counted = replace(memory, score=score, since=since if score > 0 else "", newest=at)
    if score > thresholds.warn_above:
        # what is suspect is no measure of the usual
        return counted
    oldest = (ended_at - thresholds.baseline).isoformat()
    usual = [one for one in memory.usual if one[0] >= oldest]
    return replace(counted, usual=tuple([*usual, (at, cv)][-thresholds.baseline_sessions :]))
