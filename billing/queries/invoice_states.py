"""How an invoice stands: to pay, late, on its way, paid, credited."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import CreditUse, Dispute, Invoice, InvoiceLine, Payment
from billing.queries import credits


def with_payments(invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Return invoices that know whether they are paid or about to be."""
    payments = Payment.objects.filter(invoice_id=OuterRef("pk"))
    set_off = CreditUse.objects.filter(target_id=OuterRef("pk"))
    disputes = Dispute.objects.filter(invoice_id=OuterRef("pk"), closed_at__isnull=True)
    known: QuerySet[Any] = credits.with_left(invoices).annotate(
        is_paid=Exists(payments.filter(state=Payment.State.CAPTURED))
        | (Exists(set_off) & Q(left__lte=0)),
        is_disputed=Exists(disputes),
        is_owed=Q(over__gt=0) & ~Q(kind=Invoice.Kind.CREDIT_NOTE),
        is_paying=Exists(payments.filter(state=Payment.State.AUTHORISED)),
        is_credited=Q(kind=Invoice.Kind.CREDIT_NOTE)
        | ~Exists(InvoiceLine.objects.filter(invoice_id=OuterRef("pk"), corrected_by=None)),
    )
    return known


def invoice_state(invoice: Any, today: date) -> str:
    """Return the word of an invoice read by `with_payments`."""
    if invoice.is_owed:
        return "owed"
    if invoice.is_paid or not invoice.total_incl_vat.amount:
        return "paid"
    if invoice.is_credited:
        return "credited"
    if invoice.is_disputed:
        return "disputed"
    if invoice.is_paying:
        return "paying"
    return "overdue" if invoice.due_date < today else "open"


def in_state(value: str, today: date) -> Q:
    """Return the condition of a word of `invoice_state`."""
    if value == "owed":
        return Q(is_owed=True)
    if value == "paid":
        return Q(is_owed=False) & (Q(is_paid=True) | Q(total_incl_vat=0))
    if value == "credited":
        return Q(is_paid=False, is_credited=True)
    owed = Q(is_paid=False, is_credited=False, total_incl_vat__gt=0)
    if value == "disputed":
        return owed & Q(is_disputed=True)
    owed &= Q(is_disputed=False)
    if value == "paying":
        return owed & Q(is_paying=True)
    late = Q(due_date__lt=today) if value == "overdue" else Q(due_date__gte=today)
    return owed & Q(is_paying=False) & late
