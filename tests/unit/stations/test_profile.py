from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from stations.metering import profile
from stations.metering.profile import Measured, Sample

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
END = START + timedelta(hours=1)


def _at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def _measured(**changes: int | None) -> Measured:
    given = {"energy_wh": 6000, "meter_start_wh": 100, "meter_stop_wh": 6100} | changes
    return Measured(started_at=START, ended_at=END, **given)  # type: ignore[arg-type]


def test_without_samples_energy_flows_evenly_until_the_parking() -> None:
    charging, parking = profile.periods_of(_measured(parking_s=600))

    assert (charging.energy_wh, charging.charging_s, charging.parking_s) == (6000, 3000, 0)
    assert (parking.energy_wh, parking.charging_s, parking.parking_s) == (0, 0, 600)


def test_samples_say_when_it_flowed_and_how_strongly() -> None:
    samples = [Sample(_at(30), 5100, 8000), Sample(_at(45), 5600, 2000)]

    found = profile.periods_of(_measured(), samples)

    assert [period.energy_wh for period in found] == [5000, 500, 500]
    assert [(each.min_power_w, each.max_power_w) for each in found] == [
        (8000, 8000),
        (2000, 8000),
        (2000, 2000),
    ]


def test_parking_starts_between_samples_on_the_line_between_them() -> None:
    found = profile.periods_of(
        _measured(parking_s=900), [Sample(_at(30), 3100), Sample(_at(60), 1)]
    )

    assert [(each.energy_wh, each.parking_s) for each in found] == [
        (3000, 0),
        (1500, 0),
        (1500, 900),
    ]


def test_a_sample_at_the_start_of_parking_serves_as_its_bound() -> None:
    found = profile.periods_of(_measured(parking_s=900), [Sample(_at(45), 6100)])

    assert [(each.energy_wh, each.parking_s) for each in found] == [(6000, 0), (0, 900)]


def test_parking_all_the_time_is_one_period() -> None:
    (only,) = profile.periods_of(_measured(parking_s=7200), [Sample(_at(60), 5)])

    assert (only.parking_s, only.charging_s, only.energy_wh) == (3600, 0, 6000)


def test_samples_that_fall_lie_outside_or_say_nothing_are_left_out() -> None:
    samples = [
        Sample(_at(-5), 100),
        Sample(_at(10), 2100),
        Sample(_at(20), 1100),
        Sample(_at(25), None),
        Sample(_at(30), 9000),
        Sample(_at(70), 6100),
    ]

    found = profile.periods_of(_measured(), samples)

    assert [period.energy_wh for period in found] == [2000, 4000]


def test_a_missing_start_register_is_read_from_the_end_and_none_at_all_from_nothing() -> None:
    samples = [Sample(_at(30), 5100)]

    from_stop = profile.periods_of(_measured(meter_start_wh=None), samples)
    unknown = profile.periods_of(_measured(meter_start_wh=None, meter_stop_wh=None), samples)

    assert [period.energy_wh for period in from_stop] == [5000, 1000]
    assert [period.energy_wh for period in unknown] == [6000]


def test_a_session_of_no_time_keeps_its_energy() -> None:
    instant = Measured(started_at=START, ended_at=START, energy_wh=5)

    assert [period.energy_wh for period in profile.periods_of(instant)] == [5]


@given(
    st.lists(st.tuples(st.integers(-10, 70), st.integers(-100, 7000)), max_size=8),
    st.integers(0, 4000),
)
def test_all_energy_and_all_time_are_in_the_periods(
    readings: list[tuple[int, int]], parking_s: int
) -> None:
    samples = [Sample(_at(minute), register) for minute, register in readings]

    found = profile.periods_of(_measured(parking_s=parking_s), samples)

    assert sum(Fraction(period.energy_wh or 0) for period in found) == 6000
    assert sum(period.charging_s for period in found) == max(0, 3600 - parking_s)
    assert sum(period.parking_s for period in found) == min(3600, parking_s)
    assert [each.ended_at for each in found[:-1]] == [each.started_at for each in found[1:]]
