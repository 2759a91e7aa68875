"""What an invoice's page offers beside its lines: disputes, credit, reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.models import CreditUse, Dispute, Invoice, Reminder
from billing.queries import credits, documents, papers, reminder_papers


@dataclass(frozen=True)
class ReminderRow:
    """One reminder, and what it asked for."""

    reminder: Reminder
    total: Decimal


@dataclass(frozen=True)
class Settling:
    """How an invoice is being settled."""

    title: str
    currency: str
    dispute: Dispute | None
    # What the customer has to get back of this invoice, and the invoices it can settle.
    credit: Decimal
    targets: Sequence[Invoice]
    # Other invoices of the customer's with too much paid, where this one is to pay.
    sources: Sequence[credits.Credit]
    uses: Sequence[CreditUse]
    reminders: Sequence[ReminderRow]
    can_be_disputed: bool


def settling_of(invoice: Invoice) -> Settling:
    """Return how an invoice is being settled."""
    currency = str(invoice.total_incl_vat.currency)
    is_note = invoice.kind == Invoice.Kind.CREDIT_NOTE
    credit = Decimal(0) if is_note else credits.credit_of(invoice.pk)
    others = documents.open_invoices(customer_id=invoice.customer_id).filter(currency=currency)
    is_open = others.filter(pk=invoice.pk).exists()
    back = credits.credits_of(invoice.customer_id) if is_open else []
    uses = CreditUse.objects.filter(source=invoice) | CreditUse.objects.filter(target=invoice)
    disputes = Dispute.objects.filter(invoice=invoice, closed_at__isnull=True)
    return Settling(
        title=papers.kind_word(invoice),
        currency=currency,
        dispute=disputes.select_related("opened_by").first(),
        credit=credit,
        targets=list(others.exclude(pk=invoice.pk)[:50]) if credit else [],
        sources=[each for each in back if each.currency == currency],
        uses=list(uses.select_related("source", "target", "used_by").order_by("used_at", "pk")),
        reminders=[
            ReminderRow(each, reminder_papers.total_of(each))
            for each in invoice.reminders.order_by("level")
        ],
        can_be_disputed=is_open and invoice.kind == Invoice.Kind.INVOICE,
    )
