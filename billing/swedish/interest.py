"""Interest on what is paid late: the reference rate and eight points, by half-years."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from billing.swedish import facts

ORE = Decimal("0.01")
JULY = 7


@dataclass(frozen=True, slots=True)
class Part:
    """Days of one rate, [since, until), and the exact interest of them."""

    since: date
    until: date
    rate: Decimal
    amount: Fraction

    @property
    def days(self) -> int:
        """Return how many days interest runs."""
        return (self.until - self.since).days


def parts_of(debt: Decimal, *, due: date, until: date) -> list[Part]:
    """Return the interest on a debt from the day after it was due to and including a day.

    A year has its real number of days, 365 or 366; a rate holds for a calendar half-year.
    """
    parts = []
    for since, end in _half_years(due + timedelta(days=1), until + timedelta(days=1)):
        rate = facts.at(facts.REFERENCE_RATES, since) + facts.INTEREST_MARGIN
        exact = Fraction(debt) * Fraction(rate) / 100 * (end - since).days / _days_in(since.year)
        parts.append(Part(since, end, rate, exact))
    return parts


def total(parts: list[Part]) -> Decimal:
    """Return the interest in kronor and öre, rounded once, half up."""
    exact = sum((part.amount for part in parts), Fraction(0))
    whole = Decimal(exact.numerator) / Decimal(exact.denominator)
    return whole.quantize(ORE, rounding=ROUND_HALF_UP)


def _half_years(since: date, until: date) -> Iterator[tuple[date, date]]:
    while since < until:
        end = date(since.year, JULY, 1) if since.month < JULY else date(since.year + 1, 1, 1)
        yield since, min(end, until)
        since = end


def _days_in(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
