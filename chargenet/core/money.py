"""Money: Decimal with a currency, rounded half up to the minor unit, once."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from djmoney.models.fields import MoneyField

# ISO 4217 minor units of the currencies we sell in; the rest have two.
MINOR_UNIT_DIGITS = {"ISK": 0, "JPY": 0}


class UnknownCurrency(ValueError):
    """The currency is no three-letter code."""


def minor_digits(currency: str) -> int:
    """Return how many decimals amounts of a currency have."""
    if len(currency) != 3 or not currency.isalpha() or not currency.isupper():
        raise UnknownCurrency(f"{currency!r} is no ISO 4217 code")
    return MINOR_UNIT_DIGITS.get(currency, 2)


def round_minor(amount: Decimal | Fraction, currency: str) -> Decimal:
    """Round an exact amount half up (away from zero) to the currency's minor unit."""
    digits = minor_digits(currency)
    if isinstance(amount, Fraction):
        scaled = amount * 10**digits
        doubled = 2 * abs(scaled)
        whole = (doubled.numerator // doubled.denominator + 1) // 2
        return Decimal(whole if scaled >= 0 else -whole).scaleb(-digits)
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def from_minor(minor: int, currency: str) -> Decimal:
    """Return an amount from its whole minor units."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def money_field(**options: Any) -> MoneyField:
    """Return an amount column (14 digits, 2 decimals) sharing its row's one currency column."""
    return MoneyField(max_digits=14, decimal_places=2, currency_field_name="currency", **options)  # type: ignore[no-untyped-call]  # djmoney has no types
