"""A captured payment: the provider owes us what the customer no longer does."""

from dataclasses import dataclass
from decimal import Decimal

from revenue.posting.lines import CUSTOMER_ADVANCES, PSP_CLEARING, RECEIVABLES, Line, Tags


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What the books need of a captured payment; an advance is for no invoice yet."""

    amount: Decimal
    is_advance: bool
    tags: Tags


def postings_for_payment(payment: PaymentFacts) -> tuple[Line, ...]:
    """Debit the provider's clearing account; credit the receivable, or the customer's advance."""
    credited = CUSTOMER_ADVANCES if payment.is_advance else RECEIVABLES
    return (
        Line(PSP_CLEARING, payment.amount, payment.tags),
        Line(credited, -payment.amount, payment.tags),
    )
