"""F10: sessions fail at a connector, whatever the station says of itself.

A cumulative sum of log-likelihood ratios between the connector's own failure rate and one half;
it finds an intermittent fault as well as a dead connector, and a bad vehicle does not move it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log

from faults.rules import combining, reported_by_people
from faults.rules.facts import SessionOutcome, TokenElsewhere
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, Scope, Snapshot, State, Wake

CODE = "F10"
TITLE = "Sessions fail"
SEVERITY = 3
SCOPE: Scope = "connector"
FAMILY = "outcome"
CAUSE = "unknown"
IS_IMPAIRING = True
WAKES: frozenset[Wake] = frozenset({"notice", "session"})

# Stop reasons by which a driver, not a fault, ends a session that was delivering.
CHOSEN = frozenset({"", "Local", "Remote", "EVDisconnected", "StoppedByEV", "UnlockCommand"})
# The driver may not charge: nothing is learnt about the connector.
REFUSED = frozenset({"DeAuthorized", "LocalOutOfCredit", "MasterPass"})

# The parts of the rule, and where the second keeps its state beside the first's.
SESSIONS, PEOPLE = "sessions", "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a session has failed and how much failing is a fault.

    2 minutes and 500 Wh: AFIREV's successful session. The rest is calibrated on four public
    networks: five sessions to a connector that fails every second time, 2.5 alerts a thousand
    connector-days.
    """

    least_energy_wh: int = 500
    least_duration: timedelta = timedelta(minutes=2)
    # A driver who leaves with this much was served.
    served_wh: int = 100
    usual_failure_rate: float = 0.05
    usual_weight: float = 2.0
    lowest_rate: float = 0.02
    highest_rate: float = 0.30
    failing_rate: float = 0.5
    half_life_sessions: int = 200
    warn_above: float = 3.0
    fire_above: float = 5.0
    run_of_failures: int = 4
    run_tokens: int = 2
    clearing_successes: int = 3
    token_share: float = 0.6
    token_stations: int = 2
    tokens_here: int = 3
    tokens_elsewhere: int = 2


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one connector between examinations.

    `score` is the cumulative sum and `withheld` the halves not counted while one token alone has
    failed; `counted` and `failed` are the forgetting sums behind the connector's own rate.
    """

    score: float = 0.0
    withheld: float = 0.0
    counted: float = 0.0
    failed: float = 0.0
    failures_in_a_row: int = 0
    successes_in_a_row: int = 0
    is_firing: bool = False
    newest_end: str = ""
    # The failures behind the score: {"session", "token", "at", "energy_wh", "duration_s"}.
    failures: tuple[State, ...] = ()

    @classmethod
    def read(cls, state: State) -> "Memory":
        """Return the memory a rule state holds."""
        return cls(**{**state, "failures": tuple(state.get("failures", ()))})

    def written(self) -> State:
        """Return the memory as JSON."""
        return {
            **{name: getattr(self, name) for name in self.__slots__ if name != "failures"},
            "failures": list(self.failures),
        }


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether sessions fail at one connector, or people there report that they do.

    State: that of the sessions, and under "people" what was told.
    """
    told = state.get(PEOPLE, {})
    counted = {name: value for name, value in state.items() if name != PEOPLE}
    if not told and all(one.kind != reported_by_people.KIND for one in snapshot.notices):
        return _outcomes(snapshot, thresholds, counted)
    ok = sum(has_failed(one, thresholds) is False for one in snapshot.sessions)
    people = reported_by_people.Thresholds()
    result = combining.either(
        {SESSIONS: counted, PEOPLE: told},
        sessions=lambda kept: _outcomes(snapshot, thresholds, kept),
        people=lambda kept: reported_by_people.check(snapshot, people, kept, ok_since=ok),
    )
    flat = dict(result.state.get(SESSIONS, {}))
    if PEOPLE in result.state:
        flat[PEOPLE] = result.state[PEOPLE]
    return replace(result, state=flat)


