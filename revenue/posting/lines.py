"""The words of the posting rules: what a line is for, how much, and what it is tagged with."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

ACCRUED_INCOME = "accrued_income"
RECEIVABLES = "receivables"
PSP_CLEARING = "psp_clearing"
CUSTOMER_ADVANCES = "customer_advances"
ROUNDING = "rounding"
BANK = "bank"
LATE_INTEREST = "late_interest"
REMINDER_FEES = "reminder_fees"
SALES = "sales_"
VAT_OUT = "vat_out_"


class DoesNotAddUp(ValueError):
    """The source contradicts itself: its parts are not its total."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What a line belongs to, as ids; None where it belongs to nothing of that kind."""

    customer_id: int | None = None
    session_id: int | None = None
    location_id: int | None = None
    station_id: int | None = None
    connector_id: int | None = None
    cable_id: int | None = None


UNTAGGED = Tags()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry: debit positive, credit negative, never zero."""

    purpose: str
    amount: Decimal
    tags: Tags


@dataclass(frozen=True, slots=True)
class RatePart:
    """The part of a document under one VAT rate, in percent."""

    rate: Decimal
    amount: Decimal


def rate_key(rate: Decimal) -> str:
    """Return a VAT rate as accounts name it: "25", "12.5", "0"."""
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def sales(rate: Decimal) -> str:
    """Return the purpose of the account that takes sales under a VAT rate."""
    return SALES + rate_key(rate)


def vat_out(rate: Decimal) -> str:
    """Return the purpose of the account that takes the output VAT of a rate."""
    return VAT_OUT + rate_key(rate)


def without_zeros(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines that move something; a source that moves nothing has none."""
    return tuple(line for line in lines if line.amount)
