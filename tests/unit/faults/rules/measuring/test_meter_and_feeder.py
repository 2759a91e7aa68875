from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.rules import measuring
from faults.rules.facts import Sample
from faults.rules.measuring import feeder
from tests.unit.faults.rules.measuring.course import AC, DC, START, fast, with_register


def test_register_and_integral_are_of_the_same_time() -> None:
    samples = with_register(fast([60_000] * 7), [1_000_000 + 1000 * minute for minute in range(7)])
    found = measuring.measure(samples, DC)
    assert (found.register_wh, found.integral_wh) == (6000, 6000)
    without = [*samples[:3], replace(samples[3], power_w=None), *samples[4:]]
    found = measuring.measure(without, DC)
    assert (found.register_wh, found.integral_wh) == (4000, 4000)


def test_falling_power_leaves_the_integral_as_much_slack_as_it_falls() -> None:
    # a register that counts the mean of the minute before, as many meters tell power
    powers = [240_000, 240_000, 180_000, 120_000, 60_000]
    total = [0]
    for watts in powers[1:]:
        total.append(total[-1] + watts // 60)
    found = measuring.measure(with_register(fast(powers, offered=None), total), DC)
    assert found.register_wh is not None
    assert found.integral_wh is not None
    assert found.integral_slack_wh == 1500
    assert abs(found.register_wh - found.integral_wh) <= found.integral_slack_wh


def test_a_long_pause_is_not_integrated_over() -> None:
    samples = with_register(fast([60_000] * 4), [0, 1000, 2000, 30_000])
    late = [*samples[:3], replace(samples[3], at=START + timedelta(minutes=40))]
    found = measuring.measure(late, DC)
    assert (found.register_wh, found.integral_wh) == (2000, 2000)


def test_a_register_that_steps_back_is_backwards() -> None:
    samples = with_register(fast([60_000] * 4), [1000, 2000, 1900, 3000])
    assert measuring.measure(samples, DC).is_backwards


def test_rounding_order_and_zeros_are_not_backwards() -> None:
    readings = with_register(fast([60_000] * 4), [1000, 2000, 1995, 3000])
    assert not measuring.measure(readings, DC).is_backwards
    ordered = with_register(fast([60_000] * 4), [1000, 2000, 3000, 4000])
    assert not measuring.measure(ordered[::-1], DC).is_backwards
    zeros = with_register(fast([60_000] * 4), [1000, 0, 2000, 0])
    assert not measuring.measure(zeros, DC).is_backwards
    fresh = with_register(fast([60_000] * 4), [0, 0, 1000, 2000])
    assert measuring.measure(fresh, DC).register_wh == 2000


def test_the_step_of_a_coarse_register_is_told() -> None:
    samples = with_register(fast([60_000] * 4), [0, 1000, 1000, 3000])
    assert measuring.measure(samples, DC).register_step_wh == 1000


@pytest.mark.parametrize(
    ("volts", "amps"), [(230.0, 48.0), (400.0, 27.6), (230.0, 16.0), (400.0, 16.0)]
)
def test_whichever_way_three_phases_are_told_they_agree_with_power(
    volts: float, amps: float
) -> None:
    rows = [
        Sample(
            at=START + timedelta(minutes=index), power_w=11_040, voltage_v=volts, current_a=amps
        )
        for index in range(6)
    ]
    assert measuring.measure(rows, AC).vi_gap == pytest.approx(0, abs=0.01)


def test_volts_and_amperes_that_do_not_make_the_power_show_as_a_gap() -> None:
    rows = [replace(one, power_w=int((one.power_w or 0) * 0.9)) for one in fast([50_000] * 6)]
    assert measuring.measure(rows, DC).vi_gap == pytest.approx(1 / 0.9 - 1, rel=1e-3)
    phases = [
        replace(one, phases_a=(16.0, 16.0, 16.0), phases_v=(230.0, 230.0, 230.0), power_w=11_040)
        for one in rows
    ]
    assert measuring.measure(phases, AC).vi_gap == pytest.approx(0)


def noisy(impedance: float, *, drift_v: float, seed: int, count: int = 40) -> list[feeder.Point]:
    dice = Random(seed)
    points = []
    for index in range(count):
        amps = dice.uniform(6, 32)
        volts = 232 - impedance * amps + drift_v * index / count + dice.gauss(0, 0.3)
        points.append((60.0 * index, amps, volts))
    return points


@given(impedance=st.floats(0.05, 2.0), drift=st.floats(-8, 8), seed=st.integers(0, 2**32))
def test_the_impedance_is_found_under_drift_and_noise(
    impedance: float, drift: float, seed: int
) -> None:
    found = feeder.slope(noisy(impedance, drift_v=drift, seed=seed))
    assert found == pytest.approx(impedance, abs=0.05)


def test_a_current_that_only_follows_the_clock_tells_nothing() -> None:
    points = [(60.0 * index, 6.0 + index, 230.0 - index) for index in range(30)]
    assert feeder.slope(points) is None


def test_too_few_samples_or_too_little_spread_tell_nothing() -> None:
    assert feeder.slope(noisy(0.8, drift_v=0, seed=1)[:19]) is None
    points = [(at, 16 + amps / 10, volts) for at, amps, volts in noisy(0.8, drift_v=0, seed=1)]
    assert feeder.slope(points) is None


def test_the_worst_phase_is_the_impedance_and_direct_current_has_none() -> None:
    points = [noisy(one, drift_v=0, seed=7) for one in (0.2, 0.9, 0.3)]
    rows = [
        Sample(
            at=START + timedelta(minutes=index),
            phases_a=(points[0][index][1], points[1][index][1], points[2][index][1]),
            phases_v=(points[0][index][2], points[1][index][2], points[2][index][2]),
        )
        for index in range(40)
    ]
    assert measuring.measure(rows, AC).impedance_ohm == pytest.approx(0.9, abs=0.05)
    assert measuring.measure(rows, DC).impedance_ohm is None


def test_samples_of_one_instant_are_one_reading() -> None:
    apart = [
        Sample(at=START + timedelta(minutes=index), energy_wh=1000 * index) for index in range(7)
    ] + fast([60_000] * 7)
    found = measuring.measure(apart, DC)
    assert (found.register_wh, found.integral_wh, found.usual_interval_s) == (6000, 6000, 60)


def test_uneven_samples_vary() -> None:
    even = measuring.measure(fast([60_000] * 8), DC)
    assert (even.usual_interval_s, even.longest_gap_s, even.interval_cv) == (60, 60, 0)
    times = (0, 60, 130, 180, 260, 600)
    rows = [Sample(at=START + timedelta(seconds=one), power_w=1) for one in times]
    uneven = measuring.measure(rows, DC)
    assert (uneven.usual_interval_s, uneven.longest_gap_s) == (70, 340)
    assert uneven.interval_cv == pytest.approx(1.4826 * 10 / 70)
