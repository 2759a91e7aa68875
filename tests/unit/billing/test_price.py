from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from billing.tariffs.bill import LineKind
from tests.unit.billing.papers import NINE, component, element, period, priced, session, tariff

HOUR = timedelta(hours=1)
DAY_AND_NIGHT = tariff(
    element(component("ENERGY", 1), start_time="07:00", end_time="19:00"),
    element(component("ENERGY", 10)),
)


def _excl(*arguments, **options) -> Fraction | None:
    return priced(*arguments, **options).total.excl


def test_energy_is_split_in_a_line_where_the_price_changes() -> None:
    night = NINE.replace(hour=18, minute=30)

    result = priced(DAY_AND_NIGHT, session(period(night, ENERGY=6), start=night))

    assert [[line.element, line.quantity] for line in result.lines] == [[0, 3], [1, 3]]
    assert result.lines[0].ended_at == NINE.replace(hour=19)


def test_the_clock_is_the_locations() -> None:
    told = session(period(NINE.replace(hour=6), ENERGY=6), start=NINE.replace(hour=6))
    assert _excl(DAY_AND_NIGHT, told) == 60
    assert _excl(DAY_AND_NIGHT, told | {"time_zone": "Europe/Stockholm"}) == 6


def test_a_window_over_midnight_wraps() -> None:
    price_list = tariff(element(component("ENERGY", 2), start_time="22:00", end_time="06:00"))
    start = NINE.replace(hour=21)

    told = session(period(start, ENERGY=10), start=start, end=start + 10 * HOUR)

    assert _excl(price_list, told) == 16


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("20:00", "00:00", 4), ("00:00", "00:00", 24), ("05:00", "05:00", 24)],
)
def test_midnight_as_an_end_is_the_end_of_the_day(start: str, end: str, hours: int) -> None:
    price_list = tariff(element(component("TIME", 1), start_time=start, end_time=end))
    midnight = NINE.replace(hour=0)

    told = session(period(midnight, TIME=24), start=midnight, end=midnight + 24 * HOUR)

    assert _excl(price_list, told) == hours


def test_weekdays_are_of_the_instant_and_dates_end_exclusive() -> None:
    weekend = tariff(element(component("TIME", 1), day_of_week=["SATURDAY", "SUNDAY"]))
    dated = tariff(element(component("TIME", 1), start_date="2026-11-06", end_date="2026-11-08"))
    friday = datetime(2026, 11, 6, tzinfo=UTC)
    told = session(period(friday, TIME=96), start=friday, end=friday + 96 * HOUR)
    early = session(
        period(friday - 24 * HOUR, TIME=48), start=friday - 24 * HOUR, end=friday + 24 * HOUR
    )

    assert _excl(weekend, told) == 48
    assert _excl(dated, told) == 48
    assert _excl(dated, early) == 24


@pytest.mark.parametrize(
    ("night", "hours"),
    [(datetime(2026, 10, 24, 22, tzinfo=UTC), 2), (datetime(2026, 3, 28, 23, tzinfo=UTC), 0)],
)
def test_both_nights_of_the_clock_change_follow_the_wall(night: datetime, hours: int) -> None:
    price_list = tariff(element(component("TIME", 1), start_time="02:00", end_time="03:00"))
    told = session(
        period(night, TIME=6), start=night, end=night + 6 * HOUR, zone="Europe/Stockholm"
    )

    assert _excl(price_list, told) == hours


def test_a_bound_inside_the_missing_hour_holds_from_the_jump() -> None:
    price_list = tariff(element(component("TIME", 60), start_time="02:30"))
    start = datetime(2026, 3, 29, 0, tzinfo=UTC)

    told = session(
        period(start, TIME=2), start=start, end=start + 2 * HOUR, zone="Europe/Stockholm"
    )

    assert _excl(price_list, told) == 60


def test_a_bound_inside_the_doubled_hour_holds_both_times() -> None:
    price_list = tariff(element(component("TIME", 60), start_time="02:30"))
    start = datetime(2026, 10, 25, 0, tzinfo=UTC)

    told = session(
        period(start, TIME=3), start=start, end=start + 3 * HOUR, zone="Europe/Stockholm"
    )

    assert _excl(price_list, told) == 30 + 90


