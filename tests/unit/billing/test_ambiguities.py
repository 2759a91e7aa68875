"""Where OCPI is silent, contradictory or wrong: what we read, case by case."""

from datetime import UTC, datetime
from fractions import Fraction

from billing.tariffs.bill import LineKind
from tests.unit.billing.papers import NINE, component, element, period, priced, session, tariff
from tests.unit.billing.price_scene import HOUR, excl

MINUTE = HOUR / 60


def test_a_step_of_half_a_kwh_bills_20_and_a_half_for_20_45() -> None:
    price_list = tariff(
        element(component("FLAT", "0.5", 20), component("ENERGY", "0.25", 10, 500))
    )

    total = priced(price_list, session(period(NINE, ENERGY="20.45"))).total

    assert (total.excl, total.incl) == (Fraction("5.625"), Fraction("6.2375"))


def test_dates_and_times_hold_on_every_day_of_the_dates_between_the_times() -> None:
    rules = {"start_date": "2026-11-02", "end_date": "2026-11-05"}
    price_list = tariff(
        element(component("TIME", 1), start_time="10:00", end_time="12:00", **rules)
    )
    midnight = datetime(2026, 11, 1, tzinfo=UTC)

    told = session(period(midnight, TIME=144), start=midnight, end=midnight + 144 * HOUR)

    assert excl(price_list, told) == 3 * 2


def test_a_weekday_is_that_of_the_instant_even_in_a_window_over_midnight() -> None:
    price_list = tariff(
        element(
            component("TIME", 1), start_time="22:00", end_time="06:00", day_of_week=["SATURDAY"]
        )
    )
    friday = datetime(2026, 11, 6, 12, tzinfo=UTC)

    result = priced(
        price_list, session(period(friday, TIME=60), start=friday, end=friday + 60 * HOUR)
    )

    assert [[line.started_at.isoformat(), line.quantity] for line in result.lines] == [
        ["2026-11-07T00:00:00+00:00", 6],
        ["2026-11-07T22:00:00+00:00", 2],
    ]


def test_a_duration_counts_from_the_session_also_for_parking() -> None:
    price_list = tariff(element(component("PARKING_TIME", 60), min_duration=1800))
    told = session(
        period(NINE, ENERGY=5, TIME="0.25", seconds=900),
        period(NINE + 15 * MINUTE, PARKING_TIME="0.75", seconds=2700),
    )

    assert excl(price_list, told) == 30


def test_a_fee_in_several_elements_is_charged_once_the_first_that_holds() -> None:
    price_list = tariff(
        element(component("FLAT", 9), start_time="12:00"),
        element(component("FLAT", 5), component("ENERGY", 1), max_kwh=2),
        element(component("FLAT", 7), component("ENERGY", 1)),
    )

    result = priced(price_list, session(period(NINE, ENERGY=4), end=NINE + 6 * HOUR))

    fees = [line for line in result.lines if line.kind is LineKind.FLAT]
    assert [[line.element, line.amount.excl] for line in fees] == [[1, 5]]


def test_seconds_are_stepped_and_not_the_four_decimals_of_an_hour() -> None:
    price_list = tariff(element(component("TIME", 60, step=300)))

    said = session(period(NINE, TIME="0.0834", seconds=300), end=NINE + 5 * MINUTE)

    assert excl(price_list, said) == 5


def test_the_tariff_of_the_start_holds_to_the_end_of_the_session() -> None:
    price_list = tariff(element(component("ENERGY", 1)), end_date_time="2026-11-02T09:30:00Z")

    result = priced(price_list, session(period(NINE, ENERGY=10)))

    assert [result.total.excl, *result.warnings] == [10]


def test_energy_of_a_period_told_without_time_flows_until_the_next() -> None:
    price_list = tariff(
        element(component("ENERGY", 1), end_time="09:30"), element(component("ENERGY", 3))
    )

    assert excl(price_list, session(period(NINE, ENERGY=10, TIME=0))) == 20
