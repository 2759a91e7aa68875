"""F20 and F21: a plug that grows hot, as it is told while a session runs."""

from datetime import timedelta

import pytest

from faults.rules import BY_CODE, heat_watch
from faults.rules.protocol import CannotKnow, Clear, Firing
from tests.unit.faults.rules.power_scene import after, measured, reading, told
from tests.unit.faults.rules.scene import at, event, sign, snapshot

HOT, OVERHEATED = BY_CODE["F20"], BY_CODE["F21"]


def test_eighty_degrees_for_two_minutes_are_hot() -> None:
    short = told(HOT, [reading(0, cable_c=81.0), reading(1, cable_c=82.0)])
    assert isinstance(short, Clear | CannotKnow)
    result = told(HOT, [reading(2, cable_c=83.0)], state=short.state)
    assert isinstance(result, Firing)
    assert (result.severity, result.began_at, result.is_down) == (4, at(0), False)
    assert result.evidence["peak_c"] == 83.0


def test_a_dip_below_eighty_begins_anew() -> None:
    rising = [reading(0, cable_c=81.0), reading(1, cable_c=79.0), reading(2, cable_c=81.0)]
    assert not isinstance(told(HOT, rising), Firing)


def test_hot_is_over_only_below_sixty() -> None:
    hot = told(HOT, [reading(0, cable_c=85.0), reading(2, cable_c=85.0)])
    warm = told(HOT, [reading(5, cable_c=61.0)], state=hot.state)
    assert isinstance(warm, Firing)
    cool = told(HOT, [reading(9, cable_c=59.0)], state=warm.state)
    assert isinstance(cool, Clear)
    assert cool.ended_at == at(9)


def test_silence_after_heat_is_no_health_but_a_cool_session_is() -> None:
    hot = told(HOT, [reading(0, cable_c=85.0), reading(2, cable_c=85.0)])
    asked = HOT.check(snapshot(600), HOT.thresholds, hot.state)
    assert isinstance(asked, Firing)
    assert isinstance(after(HOT, [measured(3, hottest_c=40.0)], state=hot.state), Clear)


def test_over_ninety_is_a_danger_at_once() -> None:
    result = told(OVERHEATED, [reading(0, cable_c=80.0), reading(4, cable_c=90.5)])
    assert isinstance(result, Firing)
    assert (result.severity, result.is_down, result.is_over) == (1, True, False)
    assert result.evidence["why"] == "temperature"


def test_the_warmer_contact_counts() -> None:
    assert isinstance(told(OVERHEATED, [reading(0, cable_c=60.0, pair_c=91.0)]), Firing)


def test_a_plug_that_warms_too_fast_is_a_danger_before_it_is_hot() -> None:
    result = told(OVERHEATED, [reading(0, cable_c=62.0), reading(1, cable_c=68.5)])
    assert isinstance(result, Firing)
    assert result.evidence["why"] == "rise"
    slow = told(OVERHEATED, [reading(0, cable_c=62.0), reading(1, cable_c=66.9)])
    assert not isinstance(slow, Firing)


def test_the_step_of_a_sensor_is_no_rise() -> None:
    steps = [reading(minute / 3, cable_c=70.0 + minute % 2 * 4) for minute in range(30)]
    assert not isinstance(told(OVERHEATED, steps), Firing)


@pytest.mark.parametrize("nonsense", [300.0, 850.0, 1e9])
def test_what_no_cable_survives_is_the_sensor(nonsense: float) -> None:
    assert not isinstance(told(OVERHEATED, [reading(0, cable_c=nonsense)]), Firing)


def test_a_sudden_reading_is_doubted_for_a_minute_and_then_believed() -> None:
    doubted = told(OVERHEATED, [reading(0, cable_c=127.0)])
    assert not isinstance(doubted, Firing)
    assert doubted.check_at == at(1)
    well = told(OVERHEATED, [reading(0.5, cable_c=30.0)], state=doubted.state)
    assert isinstance(well, Clear)
    believed = OVERHEATED.check(snapshot(1), OVERHEATED.thresholds, doubted.state)
    assert isinstance(believed, Firing)
    twice = told(OVERHEATED, [reading(0.4, cable_c=127.0)], state=doubted.state)
    assert isinstance(twice, Firing)


def test_heat_that_ended_before_anybody_looked_is_still_inspected() -> None:
    seen = snapshot(9, notices=(reading(0, cable_c=95.0), reading(8, cable_c=50.0)))
    result = OVERHEATED.check(seen, OVERHEATED.thresholds, {})
    assert isinstance(result, Firing)
    assert (result.is_over, result.is_standing, result.seen_at) == (True, False, at(8))


def test_heat_told_days_late_opens_nothing() -> None:
    late = at(0) + timedelta(days=1)
    notices = (
        reading(0, cable_c=95.0, received_at=late),
        reading(8, cable_c=50.0, received_at=late),
    )
    seen = snapshot(1450, notices=notices)
    assert isinstance(OVERHEATED.check(seen, OVERHEATED.thresholds, {}), Clear)


def test_fahrenheit_under_the_name_of_celsius_is_heard_by_a_plug_that_is_never_cool() -> None:
    known = after(OVERHEATED, [measured(number, coolest_c=59.0) for number in range(3)])
    warm = told(OVERHEATED, [reading(9000, cable_c=113.0)], state=known.state)
    assert not isinstance(warm, Firing)
    assert isinstance(told(OVERHEATED, [reading(9009, cable_c=196.0)], state=known.state), Firing)


def test_a_two_x_station_tells_its_temperature_by_events() -> None:
    told_by = event(
        0, "TemperatureSensor", variable="Temperature", value="92.5", trigger="Periodic"
    )
    assert heat_watch.celsius_of(told_by) == 92.5
    result = OVERHEATED.check(snapshot(0, events=(told_by,)), OVERHEATED.thresholds, {})
    assert isinstance(result, Firing)


def test_a_code_and_a_temperature_are_one_fault() -> None:
    seen = snapshot(
        1,
        signs=(sign(0, "Faulted", "OtherError", vendor_error_code="CX019"),),
        notices=(reading(1, cable_c=93.0),),
    )
    result = OVERHEATED.check(seen, OVERHEATED.thresholds, {})
    assert isinstance(result, Firing)
    assert {"reports", "temperature_c"} <= set(result.evidence)
