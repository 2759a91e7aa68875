from dataclasses import replace
from datetime import timedelta

import pytest

from faults.rules import measuring
from faults.rules.facts import Sample
from tests.unit.faults.rules.measuring.course import AC, DC, START, fast


def test_the_ratio_is_the_median_of_what_was_given_over_what_was_offered() -> None:
    found = measuring.measure(
        fast([0, 30_000, 40_000, 60_000, 60_000, 90_000], offered=100_000), DC
    )
    assert found.power_ratio == pytest.approx(0.6)
    assert (found.power_ratio_samples, found.is_ratio_of_offer) == (3, True)


def test_what_was_offered_is_the_least_of_power_and_current_offered_and_rated() -> None:
    samples = [
        replace(one, current_offered_a=200.0) for one in fast([60_000] * 6, offered=150_000)
    ]
    assert measuring.measure(samples, DC).power_ratio == pytest.approx(0.75)
    samples = fast([60_000] * 6, offered=400_000)
    assert measuring.measure(samples, DC).power_ratio == pytest.approx(0.4)


def test_a_battery_nearly_full_or_nearly_empty_proves_nothing() -> None:
    assert measuring.measure(fast([30_000] * 6, soc=61), DC).power_ratio is None
    assert measuring.measure(fast([30_000] * 6, soc=14), DC).power_ratio is None
    assert measuring.measure(fast([30_000] * 6, soc=15), DC).power_ratio == pytest.approx(0.2)


def test_a_pause_of_the_vehicle_is_not_counted() -> None:
    found = measuring.measure(fast([80_000] * 5 + [0] * 10, offered=100_000), DC)
    assert found.power_ratio == pytest.approx(0.8)


def test_what_was_held_down_by_us_is_not_counted() -> None:
    limited = [(START + timedelta(minutes=5), None)]
    found = measuring.measure(
        fast([90_000] * 5 + [20_000] * 10, offered=100_000), DC, limited=limited
    )
    assert found.power_ratio == pytest.approx(0.9)
    assert found.was_limited


def test_an_offer_below_rated_power_is_a_limit() -> None:
    low = fast([50_000] * 6, offered=60_000)
    assert measuring.measure(low, DC).was_limited
    known = measuring.measure(low, DC, limited=())
    assert (known.is_offer_low, known.was_limited) == (True, False)
    assert not measuring.measure(fast([50_000] * 6, offered=150_000), DC).was_limited


def test_without_an_offer_rated_power_stands_in_and_says_so() -> None:
    found = measuring.measure(fast([75_000] * 6, offered=None), DC)
    assert found.power_ratio == pytest.approx(0.5)
    assert not found.is_ratio_of_offer


def test_a_flat_top_is_a_plateau() -> None:
    found = measuring.measure(fast([0, 100_000, *[100_500] * 15, 60_000, 40_000]), DC)
    assert found.plateau == pytest.approx(0.67)
    assert found.plateau_share == pytest.approx(14 / 16)


def test_a_slow_vehicle_of_alternating_current_is_told_by_what_it_takes_early() -> None:
    samples = [replace(one, soc_percent=None) for one in fast([3_600] * 6, offered=22_000)]
    found = measuring.measure(samples, AC)
    assert found.hungry_w == 3_600
    assert found.power_ratio == pytest.approx(3_600 / 22_000)
    tail = [
        replace(one, soc_percent=None) for one in fast([11_000] * 22 + [900] * 60, offered=11_000)
    ]
    assert measuring.measure(tail, AC).hungry_w == 11_000


def test_phases_are_shares_of_the_largest() -> None:
    rows = [
        Sample(at=START + timedelta(minutes=index), phases_a=(16.0, 16.0, 0.4))
        for index in range(5)
    ]
    assert measuring.measure(rows, AC).phase_shares == pytest.approx((1, 1, 0.025))
    assert measuring.measure(rows[:2], AC).phase_shares is None
    assert measuring.measure(rows, DC).phase_shares is None


def test_an_unsaid_phase_beside_two_said_ones_carries_nothing() -> None:
    rows = [
        Sample(at=START + timedelta(minutes=index), phases_a=(16.0, None, 16.0))
        for index in range(5)
    ]
    assert measuring.measure(rows, AC).phase_shares == (1, 0, 1)
    alone = [replace(one, phases_a=(16.0, None, None)) for one in rows]
    assert measuring.measure(alone, AC).phase_shares is None


def test_energy_flows_from_the_first_sign_of_it() -> None:
    assert measuring.measure(fast([0, 0, 900, 50_000]), DC).first_energy_at == START + timedelta(
        minutes=2
    )
    rising = [
        Sample(at=START + timedelta(minutes=index), energy_wh=wh)
        for index, wh in enumerate((5_000_000, 5_000_000, 5_000_100))
    ]
    assert measuring.measure(rising, DC).first_energy_at == START + timedelta(minutes=2)
    assert measuring.measure(fast([0, 0]), DC).first_energy_at is None