def _outcomes(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Count the new sessions of one connector, each once, and say whether they fail."""
    memory = Memory.read(state)
    for session in sorted(snapshot.sessions, key=lambda one: (one.ended_at, one.id)):
        memory = _count(memory, session, thresholds, snapshot)
    if memory.is_firing:
        return _firing(memory, thresholds, snapshot)
    if not memory.newest_end:
        return CannotKnow(state={}, reason="no_session_yet")
    ended_at = datetime.fromisoformat(memory.newest_end) if snapshot.sessions else None
    return Clear(state=memory.written(), ended_at=ended_at)


def has_failed(session: SessionOutcome, thresholds: Thresholds) -> bool | None:
    """Return whether a session failed; None where the driver decided, not the connector."""
    duration = session.ended_at - session.started_at
    if session.energy_wh >= thresholds.least_energy_wh and duration >= thresholds.least_duration:
        return False
    if session.stop_reason in REFUSED:
        return None
    if session.energy_wh >= thresholds.served_wh and session.stop_reason in CHOSEN:
        return None
    return True


def scores_of(
    sessions: Iterable[SessionOutcome], thresholds: Thresholds, snapshot: Snapshot
) -> list[tuple[datetime, float]]:
    """Return the score after each session of one connector, from nothing: the curve of the rule.

    The snapshot says how the tokens fare elsewhere.
    """
    memory = Memory()
    found: list[tuple[datetime, float]] = []
    for session in sorted(sessions, key=lambda one: (one.ended_at, one.id)):
        memory = _count(memory, session, thresholds, snapshot)
        found.append((session.ended_at, memory.score))
    return found


def own_rate(memory: Memory, thresholds: Thresholds) -> float:
    """Return the connector's usual failure rate, leaning on everybody's while it is new."""
    rate = (thresholds.usual_weight * thresholds.usual_failure_rate + memory.failed) / (
        thresholds.usual_weight + memory.counted
    )
    return min(max(rate, thresholds.lowest_rate), thresholds.highest_rate)


def _count(
    memory: Memory, session: SessionOutcome, thresholds: Thresholds, snapshot: Snapshot
) -> Memory:
    failed = has_failed(session, thresholds)
    if failed is None:
        return memory
    if failed and _is_tokens_own(session, memory, thresholds, snapshot):
        return memory
    if session.ended_at.isoformat() < memory.newest_end:
        # told late, about a time already judged: it teaches the usual rate, no more
        return _learn(memory, thresholds, failed=failed)
    counted = _failure(memory, session, thresholds) if failed else _success(memory, thresholds)
    if memory.score <= thresholds.warn_above:
        counted = _learn(counted, thresholds, failed=failed)
    return replace(counted, newest_end=session.ended_at.isoformat())


def _learn(memory: Memory, thresholds: Thresholds, *, failed: bool) -> Memory:
    kept = 0.5 ** (1 / thresholds.half_life_sessions)
    return replace(
        memory, counted=memory.counted * kept + 1, failed=memory.failed * kept + int(failed)
    )


def _failure(memory: Memory, session: SessionOutcome, thresholds: Thresholds) -> Memory:
    step = log(thresholds.failing_rate / own_rate(memory, thresholds))
    failures = (*memory.failures, _shown(session))[-12:]
    score, withheld = memory.score + step, memory.withheld
    if len(_tokens(failures)) < thresholds.run_tokens:
        # one token alone: the vehicle may be to blame as well as the connector
        score, withheld = score - step / 2, withheld + step / 2
    else:
        score, withheld = score + withheld, 0.0
    row = memory.failures_in_a_row + 1
    is_run = (
        row >= thresholds.run_of_failures
        and len(_tokens(failures[-row:])) >= thresholds.run_tokens
    )
    return replace(
        memory,
        score=score,
        withheld=withheld,
        failures=failures,
        failures_in_a_row=row,
        successes_in_a_row=0,
        is_firing=memory.is_firing or is_run or score > thresholds.fire_above,
    )


def _success(memory: Memory, thresholds: Thresholds) -> Memory:
    step = log((1 - thresholds.failing_rate) / (1 - own_rate(memory, thresholds)))
    score = max(0.0, memory.score + step)
    row = memory.successes_in_a_row + 1
    if score == 0.0 or (memory.is_firing and row >= thresholds.clearing_successes):
        return replace(
            memory,
            score=0.0,
            withheld=0.0,
            failures=(),
            failures_in_a_row=0,
            successes_in_a_row=row,
            is_firing=False,
        )
    return replace(memory, score=score, failures_in_a_row=0, successes_in_a_row=row)


def _is_tokens_own(
    session: SessionOutcome, memory: Memory, thresholds: Thresholds, snapshot: Snapshot
) -> bool:
    """Return whether a failure is the vehicle's or the token's: it fails wherever it goes."""
    elsewhere = snapshot.tokens_elsewhere.get(session.token, TokenElsewhere())
    if not session.token or elsewhere.failed_stations < thresholds.token_stations:
        return False
    tokens = [failure["token"] for failure in memory.failures] + [session.token]
    return tokens.count(session.token) / len(tokens) >= thresholds.token_share


def _attribution(memory: Memory, thresholds: Thresholds, snapshot: Snapshot) -> str:
    tokens = {failure["token"] for failure in memory.failures if failure["token"]}
    able = [
        token
        for token in tokens
        if snapshot.tokens_elsewhere.get(token, TokenElsewhere()).has_succeeded
    ]
    is_connector = (
        len(tokens) >= thresholds.tokens_here and len(able) >= thresholds.tokens_elsewhere
    )
    return "charger" if is_connector else "unknown"


def _tokens(failures: tuple[State, ...]) -> set[str]:
    """Return who failed; an unknown driver counts as somebody new."""
    return {failure["token"] or f"session:{failure['session']}" for failure in failures}


def _shown(session: SessionOutcome) -> State:
    return {
        "session": session.id,
        "token": session.token,
        "at": session.started_at.isoformat(),
        "energy_wh": session.energy_wh,
        "duration_s": int((session.ended_at - session.started_at).total_seconds()),
    }


def _firing(memory: Memory, thresholds: Thresholds, snapshot: Snapshot) -> Firing:
    return Firing(
        state=memory.written(),
        evidence={
            "score": round(memory.score, 2),
            "fire_above": thresholds.fire_above,
            "usual_rate": round(own_rate(memory, thresholds), 3),
            "failures_in_a_row": memory.failures_in_a_row,
            "successes_in_a_row": memory.successes_in_a_row,
            "sessions": list(memory.failures),
        },
        began_at=datetime.fromisoformat(memory.failures[0]["at"]),
        seen_at=datetime.fromisoformat(memory.failures[-1]["at"]),
        severity=SEVERITY,
        is_standing=False,
        attribution=_attribution(memory, thresholds, snapshot),
    )
