from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.rules import measuring
from faults.rules.facts import Card, Sample
from tests.unit.faults.rules.measuring.course import AC, DC, START, warming

THETA = 0.0008


def theta(
    samples: list[Sample], card: Card = DC, *, ambient_c: float | None = None
) -> float | None:
    return measuring.measure(samples, card, ambient_c=ambient_c).theta


def test_a_constant_current_gives_the_textbook_theta() -> None:
    # 200 A for 18 minutes, two time constants: 0.8647 of 40 K/.. is 34.59 K over 15 °C
    samples = [Sample(at=START, current_a=200.0, cable_c=15.0)]
    samples += [
        Sample(at=START + timedelta(minutes=9), current_a=200.0, cable_c=15 + 40 * 0.632121),
        Sample(at=START + timedelta(minutes=18), current_a=200.0, cable_c=15 + 40 * 0.864665),
    ]
    assert theta(samples) == pytest.approx(40 / 200**2, rel=1e-4)


@given(
    true=st.floats(1e-4, 5e-3),
    ambient=st.floats(-35, 40),
    currents=st.lists(st.floats(85, 150), min_size=9, max_size=60),
)
def test_any_course_of_current_gives_the_theta_behind_it(
    true: float, ambient: float, currents: list[float]
) -> None:
    samples = warming([0.0, *currents], theta=true, ambient=ambient)
    found = theta(samples)
    hottest = max(one.cable_c or 0.0 for one in samples)
    if found is None:
        assert hottest - ambient < 8 or hottest > 150
    elif hottest < 150:
        assert found == pytest.approx(true, rel=1e-6)


def test_theta_does_not_depend_on_the_weather() -> None:
    cold, hot = (
        theta(warming([0.0] + [150.0] * 20, theta=THETA, ambient=one)) for one in (-30, 35)
    )
    assert cold == pytest.approx(hot)


def test_six_minutes_at_current_are_needed() -> None:
    assert theta(warming([0.0] + [150.0] * 6, theta=THETA)) is None
    assert theta(warming([0.0] + [150.0] * 7, theta=THETA)) is not None


def test_a_small_current_does_not_judge_a_plug() -> None:
    assert theta(warming([0.0] + [60.0] * 30, theta=0.01)) is None


def test_alternating_current_is_judged_from_sixty_percent_of_what_is_rated() -> None:
    assert theta(warming([0.0] + [18.0] * 30, theta=0.03), AC) is None
    assert theta(warming([0.0] + [20.0] * 30, theta=0.03), AC) == pytest.approx(0.03)


def test_the_most_loaded_phase_heats_the_plug() -> None:
    samples = [
        replace(one, current_a=60.0, phases_a=(one.current_a, 1.0, 1.0))
        for one in warming([0.0] + [30.0] * 20, theta=0.03)
    ]
    assert theta(samples, AC) == pytest.approx(0.03, rel=1e-4)


def test_a_plug_still_warm_from_the_last_session_is_read_against_what_it_was_when_idle() -> None:
    samples = warming([150.0] * 20, theta=THETA, ambient=15.0)
    assert theta(samples, ambient_c=15.0) == pytest.approx(THETA, rel=1e-6)


def test_fahrenheit_under_the_name_of_celsius_is_no_measure() -> None:
    samples = [
        replace(one, cable_c=(one.cable_c or 0) * 1.8 + 32)
        for one in warming([0.0] + [150.0] * 20, theta=THETA, ambient=20.0)
    ]
    found = measuring.measure(samples, DC)
    assert found.theta is None
    assert found.ambient_c is None
    assert found.coolest_c == pytest.approx(68)


@pytest.mark.parametrize("glitch", [0.0, -40.0, 85.0, 127.0, 255.0, -273.0, float("nan")])
def test_a_glitch_of_the_sensor_changes_nothing(glitch: float) -> None:
    samples = warming([0.0] + [150.0] * 20, theta=THETA)
    hottest = max(one.cable_c or 0.0 for one in samples)
    samples[10] = replace(samples[10], cable_c=glitch)
    found = measuring.measure(samples, DC)
    assert found.theta == pytest.approx(THETA, rel=1e-6)
    assert found.hottest_c == pytest.approx(hottest)
    assert (found.coolest_c or 0) > 10


def test_a_dead_sensor_measures_nothing() -> None:
    samples = [replace(one, cable_c=21.0) for one in warming([0.0] + [150.0] * 20, theta=THETA)]
    assert theta(samples) is None


def test_a_pause_in_which_the_current_changed_is_not_guessed_over() -> None:
    samples = warming([0.0] + [150.0] * 3 + [100.0] * 30, theta=THETA)
    assert theta(samples[:4] + samples[14:18] + samples[19:20]) is None


def test_readings_a_quarter_of_an_hour_apart_will_do_where_the_current_stays() -> None:
    samples = warming([32.0] * 60, theta=0.03)
    assert theta(samples[::15], AC, ambient_c=15.0) == pytest.approx(0.03, rel=1e-6)


def test_one_bad_contact_of_two_shows_as_a_gap_at_high_current() -> None:
    samples = [
        replace(one, pair_c=(one.cable_c or 0) + (one.current_a or 0) / 10)
        for one in warming([0.0, 90.0, 150.0, 160.0, 170.0], theta=THETA)
    ]
    assert measuring.measure(samples, DC).pair_gap_k == pytest.approx(16)
    assert measuring.measure(samples[:2], DC).pair_gap_k is None


def test_nothing_said_is_nothing_measured() -> None:
    found = measuring.measure([Sample(at=START, current_a=100.0)], DC)
    assert (found.theta, found.hottest_c, found.ambient_c) == (None, None, None)
    assert measuring.measure([], DC).samples == 0


def test_a_temperature_told_apart_from_the_current_is_read_with_it() -> None:
    whole = warming([0.0] + [150.0] * 30, theta=THETA, every=timedelta(seconds=20))
    apart = [
        replace(one, cable_c=None) if index % 3 else replace(one, current_a=None)
        for index, one in enumerate(whole)
    ]
    apart += [Sample(at=one.at + timedelta(seconds=7), energy_wh=1000) for one in whole]
    assert theta(apart, ambient_c=15.0) == pytest.approx(THETA, rel=0.02)
