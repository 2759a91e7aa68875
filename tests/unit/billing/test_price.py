"""What a session costs: clocks, windows, thresholds, dimensions."""

from datetime import UTC, datetime

import pytest

from billing.tariffs.bill import LineKind
from tests.unit.billing.papers import NINE, component, element, period, priced, session, tariff
from tests.unit.billing.price_scene import HOUR, excl

DAY_AND_NIGHT = tariff(
    element(component("ENERGY", 1), start_time="07:00", end_time="19:00"),
    element(component("ENERGY", 10)),
)


def test_energy_is_split_in_a_line_where_the_price_changes() -> None:
    night = NINE.replace(hour=18, minute=30)

    result = priced(DAY_AND_NIGHT, session(period(night, ENERGY=6), start=night))

    assert [[line.element, line.quantity] for line in result.lines] == [[0, 3], [1, 3]]
    assert result.lines[0].ended_at == NINE.replace(hour=19)


def test_the_clock_is_the_locations() -> None:
    told = session(period(NINE.replace(hour=6), ENERGY=6), start=NINE.replace(hour=6))
    assert excl(DAY_AND_NIGHT, told) == 60
    assert excl(DAY_AND_NIGHT, told | {"time_zone": "Europe/Stockholm"}) == 6


def test_a_window_over_midnight_wraps() -> None:
    price_list = tariff(element(component("ENERGY", 2), start_time="22:00", end_time="06:00"))
    start = NINE.replace(hour=21)

    told = session(period(start, ENERGY=10), start=start, end=start + 10 * HOUR)

    assert excl(price_list, told) == 16


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("20:00", "00:00", 4), ("00:00", "00:00", 24), ("05:00", "05:00", 24)],
)
def test_midnight_as_an_end_is_the_end_of_the_day(start: str, end: str, hours: int) -> None:
    price_list = tariff(element(component("TIME", 1), start_time=start, end_time=end))
    midnight = NINE.replace(hour=0)

    told = session(period(midnight, TIME=24), start=midnight, end=midnight + 24 * HOUR)

    assert excl(price_list, told) == hours


def test_weekdays_are_of_the_instant_and_dates_end_exclusive() -> None:
    weekend = tariff(element(component("TIME", 1), day_of_week=["SATURDAY", "SUNDAY"]))
    dated = tariff(element(component("TIME", 1), start_date="2026-11-06", end_date="2026-11-08"))
    friday = datetime(2026, 11, 6, tzinfo=UTC)
    told = session(period(friday, TIME=96), start=friday, end=friday + 96 * HOUR)
    early = session(
        period(friday - 24 * HOUR, TIME=48), start=friday - 24 * HOUR, end=friday + 24 * HOUR
    )

    assert excl(weekend, told) == 48
    assert excl(dated, told) == 48
    assert excl(dated, early) == 24


@pytest.mark.parametrize(
    ("night", "hours"),
    [(datetime(2026, 10, 24, 22, tzinfo=UTC), 2), (datetime(2026, 3, 28, 23, tzinfo=UTC), 0)],
)
def test_both_nights_of_the_clock_change_follow_the_wall(night: datetime, hours: int) -> None:
    price_list = tariff(element(component("TIME", 1), start_time="02:00", end_time="03:00"))
    told = session(
        period(night, TIME=6), start=night, end=night + 6 * HOUR, zone="Europe/Stockholm"
    )

    assert excl(price_list, told) == hours


def test_a_bound_inside_the_missing_hour_holds_from_the_jump() -> None:
    price_list = tariff(element(component("TIME", 60), start_time="02:30"))
    start = datetime(2026, 3, 29, 0, tzinfo=UTC)

    told = session(
        period(start, TIME=2), start=start, end=start + 2 * HOUR, zone="Europe/Stockholm"
    )

    assert excl(price_list, told) == 60


def test_a_bound_inside_the_doubled_hour_holds_both_times() -> None:
    price_list = tariff(element(component("TIME", 60), start_time="02:30"))
    start = datetime(2026, 10, 25, 0, tzinfo=UTC)

    told = session(
        period(start, TIME=3), start=start, end=start + 3 * HOUR, zone="Europe/Stockholm"
    )

    assert excl(price_list, told) == 30 + 90


def test_thresholds_of_energy_and_time_split_exactly() -> None:
    by_energy = tariff(
        element(component("ENERGY", 1), max_kwh=10), element(component("ENERGY", 2), min_kwh=10)
    )
    by_time = tariff(
        element(component("ENERGY", 1), max_duration=1200),
        element(component("ENERGY", 2), min_duration=1200),
    )

    assert excl(by_energy, session(period(NINE, ENERGY=30))) == 50
    assert excl(by_time, session(period(NINE, ENERGY=30))) == 50


def test_energy_before_a_period_counts_towards_its_threshold() -> None:
    price_list = tariff(
        element(component("ENERGY", 1), max_kwh=10), element(component("ENERGY", 2))
    )
    told = session(period(NINE, ENERGY=8), period(NINE + HOUR / 2, ENERGY=8))

    assert excl(price_list, told) == 10 + 12


def test_a_duration_counts_from_the_session_not_from_its_reservation() -> None:
    price_list = tariff(element(component("ENERGY", 1), max_duration=1800))
    told = session(
        period(NINE, RESERVATION_TIME=0.5),
        period(NINE + HOUR / 2, ENERGY=4),
        reservation_outcome="USED",
    )

    assert excl(price_list, told) == 4


def test_dimensions_may_come_from_different_elements() -> None:
    price_list = tariff(
        element(component("FLAT", 5)),
        element(component("ENERGY", 1), start_time="12:00"),
        element(component("ENERGY", 2), component("FLAT", 7)),
    )

    result = priced(price_list, session(period(NINE, ENERGY=3)))

    assert [(line.kind, line.element) for line in result.lines] == [
        (LineKind.FLAT, 0),
        (LineKind.ENERGY, 2),
    ]
    assert result.total.excl == 11


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ({"MIN_POWER": 20, "MAX_POWER": 30}, 2),
        ({"MIN_POWER": 5, "MAX_POWER": 8}, 1),
        ({"MAX_POWER": 8}, 1),
        ({"MIN_POWER": 20}, 2),
        ({"MIN_CURRENT": 10, "MAX_CURRENT": 10, "MIN_POWER": 5, "MAX_POWER": 8}, 1),
    ],
)
def test_power_decides_where_it_was_measured(volumes: dict[str, int], expected: int) -> None:
    price_list = tariff(
        element(component("ENERGY", 1), max_power=11),
        element(component("ENERGY", 2), min_power=11),
    )

    result = priced(price_list, session(period(NINE, ENERGY=1, **volumes)))

    assert [result.total.excl, *result.warnings] == [expected]


def test_what_nobody_measured_is_priced_at_the_cheapest_and_said() -> None:
    price_list = tariff(
        element(component("ENERGY", 3), min_power=22),
        element(component("ENERGY", 1), max_current=32),
        element(component("ENERGY", 2)),
        element(component("ENERGY", 0)),
    )

    result = priced(price_list, session(period(NINE, ENERGY=1)))

    assert result.total.excl == 1
    assert result.warnings == (
        "current was not measured, the cheapest price that may hold was taken",
        "power was not measured, the cheapest price that may hold was taken",
    )


def test_nothing_that_matches_is_free() -> None:
    price_list = tariff(element(component("ENERGY", 3), start_time="12:00"))

    result = priced(price_list, session(period(NINE, ENERGY=5)))

    assert [result.total.excl, result.total.incl, *result.lines] == [0, 0]