def test_thresholds_of_energy_and_time_split_exactly() -> None:
    by_energy = tariff(
        element(component("ENERGY", 1), max_kwh=10), element(component("ENERGY", 2), min_kwh=10)
    )
    by_time = tariff(
        element(component("ENERGY", 1), max_duration=1200),
        element(component("ENERGY", 2), min_duration=1200),
    )

    assert _excl(by_energy, session(period(NINE, ENERGY=30))) == 50
    assert _excl(by_time, session(period(NINE, ENERGY=30))) == 50


def test_energy_before_a_period_counts_towards_its_threshold() -> None:
    price_list = tariff(
        element(component("ENERGY", 1), max_kwh=10), element(component("ENERGY", 2))
    )
    told = session(period(NINE, ENERGY=8), period(NINE + HOUR / 2, ENERGY=8))

    assert _excl(price_list, told) == 10 + 12


def test_a_duration_counts_from_the_session_not_from_its_reservation() -> None:
    price_list = tariff(element(component("ENERGY", 1), max_duration=1800))
    told = session(
        period(NINE, RESERVATION_TIME=0.5),
        period(NINE + HOUR / 2, ENERGY=4),
        reservation_outcome="USED",
    )

    assert _excl(price_list, told) == 4


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


# --- steps ------------------------------------------------------------------------------------


def test_a_step_is_taken_once_at_the_last_price() -> None:
    price_list = tariff(
        element(component("ENERGY", 1, step=5000), end_time="09:30"),
        element(component("ENERGY", 2, step=2000)),
    )

    result = priced(price_list, session(period(NINE, ENERGY=7)))

    assert [line.billed_quantity for line in result.lines] == [Fraction(7, 2), Fraction(9, 2)]


def test_a_step_of_zero_rounds_nothing() -> None:
    result = priced(
        tariff(element(component("ENERGY", 1, step=0))), session(period(NINE, ENERGY="1.2345"))
    )

    assert result.lines[0].billed_quantity == Fraction("1.2345")


def test_priced_parking_is_rounded_instead_of_the_charging_time() -> None:
    price_list = tariff(
        element(component("TIME", 60, step=600), component("PARKING_TIME", 60, step=600))
    )
    charging = period(NINE, TIME="0.05", seconds=180)
    parking = period(NINE + timedelta(minutes=3), PARKING_TIME="0.05", seconds=180)

    assert _excl(price_list, session(charging)) == 10
    assert _excl(price_list, session(charging, parking)) == 3 + 10


def test_a_reservation_is_rounded_on_its_own_and_pays_its_own_fee() -> None:
    price_list = tariff(
        element(component("FLAT", 2), component("TIME", 60, step=600), reservation="RESERVATION"),
        element(component("FLAT", 1), component("TIME", 60, step=600)),
    )
    told = session(
        period(NINE, RESERVATION_TIME=1, seconds=60),
        period(NINE + timedelta(minutes=1), TIME=1, seconds=60),
        reservation_outcome="USED",
    )

    result = priced(price_list, told)

    assert {line.kind: line.amount.excl for line in result.lines} == {
        LineKind.RESERVATION_FLAT: 2,
        LineKind.RESERVATION_TIME: 10,
        LineKind.FLAT: 1,
        LineKind.TIME: 10,
    }
    assert result.total_s == 3600 - 60


def test_an_unsaid_outcome_is_assumed_and_said() -> None:
    price_list = tariff(
        element(component("TIME", 1), reservation="RESERVATION"),
        element(component("TIME", 2), reservation="RESERVATION_EXPIRES"),
    )
    reserved = period(NINE, RESERVATION_TIME=1, ENERGY=1)

    expired = priced(price_list, session(reserved))
    used = priced(price_list, session(reserved, period(NINE + HOUR / 2, ENERGY=1)))

    assert [expired.total.excl, used.total.excl] == [2, 1]
    assert "reservation_outcome is missing, EXPIRED was assumed" in expired.warnings
    assert "energy during a reservation has no price" in expired.warnings


# --- limits and tax ---------------------------------------------------------------------------


def test_limits_hold_each_side_on_its_own_and_lines_sum_to_them() -> None:
    price_list = tariff(
        element(component("ENERGY", 1, 25), component("FLAT", 10, 6)),
        max_price={"excl_vat": 15, "incl_vat": 30},
    )

    result = priced(price_list, session(period(NINE, ENERGY=20)))

    assert [result.total.excl, result.total.incl] == [15, 30]
    assert result.lines[0].amount.excl == 5


