"""Credit paid back: the customer has their money, and the bank account does not."""

from dataclasses import dataclass
from decimal import Decimal

from revenue.posting.lines import BANK, RECEIVABLES, Line, Tags


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What the books need of money that was paid back to a customer."""

    amount: Decimal
    tags: Tags


def postings_for_refund(refund: RefundFacts) -> tuple[Line, ...]:
    """Debit the receivable that a credit note made negative; credit the bank account."""
    return (
        Line(RECEIVABLES, refund.amount, refund.tags),
        Line(BANK, -refund.amount, refund.tags),
    )
