"""An invoice as it is drawn up, without its number, then with it, and its lines."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Customer, Invoice, InvoiceLine, InvoicePolicy, InvoiceSeries
from billing.queries import Due, DueCdr, sellers
from billing.swedish import facts, krona
from billing.tariffs import writing
from billing.vat import ocr
from billing.vat.document import Document, Item
from billing.vat.parts import Part
from chargenet.core import money
from chargenet.core.models import Operator

WH_PER_KWH = 1000
MOST_CENTRE = 80
INVOICE = Invoice.Kind.INVOICE.value
BUYER_KEYS = (
    *("name", "reference", "kind", "org_number", "vat_number", "street", "postal_code"),
    *("city", "country", "email", "language", "invoice_email", "peppol_scheme", "peppol_id"),
    *("buyer_reference", "order_number"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice without its number."""

    customer: Customer
    currency: str
    due: Due
    document: Document


def lines_of(invoice_id: int, draft: Draft) -> list[InvoiceLine]:
    """Return the lines of an invoice, unsaved, in the customer's language."""
    with translation.override(draft.customer.language):
        charged = _("Charging at %(place)s, %(time)s")
        fees = _("Fees for charging at %(place)s, %(time)s")
    lines = []
    for position, (item, part) in enumerate(draft.document.lines, start=1):
        cdr = draft.due.cdrs[item.source_id]
        has_energy = item.rate == cdr.energy_rate
        text = (charged if has_energy else fees) % {"place": cdr.place, "time": cdr.local_time}
        lines.append(_line(invoice_id, position, draft, cdr, item, part, text[:255]))
    return lines


def _line(
    invoice_id: int, position: int, draft: Draft, cdr: DueCdr, item: Item, part: Part, text: str
) -> InvoiceLine:
    has_energy = item.rate == cdr.energy_rate
    return InvoiceLine(
        operator_id=draft.customer.operator_id,
        invoice_id=invoice_id,
        position=position,
        cdr_id=cdr.cdr_id,
        session_id=cdr.session_id,
        station_id=cdr.station_id,
        connector_id=cdr.connector_id,
        cable_id=cdr.cable_id,
        cost_centre=cdr.cost_centre[:MOST_CENTRE],
        description=text,
        quantity=Decimal(cdr.energy_wh) / WH_PER_KWH if has_energy else Decimal(1),
        unit="kWh" if has_energy else "session",
        vat_rate=Decimal(writing.decimal_text(part.rate)),
        currency=draft.currency,
        amount_excl_vat=money.from_minor(part.excl, draft.currency),
        vat_amount=money.from_minor(part.vat, draft.currency),
        amount_incl_vat=money.from_minor(part.incl, draft.currency),
    )


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a document gets when it is issued: a number, its days, how its seller invoices."""

    operator: Operator
    policy: InvoicePolicy
    series: InvoiceSeries
    number: int
    # [period_start, period_end)
    period_start: date
    period_end: date
    issue_date: date
    due_date: date
    issued_at: datetime


def invoice_of(
    draft: Draft, numbered: Numbered, kind: str = Invoice.Kind.INVOICE.value
) -> Invoice:
    """Return a document, unsaved, as it stays whatever changes later."""
    composed, taken = draft.document, numbered.series
    return Invoice(
        operator=numbered.operator,
        customer=draft.customer,
        series=taken,
        number=numbered.number,
        kind=kind,
        label=f"{taken.prefix}{numbered.number}",
        public_id=uuid.uuid4(),
        # The series' own key keeps references of two series apart at one bank account.
        ocr_reference=ocr.ocr_reference(f"{taken.pk}{numbered.number:09d}"),
        period_start=numbered.period_start,
        period_end=numbered.period_end,
        issue_date=numbered.issue_date,
        due_date=numbered.due_date,
        issued_at=numbered.issued_at,
        currency=draft.currency,
        total_excl_vat=money.from_minor(composed.excl, draft.currency),
        vat_amount=money.from_minor(composed.vat, draft.currency),
        total_incl_vat=money.from_minor(composed.incl, draft.currency),
        rounding=_rounding(draft, numbered.policy),
        vat_breakdown=[_breakdown(part, draft) for part in composed.rates],
        seller=sellers.seller_of(numbered.operator, numbered.policy),
        buyer={key: getattr(draft.customer, key) for key in BUYER_KEYS},
    )


def _rounding(draft: Draft, policy: InvoicePolicy) -> Decimal:
    if not policy.rounds_to_krona or draft.currency != facts.CURRENCY:
        return Decimal(0)
    total = money.from_minor(draft.document.incl, draft.currency)
    # An invoice about some öre is not rounded away.
    return krona.rounding_of(total) if total >= 1 else Decimal(0)


def _breakdown(part: Part, draft: Draft) -> dict[str, str]:
    currency = draft.currency
    # Why there is no tax stays on the document, whatever the customer becomes.
    untaxed = {} if part.rate else dict(draft.due.vat_decision)
    return untaxed | {
        "rate": writing.decimal_text(part.rate),
        "excl_vat": str(money.from_minor(part.excl, currency)),
        "vat": str(money.from_minor(part.vat, currency)),
        "incl_vat": str(money.from_minor(part.incl, currency)),
    }
