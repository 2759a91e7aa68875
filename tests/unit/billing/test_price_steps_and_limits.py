"""Steps, limits and tax of a price."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from billing.tariffs.bill import LineKind
from tests.unit.billing.papers import NINE, component, element, period, priced, session, tariff
from tests.unit.billing.price_scene import HOUR, excl


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

    assert excl(price_list, session(charging)) == 10
    assert excl(price_list, session(charging, parking)) == 3 + 10


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

    assert excl(price_list, session(period(NINE, ENERGY=20))) == 20


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

    assert excl(price_list, parked) == 1
    assert excl(price_list, session()) == 0
    assert excl(price_list, parked, fees_without_energy=True) == 10


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
