from collections.abc import Iterable
from random import Random
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from faults.rules import sessions_failing
from faults.rules.facts import SessionOutcome, TokenElsewhere
from faults.rules.protocol import CannotKnow, Clear, Firing, Result, State
from faults.rules.sessions_failing import Memory, Thresholds, check, has_failed
from tests.unit.faults.rules.scene import at, session, snapshot

LIMITS = Thresholds()
# A connector that has been watched for long: one session in twenty fails.
WATCHED: State = Memory(counted=120.0, failed=6.0, newest_end=at(-60).isoformat()).written()


def ask(sessions: Iterable[SessionOutcome], state: State | None = None, **known) -> Result:
    return check(snapshot(10_000, sessions=tuple(sessions), **known), LIMITS, state or {})


def failures(number: int, *tokens: str, start: int = 0) -> list[SessionOutcome]:
    named = tokens or ("",)
    return [session(start + n * 10, token=named[n % len(named)]) for n in range(number)]


def test_without_a_session_nothing_is_known() -> None:
    assert isinstance(ask([]), CannotKnow)


def test_good_sessions_are_health() -> None:
    result = ask([session(n * 60, 9_000) for n in range(5)])
    assert isinstance(result, Clear)
    assert result.state["score"] == 0
    assert isinstance(ask([], result.state), Clear)


def test_a_dead_connector_is_found_in_three_sessions() -> None:
    assert isinstance(ask(failures(2), WATCHED), Clear)
    result = ask(failures(3), WATCHED)
    assert isinstance(result, Firing)
    assert result.began_at == at(-0.5)
    assert [one["energy_wh"] for one in result.evidence["sessions"]] == [0, 0, 0]
    assert result.severity == 3


def test_a_new_connector_that_never_worked_is_found_in_four() -> None:
    assert isinstance(ask(failures(3)), Clear)
    assert isinstance(ask(failures(4)), Firing)


def test_one_driver_alone_counts_half_until_another_fails_too() -> None:
    alone = ask(failures(4, "anna"), WATCHED)
    assert isinstance(alone, Clear)
    joined = ask([session(50, token="bo")], alone.state)
    assert isinstance(joined, Firing)
    assert joined.state["withheld"] == 0


def test_one_driver_alone_who_fails_again_and_again_is_believed_in_the_end() -> None:
    assert isinstance(ask(failures(6, "anna"), WATCHED), Firing)


def test_a_vehicle_that_fails_everywhere_does_not_accuse_the_connector() -> None:
    everywhere = {"anna": TokenElsewhere(failed_stations=2)}
    result = ask(failures(9, "anna"), WATCHED, tokens_elsewhere=everywhere)
    assert isinstance(result, Clear)
    assert result.state["failures"] == []


def test_a_vehicle_that_fails_elsewhere_counts_where_others_fail_more() -> None:
    everywhere = {"anna": TokenElsewhere(failed_stations=2)}
    sessions = [*failures(2, "bo", "cilla"), session(60, token="anna")]
    assert isinstance(ask(sessions, WATCHED, tokens_elsewhere=everywhere), Firing)


def test_the_connector_is_named_when_the_same_drivers_charge_elsewhere() -> None:
    able = TokenElsewhere(has_succeeded=True)
    three = failures(3, "anna", "bo", "cilla")
    named = ask(three, WATCHED, tokens_elsewhere={"anna": able, "bo": able})
    assert isinstance(named, Firing)
    assert named.attribution == "charger"
    unnamed = ask(three, WATCHED, tokens_elsewhere={"anna": able})
    assert isinstance(unnamed, Firing)
    assert unnamed.attribution == "unknown"


def test_three_good_sessions_in_a_row_end_it() -> None:
    firing = ask(failures(9), WATCHED)
    assert isinstance(firing, Firing)
    two = ask([session(200, 9_000), session(260, 9_000)], firing.state)
    assert isinstance(two, Firing)
    three = ask([session(320, 9_000)], two.state)
    assert isinstance(three, Clear)
    assert three.ended_at == at(320)
    assert three.state["score"] == 0


def test_a_failure_between_starts_the_count_of_good_ones_again() -> None:
    firing = ask(failures(9), WATCHED)
    mixed = [session(200, 9_000), session(210, 9_000), session(220), session(230, 9_000)]
    assert isinstance(ask(mixed, firing.state), Firing)


