"""Invoices as pages show them: every line explained, every state told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from djmoney.money import Money

from billing.models import Cdr, Invoice, InvoiceLine, Payment
from billing.queries import cost_centres, explaining, price_words, run_pages
from billing.queries.cost_centres import CentreTotal
from billing.queries.documents import to_pay
from billing.queries.invoice_states import in_state, invoice_state, with_payments
from billing.queries.price_words import UNITS, PriceLine, VatRow, vat_rows, vat_word
from billing.queries.run_pages import Mail
from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec

# A fleet's invoice has thousands of lines: each of those is explained on its session's own page.
EXPLAINED_AT_ONCE = 100


@dataclass(frozen=True)
class InvoiceRow:
    """One invoice of a list."""

    id: int
    public_id: str
    label: str
    customer: str
    period_start: date
    issue_date: date
    due_date: date
    total: Money
    state: str


@dataclass(frozen=True)
class InvoiceLineRow:
    """One line of an invoice as it is read."""

    id: int
    is_credited: bool
    description: str
    amount: str
    excl_vat: Money
    incl_vat: Money
    # What priced it, line by line, in the time of the site, and why by that tariff.
    priced: list[PriceLine]
    zone: str
    why: str
    session_id: int | None


@dataclass(frozen=True)
class InvoicePage:
    """One invoice with its lines and what was paid."""

    invoice: Invoice
    state: str
    last_day: date
    currency: str
    seller: list[str]
    buyer: list[str]
    lines: list[InvoiceLineRow]
    centres: list[CentreTotal]
    vat: list[VatRow]
    payments: list[Payment]
    # What is left to pay, and the documents this one corrects or is corrected by.
    to_pay: Money
    related: list[Invoice]
    paid_at: datetime | None
    mail: Mail


def invoice_spec(today: date) -> Spec:
    """Return what the invoice list can do."""
    words = {
        "open": _("To pay"),
        "overdue": _("Overdue"),
        "paying": _("Payment on its way"),
        "paid": _("Paid"),
        "credited": _("Credited"),
        "disputed": _("Disputed"),
        "owed": _("To pay back"),
    }
    states = Filter("state", _("All states"), list(words.items()), lambda v: in_state(v, today))
    return Spec(
        name="invoices",
        columns=(
            Column("number", _("Invoice"), ("issued_at", "number"), csv=lambda row: row.label),
            Column("state", _("State"), csv=lambda row: row.state),
            Column("customer", _("Customer"), ("customer__name",), csv=lambda row: row.customer),
            Column("issued", _("Issued"), csv=lambda row: row.issue_date.isoformat()),
            Column("due", _("Due"), ("due_date",), csv=lambda row: row.due_date.isoformat()),
            Column(
                "total",
                _("Total incl. VAT"),
                ("total_incl_vat",),
                is_number=True,
                csv=lambda row: row.total.amount,
            ),
        ),
        default_sort="-number",
        filters=(states,),
        search=lambda text: Q(label__istartswith=text) | Q(customer__name__istartswith=text),
        search_label=_("Search number or customer"),
    )


def invoices_of(person: Person) -> QuerySet[Invoice]:
    """Return the invoices a person may see."""
    return with_payments(Invoice.objects.in_charge(person)).select_related("customer")


def describe_invoices(invoices: Sequence[Invoice], today: date) -> list[InvoiceRow]:
    """Return the rows of some invoices."""
    return [
        InvoiceRow(
            id=invoice.pk,
            public_id=str(invoice.public_id),
            label=invoice.label,
            customer=invoice.customer.name,
            period_start=invoice.period_start,
            issue_date=invoice.issue_date,
            due_date=invoice.due_date,
            total=invoice.total_incl_vat,
            state=invoice_state(invoice, today),
        )
        for invoice in invoices
    ]


def invoice_page(invoice: Invoice, today: date) -> InvoicePage:
    """Return an invoice read by `invoices_of` with its lines and payments."""
    rows = invoice.lines.select_related("corrected_by", "session__station__location")
    lines = list(rows.order_by("position"))
    explained = len(lines) <= EXPLAINED_AT_ONCE
    cdrs = cdrs_of(lines) if explained else {}
    payments = list(invoice.payments.order_by("-created_at"))
    captured = [each for each in payments if each.state == Payment.State.CAPTURED]
    return InvoicePage(
        invoice=invoice,
        state=invoice_state(invoice, today),
        last_day=invoice.period_end - timedelta(days=1),
        currency=str(invoice.total_incl_vat.currency),
        seller=_party(invoice.seller),
        buyer=_party(invoice.buyer),
        lines=[_line_row(line, cdrs.get(line.pk)) for line in lines],
        centres=cost_centres.totals_of(lines),
        vat=vat_rows(invoice.vat_breakdown),
        payments=payments,
        to_pay=Money(to_pay(invoice), str(invoice.total_incl_vat.currency)),
        related=_related(invoice),
        paid_at=captured[0].captured_at if captured else None,
        mail=run_pages.mail_of(invoice),
    )


def _related(invoice: Invoice) -> list[Invoice]:
    corrected = [invoice.corrects] if invoice.corrects else []
    return corrected + list(invoice.corrections.order_by("pk"))


def cdrs_of(lines: Sequence[InvoiceLine]) -> dict[int, Cdr]:
    """Return what priced each line by its id; a line of credit was priced as what it takes."""
    taken = {line.pk: line.corrects_id for line in lines if line.corrects_id is not None}
    asked = {line.pk: line.cdr_id for line in lines if line.cdr_id is not None}
    before = InvoiceLine.objects.filter(pk__in=taken.values()).values_list("pk", "cdr_id")
    known = dict(before)
    asked |= {pk: cdr_id for pk, other in taken.items() if (cdr_id := known.get(other))}
    cdrs = Cdr.objects.in_bulk(asked.values())
    return {pk: cdrs[cdr_id] for pk, cdr_id in asked.items() if cdr_id in cdrs}


def priced_lines(line: InvoiceLine, cdr: Cdr) -> list[dict[str, Any]]:
    """Return the priced lines under the rate of an invoice's line, exact, as they are kept."""
    return [each for each in cdr.lines if Decimal(each["vat"] or 0) == line.vat_rate]


def _line_row(line: InvoiceLine, cdr: Cdr | None) -> InvoiceLineRow:
    unit = str(UNITS.get(line.unit, line.unit))
    digits = 0 if line.quantity == line.quantity.to_integral_value() else 3
    quantity = formats.number(line.quantity, digits=digits)
    currency = str(line.amount_incl_vat.currency)
    vat = _("VAT %(rate)s") % {"rate": vat_word(line.vat_rate)}
    return InvoiceLineRow(
        id=line.pk,
        is_credited=hasattr(line, "corrected_by"),
        description=line.description,
        amount=f"{quantity} {unit}, {vat}",
        excl_vat=line.amount_excl_vat,
        incl_vat=line.amount_incl_vat,
        priced=[]
        if cdr is None
        else [price_words.price_line(each, currency) for each in priced_lines(line, cdr)],
        zone="" if line.session is None else line.session.station.location.timezone,
        why="" if cdr is None else explaining.why_chosen(cdr.chosen),
        session_id=line.session_id,
    )


def _party(party: dict[str, str]) -> list[str]:
    """Return the lines of a seller or buyer as frozen on the invoice."""
    town = f"{party.get('postal_code') or ''} {party.get('city') or ''}".strip()
    name = party.get("legal_name") or party.get("name") or ""
    numbers = [party.get("org_number"), party.get("vat_number")]
    lines = [name, party.get("street"), town, *numbers, party.get("email")]
    return [line for line in lines if line]
