"""What meters do: dips, jumps, rollovers, stops below the start."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.metering import energy, registers

HOUR = timedelta(hours=1)
T0 = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "stop", "last", "used", "flag"),
    [
        (1000, 6000, None, 5000, ""),
        (1000, 6000, 5990, 5000, ""),
        (1000, 6000, 500, 5000, ""),
        (1000, 6000, 7000, 5000, "stop_below_sample"),
        (None, 6000, 5000, None, "start_register_missing"),
        (-1, 6000, 5000, None, "start_register_missing"),
        (1000, None, 4000, 3000, "stop_register_missing"),
        (1000, -1, 4000, 3000, "stop_register_missing"),
        (1000, 0, 4000, 3000, "stop_register_missing"),
        (1000, 0, None, None, "stop_register_missing"),
        (0, 0, None, 0, ""),
        (3684, 3670, None, 0, "register_backwards"),
        (3684, 3670, 4684, 1000, "register_backwards"),
        (9000, 1000, None, None, "register_backwards"),
        (2**32 - 1000, 2000, None, 3000, "register_rollover"),
        (999_999_000, 2000, None, 3000, "register_rollover"),
        (1000, 10_001_000, None, 10_000_000, "above_max_power"),
    ],
)
def test_session_energy(start, stop, last, used, flag):
    found = registers.session_energy(
        start_wh=start, stop_wh=stop, last_wh=last, duration=HOUR, max_power_w=11_000
    )

    assert (found.energy_wh, found.flags) == (used, (flag,) if flag else ())


@given(
    *[st.none() | st.integers(-(2**40), 2**40)] * 3,
    st.integers(-(10**6), 10**6),
    st.none() | st.integers(0, 10**6),
)
def test_a_session_never_uses_negative_energy(start, stop, last, seconds, power):
    found = registers.session_energy(
        start_wh=start,
        stop_wh=stop,
        last_wh=last,
        duration=timedelta(seconds=seconds),
        max_power_w=power,
    )

    assert found.energy_wh is None or found.energy_wh >= 0
    assert found.energy_wh is not None or found.flags


@pytest.mark.parametrize(
    ("wh", "last_wh", "minutes", "flag"),
    [
        (-1, 1000, 0, "register_negative"),
        (500, None, 0, ""),
        (500, 1000, 1, "register_dip"),
        (500, 1000, -1, ""),
        (1500, 1000, 1, ""),
        (500_000, 1000, 1, "register_jump"),
    ],
)
def test_sample_flag(wh, last_wh, minutes, flag):
    assert flag == registers.sample_flag(
        energy_wh=wh,
        occurred_at=T0 + timedelta(minutes=minutes),
        last_wh=last_wh,
        last_at=None if last_wh is None else T0,
        max_power_w=22_000,
    )


def test_an_unknown_place_may_deliver_what_the_largest_can():
    assert registers.most_wh(None, HOUR, timedelta(0)) == 1_200_000
    assert registers.most_wh(10_000, -HOUR, timedelta(0)) == 0


@pytest.mark.parametrize(
    ("value", "unit", "multiplier", "wh"),
    [
        ("50.067", "kWh", 0, 50_067),
        ("0.01", "kWh", 0, 10),
        ("2259992.1", "Wh", 0, 2_259_992),
        ("1.5", "", 3, 1500),
        ("0.5", "Wh", 0, 1),
        ("1", "MWh", 0, 1_000_000),
        ("1", "varh", 0, None),
        ("1", "Wh", 40, None),
    ],
)
def test_energies_become_whole_wh(value, unit, multiplier, wh):
    number = energy.read_number(value)
    assert number is not None

    assert energy.energy_wh(number, unit, multiplier) == wh


def test_powers_become_whole_w():
    number = energy.read_number("11,04")
    assert number is not None

    assert energy.power_w(number, "kW") == 11_040
    assert energy.power_w(number, "A") is None


@pytest.mark.parametrize("value", [True, None, "", "x", "NaN", "inf", "1e99", [], {}])
def test_what_is_no_measurement_is_no_number(value):
    assert energy.read_number(value) is None


@pytest.mark.parametrize(
    ("value", "unit", "celsius"),
    [(20, "", "20.0"), (68, "Fahrenheit", "20.0"), (293, "K", "19.9")],
)
def test_temperatures_become_celsius(value, unit, celsius):
    number = energy.read_number(value)
    assert number is not None

    assert str(energy.temperature_c(number, unit)) == celsius
