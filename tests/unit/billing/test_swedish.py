"""Figures of Swedish law: interest by half-years, fees, rounding, Swish."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.swedish import facts, interest, krona, swish


def test_interest_is_the_reference_rate_and_eight_points_by_half_years() -> None:
    parts = interest.parts_of(Decimal(1000), due=date(2025, 6, 20), until=date(2025, 7, 10))

    assert [(part.days, part.rate) for part in parts] == [(10, Decimal("11.00")), (10, 10)]
    # of 1000: 11 % for ten days of 365, then 10 % for ten
    assert sum(part.amount for part in parts) == Fraction(2100, 365)
    assert interest.total(parts) == Decimal("5.75")


def test_a_leap_year_has_366_days() -> None:
    parts = interest.parts_of(Decimal(36_600), due=date(2024, 2, 28), until=date(2024, 2, 29))

    assert interest.total(parts) == Decimal("12.00")


def test_no_interest_runs_on_the_day_it_is_due() -> None:
    assert interest.parts_of(Decimal(1), due=date(2026, 1, 1), until=date(2026, 1, 1)) == []


def test_before_the_table_nothing_is_guessed() -> None:
    with pytest.raises(facts.NotKnown):
        facts.at(facts.REFERENCE_RATES, date(2019, 6, 30))


@pytest.mark.parametrize("table", [facts.REFERENCE_RATES, facts.REMINDER_FEES])
def test_tables_are_in_the_order_of_their_days(table: tuple[facts.Fact, ...]) -> None:
    assert list(table) == sorted(table)
    assert all(facts.at(table, fact.since) == fact.value for fact in table)


@given(st.decimals("0", "99999", places=2))
def test_what_is_to_pay_is_whole_kronor_within_half_a_krona(total: Decimal) -> None:
    rounding = krona.rounding_of(total)

    assert (total + rounding) % 1 == 0
    assert Decimal("-0.49") <= rounding <= Decimal("0.50")


def test_a_swish_code_says_what_the_guide_shows() -> None:
    assert swish.code("1237856901", Decimal("100"), "12229445") == "C1237856901;100,00;12229445;0"
    assert swish.code("1237856901", Decimal("0.5"), "a b;c").endswith(";0,50;a%20b%3Bc;0")
