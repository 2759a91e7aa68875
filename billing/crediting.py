"""Credit notes: an invoice taken back, whole or some lines of it, by a document that refers."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db import transaction

from billing import delivery, series
from billing.models import Customer, Invoice, InvoiceLine
from billing.tariffs import writing
from billing.vat import document, ocr
from billing.vat.document import Item
from billing.vat.parts import Basis, Part
from chargenet.core import audit, events, money
from chargenet.core.events import Event
from chargenet.core.models import User

Kind = Invoice.Kind
LINE_FACTS = (
    *("operator_id", "session_id", "station_id", "connector_id", "cable_id", "claims_id"),
    "description",
    *("unit", "vat_rate", "cost_centre", "currency"),
)


class NothingToCredit(Exception):
    """The lines are credited already, are another invoice's, or there are none."""


class NotCreditable(Exception):
    """A credit note cannot be credited."""


class ReasonMissing(Exception):
    """A credit note says why."""


def credit_invoice(
    *,
    invoice_id: int,
    reason: str,
    credited_by: User | None,
    as_of: datetime,
    line_ids: Collection[int] | None = None,
) -> Invoice:
    """Issue a credit note over an invoice, or over some of its lines; returns it.

    A line is credited once: a second click finds nothing left. Raises NothingToCredit,
    NotCreditable, ReasonMissing, Invoice.DoesNotExist.
    """
    if not reason.strip():
        raise ReasonMissing("say why the invoice is credited")
    with transaction.atomic():
        invoice = Invoice.objects.select_related("operator").get(pk=invoice_id)
        # An invoice is frozen, also for locks: its payer stands for it.
        Customer.objects.select_for_update(no_key=True).get(pk=invoice.customer_id)
        if invoice.kind == Kind.CREDIT_NOTE:
            raise NotCreditable(f"{invoice.label} is a credit note")
        lines = _open_lines(invoice, line_ids)
        note = _write(invoice, lines, reason.strip()[:255], as_of)
        audit.record(
            operator_id=invoice.operator_id,
            user_id=credited_by.pk if credited_by else None,
            action="invoice_credited",
            object_type="invoice",
            object_id=invoice.pk,
            as_of=as_of,
            details={"credit_note": note.label, "reason": note.reason, "lines": len(lines)},
        )
        delivery.ask_for([note], as_of=as_of)
        events.publish(Event.INVOICE_ISSUED, invoice_id=note.pk)
    return note


def _open_lines(invoice: Invoice, line_ids: Collection[int] | None) -> list[InvoiceLine]:
    rows = InvoiceLine.objects.filter(invoice=invoice, corrected_by__isnull=True)
    if line_ids is not None:
        rows = rows.filter(pk__in=line_ids)
    lines = list(rows.order_by("position"))
    if not lines or (line_ids is not None and len(lines) < len(set(line_ids))):
        raise NothingToCredit(f"invoice {invoice.label} has no such line left to credit")
    return lines


def _write(
    invoice: Invoice, lines: Sequence[InvoiceLine], reason: str, as_of: datetime
) -> Invoice:
    kind = Kind.CREDIT_NOTE.value
    prefix = series.PREFIXES[kind]
    taken, number = series.take_numbers(operator_id=invoice.operator_id, prefix=prefix, count=1)
    day = as_of.astimezone(ZoneInfo(invoice.operator.timezone)).date()
    currency = str(invoice.total_incl_vat.currency)
    composed = document.compose(_items(invoice, lines, currency), basis_of(invoice))
    note = Invoice.objects.create(
        operator_id=invoice.operator_id,
        customer_id=invoice.customer_id,
        series=taken,
        number=number,
        label=f"{prefix}{number}",
        kind=kind,
        corrects=invoice,
        reason=reason,
        public_id=uuid.uuid4(),
        ocr_reference=ocr.ocr_reference(f"{taken.pk}{number:09d}"),
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        issue_date=day,
        due_date=day,
        issued_at=as_of,
        currency=currency,
        total_excl_vat=_negative(composed.excl, currency),
        vat_amount=_negative(composed.vat, currency),
        total_incl_vat=_negative(composed.incl, currency),
        rounding=_rounding(invoice, lines, _negative(composed.incl, currency)),
        vat_breakdown=[_breakdown(part, invoice, currency) for part in composed.rates],
        seller=invoice.seller,
        buyer=invoice.buyer,
    )
    InvoiceLine.objects.bulk_create(
        _taken_back(note, line, part, place, currency)
        for place, (line, (_, part)) in enumerate(zip(lines, composed.lines, strict=True), start=1)
    )
    return note


def _rounding(invoice: Invoice, lines: Sequence[InvoiceLine], total: Decimal) -> Decimal:
    """Return what a note is rounded by: nothing, until the one that takes the last lines.

    That one takes back what the invoice was rounded by, and the öre that notes which each round
    their own tax are off the whole.
    """
    left = InvoiceLine.objects.filter(invoice=invoice, corrected_by__isnull=True)
    if len(lines) < left.count():
        return Decimal(0)
    earlier = sum((note.to_pay for note in invoice.corrections.all()), Decimal(0))
    return -(invoice.to_pay + earlier) - total


def basis_of(invoice: Invoice) -> Basis:
    """Return which side of its prices an invoice's customer agreed to."""
    return Basis.NET if invoice.is_to_company else Basis.GROSS


def _items(invoice: Invoice, lines: Sequence[InvoiceLine], currency: str) -> list[Item]:
    """Return what was agreed on the lines: the note's tax is rounded once, as an invoice's is."""
    is_net = basis_of(invoice) is Basis.NET
    digits = money.minor_digits(currency)
    agreed = [(line.amount_excl_vat if is_net else line.amount_incl_vat).amount for line in lines]
    return [
        Item(line.pk, Fraction(line.vat_rate), int(Decimal(amount).scaleb(digits)))
        for line, amount in zip(lines, agreed, strict=True)
    ]


def _breakdown(part: Part, invoice: Invoice, currency: str) -> dict[str, str]:
    rate = writing.decimal_text(part.rate)
    there: list[dict[str, str]] = invoice.vat_breakdown
    before = next((each for each in there if each["rate"] == rate), {})
    return before | {
        "rate": rate,
        "excl_vat": str(_negative(part.excl, currency)),
        "vat": str(_negative(part.vat, currency)),
        "incl_vat": str(_negative(part.incl, currency)),
    }


def _negative(minor: int, currency: str) -> Decimal:
    return Decimal(-minor).scaleb(-money.minor_digits(currency))


def _taken_back(
    note: Invoice, line: InvoiceLine, part: Part, position: int, currency: str
) -> InvoiceLine:
    return InvoiceLine(
        invoice=note,
        position=position,
        corrects=line,
        quantity=-line.quantity,
        amount_excl_vat=_negative(part.excl, currency),
        vat_amount=_negative(part.vat, currency),
        amount_incl_vat=_negative(part.incl, currency),
        **{name: getattr(line, name) for name in LINE_FACTS},
    )
