"""Receipts: a simplified invoice about one session, for who pays on the spot."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from billing import delivery, queries, series
from billing.drawn import Draft, Numbered, invoice_of, lines_of
from billing.models import Cdr, Customer, Invoice, InvoiceLine
from billing.swedish import facts
from billing.vat import document
from billing.vat.parts import Basis
from chargenet.core import audit, events, money
from chargenet.core.events import Event
from chargenet.core.models import Operator, User

KIND = Invoice.Kind.RECEIPT.value
# Who pays without saying who they are.
WALK_IN = "walk-in"


class TooMuch(Exception):
    """The law asks for a whole invoice, which says who buys."""


class NothingToReceipt(Exception):
    """The session has no price, costs nothing, or is on a document already."""


def issue_receipt(*, cdr_id: int, issued_by: User | None, as_of: datetime) -> Invoice:
    """Issue the simplified invoice of one session, to its customer or to nobody named.

    A second click finds it on a document already. Raises TooMuch, NothingToReceipt.
    """
    cdr = Cdr.objects.select_related("operator", "location").filter(pk=cdr_id).first()
    if cdr is None:
        raise NothingToReceipt(f"there is no Cdr {cdr_id}")
    with transaction.atomic():
        customer = _payer(cdr)
        # A run locks the payer too: the Cdr is on its invoice by now, or on this receipt.
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        draft = _draft(cdr, customer, as_of)
        made = _write(draft, cdr, as_of)
        audit.record(
            operator_id=cdr.operator_id,
            user_id=issued_by.pk if issued_by else None,
            action="receipt_issued",
            object_type="invoice",
            object_id=made.pk,
            as_of=as_of,
            details={"number": made.label, "session": cdr.session_id},
        )
        delivery.ask_for([made], as_of=as_of)
        events.publish(Event.INVOICE_ISSUED, invoice_id=made.pk)
    return made


def _payer(cdr: Cdr) -> Customer:
    if cdr.customer is not None:
        return cdr.customer
    made, _is_new = Customer.objects.get_or_create(
        operator_id=cdr.operator_id, reference=WALK_IN, defaults={"name": ""}
    )
    return made


def _draft(cdr: Cdr, customer: Customer, as_of: datetime) -> Draft:
    basis = Basis.NET if customer.is_company else Basis.GROSS
    due = queries.due_of_cdr(cdr.pk, basis)
    composed = document.compose(due.items, basis)
    if composed.incl <= 0:
        raise NothingToReceipt(f"session {cdr.session_id} is on a document, or costs nothing")
    currency = str(cdr.total_incl_vat.currency)
    day = as_of.astimezone(ZoneInfo(cdr.operator.timezone)).date()
    most = facts.at(facts.SIMPLIFIED_UP_TO, day)
    if currency != facts.CURRENCY or money.from_minor(composed.incl, currency) > most:
        raise TooMuch(f"a simplified invoice is about {most} {facts.CURRENCY} at most")
    return Draft(customer, currency, due, composed)


def _write(draft: Draft, cdr: Cdr, as_of: datetime) -> Invoice:
    operator = Operator.objects.get(pk=cdr.operator_id)
    taken, number = series.take_numbers(
        operator_id=operator.pk, prefix=series.PREFIXES[KIND], count=1
    )
    today = as_of.astimezone(ZoneInfo(operator.timezone)).date()
    charged_on = cdr.ended_at.astimezone(ZoneInfo(cdr.location.timezone)).date()
    numbered = Numbered(
        operator=operator,
        policy=queries.policy_of(operator.pk),
        series=taken,
        number=number,
        period_start=charged_on,
        period_end=charged_on + timedelta(days=1),
        issue_date=today,
        due_date=today,
        issued_at=as_of,
    )
    made = invoice_of(draft, numbered, KIND)
    made.save(force_insert=True)
    InvoiceLine.objects.bulk_create(lines_of(made.pk, draft))
    return made
