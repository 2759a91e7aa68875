from datetime import timedelta
from typing import Any

import pytest

from faults.rules.facts import Card
from faults.rules.protocol import Clear, Firing, Result, State
from faults.rules.session_stuck import Thresholds, check
from tests.unit.faults.rules.scene import at, running, session, sign, snapshot

LIMITS = Thresholds()
HOUR = 60


def ask(minutes: float, *signs, state: State | None = None, **known) -> Result:
    return check(snapshot(minutes, signs=signs, **known), LIMITS, state or {})


def way(result: Result) -> tuple[str, timedelta]:
    assert isinstance(result, Firing)
    assert result.severity == 4
    assert not result.is_down
    return result.evidence["way"], result.fires_after


def test_nothing_is_stuck_where_nothing_goes_on() -> None:
    result = ask(0)

    assert isinstance(result, Clear)
    assert (result.state, result.check_at) == ({}, None)


def test_a_plug_left_in_after_the_session_is_noted_after_two_hours() -> None:
    result = ask(10, sign(0, "Finishing"))

    assert isinstance(result, Firing)
    assert way(result) == ("finishing", timedelta(hours=2))
    assert result.attribution == "user"
    assert isinstance(ask(90, sign(80, "Available"), state=result.state), Clear)


def test_two_hours_count_from_the_end_of_the_session_where_that_came_later() -> None:
    waiting = ask(10, sign(0, "Finishing"))
    told = ask(40, state=waiting.state, sessions=(session(30, 9_000),))

    assert isinstance(told, Firing)
    assert told.began_at == at(30)


def test_a_session_that_charges_is_looked_at_again_for_samples_wake_nobody() -> None:
    charging = running(0, power_w=7_000, last_meter_at=at(59))
    result = ask(60, sign(0, "Charging"), open_sessions={7: charging})

    assert isinstance(result, Clear)
    assert result.check_at == at(90)


def test_a_session_that_draws_nothing_is_noted_after_an_hour() -> None:
    still = running(0, power_w=0, last_meter_at=at(59), still_since=at(20))
    result = ask(60, sign(0, "Charging"), open_sessions={7: still})

    assert way(result) == ("still", timedelta(minutes=60))
    assert isinstance(result, Firing)
    assert result.began_at == at(20)
    assert result.check_at == at(90)


def test_a_vehicle_that_has_had_enough_is_no_fault() -> None:
    full = running(0, power_w=0, still_since=at(20), is_suspended=True)

    assert isinstance(ask(600, sign(20, "SuspendedEV"), open_sessions={7: full}), Clear)


@pytest.mark.parametrize(("is_dc", "hours"), [(False, 72), (True, 6)])
def test_no_session_lasts_for_ever(is_dc: bool, hours: int) -> None:
    known: dict[str, Any] = {"open_sessions": {7: running(0)}, "cards": {7: Card(is_dc=is_dc)}}

    assert isinstance(ask((hours - 1) * HOUR, **known), Clear)
    assert way(ask((hours - 0.4) * HOUR, **known)) == ("too_long", timedelta(hours=hours))


def test_a_connector_that_calls_itself_free_during_a_session_is_noted_in_two_minutes() -> None:
    idle = running(0, last_meter_at=at(30))
    result = ask(32, sign(31, "Available"), open_sessions={7: idle})

    assert way(result) == ("free_while_open", timedelta(minutes=2))
    assert isinstance(result, Firing)
    assert result.began_at == at(31)


def test_a_station_that_calls_itself_free_and_goes_on_charging_is_not_stuck() -> None:
    flowing = running(0, power_w=7_000, last_meter_at=at(40))

    assert isinstance(ask(45, sign(31, "Available"), open_sessions={7: flowing}), Clear)


def test_free_before_the_session_began_is_counted_from_its_begin() -> None:
    free = ask(0, sign(-100, "Available"))
    result = ask(1, state=free.state, open_sessions={7: running(0.5)})

    assert isinstance(result, Firing)
    assert result.began_at == at(0.5)


def test_a_session_that_waited_in_the_queue_is_judged_from_the_reconnection() -> None:
    free = ask(0, sign(-100, "Available"))
    late = {7: running(0.5)}
    result = ask(6, state=free.state, open_sessions=late, connected_at=at(5))

    assert isinstance(result, Firing)
    assert result.began_at == at(5)


def test_it_is_over_when_the_session_is() -> None:
    stuck = ask(100, open_sessions={7: running(0, power_w=0, still_since=at(20))})
    assert isinstance(stuck, Firing)

    assert isinstance(ask(110, sign(109, "Available"), state=stuck.state), Clear)
