from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargenet.core import money


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("5.625", "EUR", "5.63"),
        ("-5.625", "EUR", "-5.63"),
        ("5.6249", "SEK", "5.62"),
        ("0.5", "ISK", "1"),
        ("1234.5", "JPY", "1235"),
    ],
)
def test_amounts_are_rounded_half_up_to_the_minor_unit(
    amount: str, currency: str, rounded: str
) -> None:
    assert money.round_minor(Decimal(amount), currency) == Decimal(rounded)
    assert money.round_minor(Fraction(amount), currency) == Decimal(rounded)


@given(st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6))
def test_rounding_moves_an_amount_by_half_a_minor_unit_at_most(amount: Fraction) -> None:
    rounded = money.round_minor(amount, "SEK")

    assert abs(Fraction(rounded) - amount) <= Fraction(1, 200)
    assert -rounded == money.round_minor(-amount, "SEK")


@pytest.mark.parametrize("currency", ["sek", "SE", "KRON", "12A"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(money.UnknownCurrency):
        money.minor_digits(currency)
