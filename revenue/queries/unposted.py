"""What belongs in the books, and what of it is not booked yet."""

from typing import Any, TypeVar

from django.db.models import Exists, Max, Model, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from billing.models import Cdr, CreditUse, Invoice, Payment
from revenue.models import EntryKind, JournalEntry

M = TypeVar("M", bound=Model)


def has_entry(kind: EntryKind) -> Exists:
    """Return the condition that a Cdr, an invoice or a payment has its entry."""
    source = Concat(Value(f"{kind}:"), Cast(OuterRef("pk"), TextField()))
    return Exists(
        JournalEntry.objects.filter(
            operator_id=OuterRef("operator_id"), kind=kind.value, source=source
        )
    )


def cdrs_to_post() -> QuerySet[Cdr]:
    """Return the Cdrs that belong in the books: a free session moves nothing."""
    return Cdr.objects.exclude(total_excl_vat=0)


def invoices_to_post() -> QuerySet[Invoice]:
    """Return the invoices that belong in the books: one of zero moves nothing."""
    return Invoice.objects.exclude(total_incl_vat=0, rounding=0)


def payments_to_post() -> QuerySet[Payment]:
    """Return the payments that belong in the books: those that brought money."""
    return Payment.objects.filter(state=Payment.State.CAPTURED, captured_at__isnull=False)


def refunds_to_post() -> QuerySet[CreditUse]:
    """Return the credit that left: what was set off against a debt moves nothing."""
    return CreditUse.objects.filter(target__isnull=True)


def cdrs_without_entry(*, newest: int | None = None) -> QuerySet[Cdr]:
    """Return the Cdrs that are not booked, oldest first; of the `newest` ids where given.

    The bound lets a sweep every half minute read the end of the table only.
    """
    return _newest(cdrs_to_post().filter(~has_entry(EntryKind.CDR)), Cdr, newest)


def invoices_without_entry(*, newest: int | None = None) -> QuerySet[Invoice]:
    """Return the invoices that are not booked, oldest first; of the `newest` where given."""
    return _newest(invoices_to_post().filter(~has_entry(EntryKind.INVOICE)), Invoice, newest)


def payments_without_entry(*, newest: int | None = None) -> QuerySet[Payment]:
    """Return the captured payments that are not booked, oldest first."""
    return _newest(payments_to_post().filter(~has_entry(EntryKind.PAYMENT)), Payment, newest)


def refunds_without_entry(*, newest: int | None = None) -> QuerySet[CreditUse]:
    """Return the credit paid back that is not booked, oldest first."""
    return _newest(refunds_to_post().filter(~has_entry(EntryKind.REFUND)), CreditUse, newest)


def _newest(rows: QuerySet[M], model: type[M], newest: int | None) -> QuerySet[M]:
    rows = rows.order_by("pk")
    if newest is None:
        return rows
    last: dict[str, Any] = model._default_manager.aggregate(last=Max("pk"))
    return rows.filter(pk__gt=(last["last"] or 0) - newest)