def test_nothing_is_learnt_while_the_connector_is_suspect() -> None:
    firing = ask(failures(4), WATCHED)
    later = ask(failures(30, start=100), firing.state)
    assert later.state["failed"] == firing.state["failed"]
    assert later.state["counted"] == firing.state["counted"]


def test_a_session_told_late_teaches_the_usual_rate_and_moves_nothing() -> None:
    known = ask([session(600, 9_000)], WATCHED)
    late = ask(failures(9), known.state)
    assert isinstance(late, Clear)
    assert late.state["score"] == 0
    assert late.state["failed"] > known.state["failed"]


def test_a_session_failed_by_energy_or_by_time_unless_the_driver_left_or_was_refused() -> None:
    assert has_failed(session(0, 500, lasts=2), LIMITS) is False
    assert has_failed(session(0, 499, lasts=60, stop_reason="PowerLoss"), LIMITS) is True
    assert has_failed(session(0, 5_000, lasts=1, stop_reason="Other"), LIMITS) is True
    assert has_failed(session(0, 200, lasts=5, stop_reason="Local"), LIMITS) is None
    assert has_failed(session(0, 0, stop_reason="Local"), LIMITS) is True
    assert has_failed(session(0, 0, stop_reason="DeAuthorized"), LIMITS) is None


def test_a_session_the_driver_decided_counts_neither_way() -> None:
    result = ask([session(0, 0, stop_reason="DeAuthorized")], WATCHED)
    assert result.state == WATCHED


@given(st.lists(st.booleans(), max_size=80), st.integers(0, 5))
def test_the_score_is_never_negative_and_the_rate_stays_between_its_bounds(
    outcomes, tokens
) -> None:
    state: State = {}
    for number, failed in enumerate(outcomes):
        token = str(number % tokens) if tokens else ""
        result = ask([session(number * 10, 0 if failed else 9_000, token=token)], state)
        state = result.state
        memory = Memory.read(state)
        assert memory.score >= 0
        assert memory.withheld >= 0
        assert LIMITS.lowest_rate <= sessions_failing.own_rate(memory, LIMITS) <= 0.30


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 7))
def test_counting_in_portions_is_counting_at_once(outcomes, portion) -> None:
    sessions = [session(n * 10, 0 if bad else 9_000) for n, bad in enumerate(outcomes)]
    at_once = ask(sessions, WATCHED)
    state = WATCHED
    for start in range(0, len(sessions), portion):
        state = ask(sessions[start : start + portion], state).state
    assert state == at_once.state


def sessions_until_found(chance: float, seed: int) -> int:
    """Count sessions from the onset of a fault that spoils some, on top of the usual failures."""
    chances = Random(seed)
    healthy = [session(n * 10, 0 if chances.random() < 0.05 else 9_000) for n in range(100)]
    state = ask(healthy).state
    for number in range(1, 100):
        failed = chances.random() < 0.05 or chances.random() < chance
        result = ask([session(5_000 + number * 10, 0 if failed else 9_000)], state)
        if isinstance(result, Firing):
            return number
        state = result.state
    return 100


def test_the_delays_are_those_measured_on_public_networks() -> None:
    """Dead: 2 to 3 sessions. Every second fails: 5 in the median, 14 for nine in ten."""
    dead = [sessions_until_found(1.0, seed) for seed in range(50)]
    assert median(dead) <= 3
    half = sorted(sessions_until_found(0.5, seed) for seed in range(300))
    assert median(half) <= 5
    assert half[int(len(half) * 0.9)] <= 14


def test_a_healthy_connector_is_seldom_accused() -> None:
    """At most 1 onset in 1,000 sessions that fail one time in twenty, by chance alone."""
    chances = Random(7)
    state: State = {}
    onsets, was_firing = 0, False
    for start in range(0, 20_000, 20):
        for number in range(start, start + 20):
            failed = chances.random() < 0.05
            one = session(number * 10, 0 if failed else 9_000)
            result = check(snapshot(0, sessions=(one,)), LIMITS, state)
            state = result.state
            onsets += isinstance(result, Firing) and not was_firing
            was_firing = isinstance(result, Firing)
    assert onsets <= 20