def test_a_limit_of_one_side_moves_the_other_with_it() -> None:
    price_list = tariff(element(component("ENERGY", 1, 25)), max_price={"excl_vat": 10})

    assert priced(price_list, session(period(NINE, ENERGY=20))).total.incl == Fraction("12.5")


def test_a_limit_that_does_not_bite_changes_nothing() -> None:
    price_list = tariff(
        element(component("ENERGY", 1)), max_price={"excl_vat": 99}, min_price={"excl_vat": 1}
    )

    assert _excl(price_list, session(period(NINE, ENERGY=20))) == 20


@pytest.mark.parametrize(
    ("extra", "amounts", "price"),
    [
        ({"min_price": {"excl_vat": 4, "incl_vat": 6}}, (4, 6), 4),
        ({"min_price": {"excl_vat": 4}}, (4, 5), 4),
        ({"min_price": {"before_taxes": 4}, "tax_included": "N/A"}, (4, 4), 4),
        ({"min_price": {"before_taxes": 4}, "tax_included": "YES"}, (4, 5), 5),
    ],
)
def test_a_minimum_of_something_free_is_a_line_of_its_own(extra, amounts, price) -> None:
    price_list = tariff(element(component("ENERGY", 0, 25)), **extra)

    result = priced(price_list, session(period(NINE, ENERGY=20)))

    assert [result.total.excl, result.total.incl] == [*amounts]
    assert (result.lines[-1].kind, result.lines[-1].price) == (LineKind.MIN_PRICE, price)


def test_no_energy_means_no_fee_and_no_minimum() -> None:
    price_list = tariff(
        element(component("FLAT", 5), component("PARKING_TIME", 1)), min_price={"excl_vat": 10}
    )
    parked = session(period(NINE, ENERGY=0, PARKING_TIME=1))

    assert _excl(price_list, parked) == 1
    assert _excl(price_list, session()) == 0
    assert _excl(price_list, parked, fees_without_energy=True) == 10


def test_tax_is_added_taken_out_or_not_there() -> None:
    told = session(period(NINE, ENERGY=10))
    without = component("ENERGY", 1)
    with_tax = component("ENERGY", 1, 25)

    def amounts(price: dict[str, Any], **extra: Any) -> list[Fraction | None]:
        total = priced(tariff(element(price), **extra), told).total
        return [total.excl, total.incl]

    assert amounts(with_tax) == [10, Fraction("12.5")]
    assert amounts(without) == [10, 10]
    assert amounts(with_tax, tax_included="YES") == [8, 10]
    assert amounts(without, tax_included="YES") == [None, 10]
    assert amounts(with_tax, tax_included="N/A") == [10, 10]


def test_an_unknown_side_stays_unknown_under_a_limit() -> None:
    price_list = tariff(
        element(component("ENERGY", 1)),
        tax_included="YES",
        max_price={"before_taxes": 4, "after_taxes": 5},
        min_price={"before_taxes": 1},
    )

    result = priced(price_list, session(period(NINE, ENERGY=20)))

    assert [result.total.excl, result.total.incl] == [None, 5]
    assert any("price limit without tax" in warning for warning in result.warnings)


def test_a_tariff_out_of_its_time_is_said() -> None:
    told = session(period(NINE, ENERGY=1))
    price_list = tariff(element(component("ENERGY", 1)))

    late = priced(price_list | {"end_date_time": "2026-11-02T09:00:00Z"}, told)
    early = priced(price_list | {"start_date_time": "2026-11-02T09:00:01Z"}, told)
    valid = priced(
        price_list
        | {"start_date_time": "2026-11-02T09:00:00Z", "end_date_time": "2026-11-02T10:00:00Z"},
        told,
    )

    said = "the tariff did not hold when the session began"
    assert said in late.warnings
    assert said in early.warnings
    assert valid.warnings == ()


def test_tax_is_told_per_rate() -> None:
    price_list = tariff(element(component("ENERGY", 1, 25), component("FLAT", 10)))

    found = priced(price_list, session(period(NINE, ENERGY=8))).totals_by_vat()

    assert {rate: [amount.excl, amount.incl] for rate, amount in found.items()} == {
        Fraction(25): [8, 10],
        None: [10, 10],
    }
