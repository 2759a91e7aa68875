from datetime import timedelta

from faults.rules.protocol import Clear, Firing, Result, State
from faults.rules.start_stuck import Thresholds, check
from tests.unit.faults.rules.scene import at, running, session, sign, snapshot

LIMITS = Thresholds()


def ask(minutes: float, *signs, state: State | None = None, **known) -> Result:
    return check(snapshot(minutes, signs=signs, **known), LIMITS, state or {})


def left_without(*starts: float) -> State:
    """Return what is remembered of drivers who each waited twenty minutes in vain."""
    state: State = {}
    for start in starts:
        told = (sign(start, "Preparing"), sign(start + 20, "Available"))
        state = ask(start + 20, *told, state=state).state
    return state


def test_a_driver_who_waits_is_an_information_after_a_quarter_of_an_hour() -> None:
    result = ask(3, sign(0, "Preparing"))

    assert isinstance(result, Firing)
    assert (result.severity, result.fires_after) == (5, timedelta(minutes=15))
    assert result.began_at == at(0)
    assert result.attribution == "user"
    assert not result.is_down
    assert isinstance(ask(20, state=result.state), Firing)


def test_it_ends_when_the_state_changes() -> None:
    waiting = ask(3, sign(0, "Preparing"))

    assert isinstance(ask(16, sign(16, "Charging"), state=waiting.state), Clear)
    assert isinstance(ask(16, sign(16, "Available"), state=waiting.state), Clear)


def test_a_plug_of_a_session_is_no_waiting_before_it_nor_after_it() -> None:
    plugged = ask(1, sign(0, "Occupied"))
    charging = ask(20, state=plugged.state, open_sessions={7: running(5)})
    assert isinstance(charging, Clear)
    parked = ask(300, state=charging.state, sessions=(session(200, 9_000),))
    assert isinstance(parked, Clear)
    assert isinstance(ask(400, sign(400, "Available"), state=parked.state), Clear)
    assert ask(400, sign(400, "Available"), state=parked.state).state == {}


def test_three_drivers_who_left_without_accuse_the_connector() -> None:
    assert isinstance(ask(60, state=left_without(0, 30)), Clear)
    result = ask(90, state=left_without(0, 30, 60))

    assert isinstance(result, Firing)
    assert (result.severity, result.attribution) == (3, "charger")
    assert result.is_down
    assert result.began_at == at(0)
    assert result.evidence["drivers"] == 3


def test_the_third_counts_while_he_still_waits() -> None:
    state = left_without(0, 30)
    early = ask(70, sign(60, "Preparing"), state=state)
    late = ask(76, sign(60, "Preparing"), state=state)

    assert isinstance(early, Firing)
    assert isinstance(late, Firing)
    assert (early.severity, late.severity) == (5, 3)


def test_who_left_after_a_moment_only_changed_his_mind() -> None:
    state: State = {}
    for start in (0, 30, 60):
        told = (sign(start, "Preparing"), sign(start + 14, "Available"))
        state = ask(start + 14, *told, state=state).state

    assert state == {}


def test_a_driver_who_was_served_clears_the_connector() -> None:
    accused = left_without(0, 30, 60)

    assert isinstance(ask(200, state=accused, open_sessions={7: running(190)}), Clear)
    assert isinstance(ask(200, state=accused, sessions=(session(199, 9_000),)), Clear)


def test_the_drivers_of_yesterday_count_no_more() -> None:
    accused = left_without(0, 30, 60)
    first = ask(90, state=accused)
    assert isinstance(first, Firing)
    assert first.check_at == at(24 * 60)
    assert isinstance(ask(24 * 60 + 1, state=accused), Clear)


def test_a_wrong_clock_does_not_lengthen_the_waiting() -> None:
    early = sign(-600, "Preparing", received_at=at(0))
    result = check(snapshot(1, signs=(early,), is_clock_trusted=False), LIMITS, {})

    assert isinstance(result, Firing)
    assert result.began_at == at(0)
