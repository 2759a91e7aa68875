"""Prices and invoices as pages show them: every line explained, every state told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from djmoney.money import Money

from billing.models import Cdr, Invoice, InvoiceLine, Payment
from billing.queries import cost_centres, explaining, gate_words, run_pages, vat_words
from billing.queries.cost_centres import CentreTotal
from billing.queries.documents import NOT_RATED_YET, to_pay
from billing.queries.invoice_states import in_state, invoice_state, with_payments
from billing.queries.run_pages import Mail
from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec

REASONS: dict[str, Promise] = {
    NOT_RATED_YET: gettext_lazy("Waiting for its turn"),
    "no_tariff": gettext_lazy("No tariff holds there"),
    "tariff_unreadable": gettext_lazy("The tariff cannot be read"),
    "spot_missing": gettext_lazy("The spot prices are not there yet"),
    "power_unknown": gettext_lazy("Nobody says the connector's power"),
    "tax_unknown": gettext_lazy("The tariff does not name its tax"),
    **gate_words.CHECKS,
    "amount_beyond_books": gettext_lazy("The price is beyond belief"),
}
DIMENSIONS: dict[str, Promise] = {
    "ENERGY": gettext_lazy("Energy"),
    "FLAT": gettext_lazy("Start fee"),
    "TIME": gettext_lazy("Charging time"),
    "PARKING_TIME": gettext_lazy("Parking after charging"),
    "RESERVATION_TIME": gettext_lazy("Reserved time"),
    "RESERVATION_FLAT": gettext_lazy("Reservation"),
    "MIN_PRICE": gettext_lazy("Minimum price"),
}
UNITS: dict[str, Promise] = {
    "kWh": pgettext_lazy("unit", "kWh"),
    "h": pgettext_lazy("unit", "h"),
    "session": pgettext_lazy("unit", "session"),
    "day": pgettext_lazy("unit", "days"),
    "fee": pgettext_lazy("unit", "piece"),
}


@dataclass(frozen=True)
class PriceLine:
    """One line of a price: how much of what, at which price, in words."""

    what: str
    started_at: datetime
    ended_at: datetime
    quantity: str
    price: str
    vat_rate: str
    amount_incl_vat: Decimal | None
    amount_excl_vat: Decimal | None
    currency: str
    rules: list[str]


@dataclass(frozen=True)
class VatRow:
    """What one rate of VAT adds up to."""

    rate: str
    excl_vat: Decimal
    vat: Decimal
    reason: str = ""


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


def reason_word(reason: str) -> str:
    """Return in words why a session has no price."""
    return str(REASONS.get(reason, reason))


def price_lines(cdr: Cdr) -> list[PriceLine]:
    """Return the priced lines of a Cdr in words, in the order they were priced."""
    currency = str(cdr.total_incl_vat.currency)
    return [price_line(line, currency) for line in cdr.lines]


def price_line(line: dict[str, Any], currency: str) -> PriceLine:
    """Return one priced line in words, as `billing.tariffs.writing` wrote it."""
    unit = str(UNITS.get(line["unit"], line["unit"]))
    vat = line["vat"]
    incl, excl = line.get("incl_vat"), line.get("excl_vat")
    quantity = Decimal(line["billed_quantity"])
    # What a driver pays for each kWh, whether or not the price list writes it with VAT.
    price = Decimal(incl) / quantity if incl is not None and quantity else Decimal(line["price"])
    return PriceLine(
        what=str(DIMENSIONS.get(line["dimension"], line["dimension"])),
        started_at=datetime.fromisoformat(line["from"]),
        ended_at=datetime.fromisoformat(line["to"]),
        quantity=f"{trimmed(quantity, at_least=0)} {unit}",
        price=f"{_unit_price(price, currency)}/{unit}",
        vat_rate="" if vat is None else vat_word(vat),
        amount_incl_vat=None if incl is None else Decimal(incl),
        amount_excl_vat=None if excl is None else Decimal(excl),
        currency=currency,
        rules=explaining.rules_of(line),
    )


def _unit_price(price: Decimal, currency: str) -> str:
    """Write a price for each unit; four decimals where two would not say it."""
    return formats.money_with(trimmed(round(price, 4), at_least=2), currency)


def trimmed(value: Decimal, *, at_least: int) -> str:
    """Write a number of at most four decimals without the noughts at its end."""
    exponent = round(value, 4).normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a price or an amount is a finite number"
    return formats.number(value, digits=max(-exponent, at_least))


def vat_word(rate: str | Decimal) -> str:
    """Write a rate of tax in percent."""
    value = Decimal(rate)
    digits = 0 if value == value.to_integral_value() else 1
    return formats.percent(value / 100, digits=digits)


def vat_rows(breakdown: list[dict[str, str]]) -> list[VatRow]:
    """Return the VAT of a document per rate."""
    return [
        VatRow(
            *(vat_word(part["rate"]), Decimal(part["excl_vat"]), Decimal(part["vat"])),
            reason=vat_words.reason_of(part),
        )
        for part in breakdown
    ]


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
    lines = list(invoice.lines.select_related("corrected_by").order_by("position"))
    payments = list(invoice.payments.order_by("-created_at"))
    captured = [each for each in payments if each.state == Payment.State.CAPTURED]
    return InvoicePage(
        invoice=invoice,
        state=invoice_state(invoice, today),
        last_day=invoice.period_end - timedelta(days=1),
        currency=str(invoice.total_incl_vat.currency),
        seller=_party(invoice.seller),
        buyer=_party(invoice.buyer),
        lines=[_line_row(line) for line in lines],
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


def _line_row(line: InvoiceLine) -> InvoiceLineRow:
    unit = str(UNITS.get(line.unit, line.unit))
    digits = 0 if line.quantity == line.quantity.to_integral_value() else 3
    quantity = formats.number(line.quantity, digits=digits)
    vat = _("VAT %(rate)s") % {"rate": vat_word(line.vat_rate)}
    return InvoiceLineRow(
        id=line.pk,
        is_credited=hasattr(line, "corrected_by"),
        description=line.description,
        amount=f"{quantity} {unit}, {vat}",
        excl_vat=line.amount_excl_vat,
        incl_vat=line.amount_incl_vat,
    )


def _party(party: dict[str, str]) -> list[str]:
    """Return the lines of a seller or buyer as frozen on the invoice."""
    town = f"{party.get('postal_code') or ''} {party.get('city') or ''}".strip()
    name = party.get("legal_name") or party.get("name") or ""
    numbers = [party.get("org_number"), party.get("vat_number")]
    lines = [name, party.get("street"), town, *numbers, party.get("email")]
    return [line for line in lines if line]
