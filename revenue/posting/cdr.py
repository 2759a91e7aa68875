"""A rated session: earned, and not yet invoiced."""

from dataclasses import dataclass
from decimal import Decimal

from revenue.posting.lines import (
    ACCRUED_INCOME,
    DoesNotAddUp,
    Line,
    RatePart,
    Tags,
    sales,
    without_zeros,
)


@dataclass(frozen=True, slots=True)
class CdrFacts:
    """What the books need of a Cdr: rounded amounts excluding VAT, by rate."""

    total_excl_vat: Decimal
    parts_excl_vat: tuple[RatePart, ...]
    tags: Tags


def postings_for_cdr(cdr: CdrFacts) -> tuple[Line, ...]:
    """Debit accrued income and credit sales with what a session earned, excluding VAT.

    A free session makes no lines. Raises DoesNotAddUp.
    """
    if sum((part.amount for part in cdr.parts_excl_vat), Decimal(0)) != cdr.total_excl_vat:
        raise DoesNotAddUp(f"the parts of a Cdr are not its total {cdr.total_excl_vat}")
    if not cdr.total_excl_vat:
        return ()
    return without_zeros(
        (
            Line(ACCRUED_INCOME, cdr.total_excl_vat, cdr.tags),
            *(Line(sales(part.rate), -part.amount, cdr.tags) for part in cdr.parts_excl_vat),
        )
    )
