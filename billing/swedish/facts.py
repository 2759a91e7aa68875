"""Figures of Swedish law that change, each with the day it holds from."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """A figure, from a day until the next one of its table."""

    since: date
    value: Decimal


class NotKnown(LookupError):
    """The table begins after that day."""


def _table(*rows: tuple[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(date.fromisoformat(since), Decimal(value)) for since, value in rows)


# Percent a year. Source: Riksbanken, referensränta according to räntelagen 9 §: the policy rate at
# the end of the half-year before, rounded up to a half percent.
REFERENCE_RATES = _table(
    ("2019-07-01", "0.00"),
    ("2023-01-01", "2.50"),
    ("2023-07-01", "3.50"),
    ("2024-01-01", "4.00"),
    ("2025-01-01", "3.00"),
    ("2025-07-01", "2.00"),
    ("2026-01-01", "2.00"),
)
# Percentage points on top. Source: räntelagen (1975:635) 6 §.
INTEREST_MARGIN = Decimal(8)
# Kronor. Source: lag (1981:739) om ersättning för inkassokostnader m.m., 4 § (påminnelse).
REMINDER_FEES = _table(("1982-07-01", "50.00"), ("2013-01-01", "60.00"))
# Percent: standard, food and hotels, books and travel. Source: mervärdesskattelagen (2023:200) 9.
VAT_RATES = tuple(Decimal(rate) for rate in (25, 12, 6))
# Kronor with tax: the most a simplified invoice may be about. Source: the same law, 17:9.
SIMPLIFIED_UP_TO = _table(("2014-01-01", "4000.00"))
CURRENCY = "SEK"


def at(table: Sequence[Fact], day: date) -> Decimal:
    """Return what held on a day. Raises NotKnown."""
    place = bisect_right(table, day, key=lambda fact: fact.since)
    if not place:
        raise NotKnown(f"nothing is known of {day}")
    return table[place - 1].value
