"""A customer's credit: what was paid too much once an invoice was credited, used or paid back."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from billing import queries
from billing.models import CreditUse, Customer, Invoice
from chargenet.core import audit, events
from chargenet.core.events import Event
from chargenet.core.models import User

LONGEST = 80


class NoCredit(Exception):
    """The invoice has no such credit left."""


class NotSettleable(Exception):
    """The other invoice is somebody else's, in another currency, or has nothing to pay."""


class ReferenceMissing(Exception):
    """Money that leaves has a reference, as the bank's list has it."""


def set_off(*, source_id: int, target_id: int, used_by: User | None, as_of: datetime) -> CreditUse:
    """Settle one invoice of a customer with what they have to get back of another.

    As much as there is, and no more than is to pay. Raises NoCredit, NotSettleable.
    """
    with transaction.atomic():
        source, available = _locked(source_id)
        target = Invoice.objects.get(pk=target_id)
        is_theirs = target.customer_id == source.customer_id
        is_open = queries.open_invoices().filter(pk=target_id).exists()
        if not (is_theirs and is_open and _currency(target) == _currency(source)):
            raise NotSettleable(f"{target.label} cannot be settled with {source.label}")
        amount = min(available, queries.to_pay(target))
        return _use(source, amount, used_by, as_of, target=target)


def pay_back(
    *, source_id: int, amount: Decimal, reference: str, used_by: User, as_of: datetime
) -> CreditUse:
    """Write down that a customer's credit was paid out by bank; it goes into the books.

    Raises NoCredit, ReferenceMissing.
    """
    said = reference.replace("\0", "").strip()[:LONGEST]
    if not said:
        raise ReferenceMissing("say how it was paid back")
    with transaction.atomic():
        source, available = _locked(source_id)
        if not 0 < amount <= available:
            raise NoCredit(f"{source.label} has {available} to pay back")
        made = _use(source, amount, used_by, as_of, reference=said)
        events.publish(Event.REFUND_MADE, refund_id=made.pk)
    return made


def _locked(invoice_id: int) -> tuple[Invoice, Decimal]:
    """Return an invoice and its credit, its payer locked; raises NoCredit."""
    invoice = Invoice.objects.get(pk=invoice_id)
    # An invoice is frozen, also for locks: its payer stands for it.
    Customer.objects.select_for_update(no_key=True).get(pk=invoice.customer_id)
    available = queries.credit_of(invoice_id) if invoice.kind != invoice.Kind.CREDIT_NOTE else 0
    if not available:
        raise NoCredit(f"{invoice.label} has no credit")
    return invoice, Decimal(available)


def _use(
    source: Invoice,
    amount: Decimal,
    used_by: User | None,
    as_of: datetime,
    *,
    target: Invoice | None = None,
    reference: str = "",
) -> CreditUse:
    made = CreditUse.objects.create(
        operator_id=source.operator_id,
        source=source,
        target=target,
        amount=amount,
        currency=_currency(source),
        reference=reference,
        used_at=as_of,
        used_by=used_by,
    )
    told = {"amount": str(amount), "currency": _currency(source)}
    audit.record(
        operator_id=source.operator_id,
        user_id=used_by.pk if used_by else None,
        action="credit_set_off" if target else "credit_paid_back",
        object_type="invoice",
        object_id=source.pk,
        as_of=as_of,
        details=told | ({"invoice": target.label} if target else {"reference": reference}),
    )
    return made


def _currency(invoice: Invoice) -> str:
    return str(invoice.total_incl_vat.currency)
