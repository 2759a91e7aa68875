"""Invoices, credit notes and receipts as sheets of paper, in their reader's language."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from djmoney.money import Money

from billing.einvoice import numbers, pricing
from billing.models import Customer, Invoice, InvoiceLine, Payment
from billing.paper import Block, Group, Row, Sheet, Slip, Table
from billing.queries import vat_words
from billing.queries.price_words import UNITS, trimmed, vat_word
from billing.swedish import facts, swish
from chargenet.core import formats

Kind = Invoice.Kind
LINE_WIDTHS = (1, 0, 0, 0, 0)


def with_paper_rows(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return invoices with the rows their papers are made of, in two queries for any number."""
    return invoices.select_related("corrects").prefetch_related("lines")


def sheet_of(invoice: Invoice) -> Sheet:
    """Return an invoice read by `with_paper_rows` as a sheet in the customer's language."""
    language = invoice.buyer.get("language") or "sv"
    with translation.override(language):
        return _sheet(invoice, language)


def _sheet(invoice: Invoice, language: str) -> Sheet:
    currency = str(invoice.total_incl_vat.currency)
    lines = sorted(invoice.lines.all(), key=lambda line: line.position)
    return Sheet(
        language=language,
        kind=kind_word(invoice),
        number=invoice.label,
        seller=seller_of(invoice.seller),
        buyer=buyer_of(invoice.buyer),
        facts=_facts(invoice),
        notes=_notes(invoice),
        table=Table(
            (
                *(_("What"), _("Quantity"), _("Price excl. VAT")),
                *(_("VAT rate"), _("Amount excl. VAT")),
            ),
            _groups(lines, currency),
            LINE_WIDTHS,
        ),
        tax=None if invoice.kind == Kind.INTEREST else _tax(invoice, currency),
        totals=_totals(invoice, currency),
        due=(_due_word(invoice), formats.money(abs(invoice.to_pay), currency)),
        slip=_slip(invoice, currency),
        foot=foot_of(invoice.seller),
        page=_("Page"),
    )


def kind_word(invoice: Invoice) -> str:
    """Return what a document is called at its top."""
    if invoice.kind == Kind.RECEIPT and not _is_paid(invoice):
        return _("Simplified invoice")
    return str(Kind(invoice.kind).label)


def _is_paid(invoice: Invoice) -> bool:
    """Say whether a receipt is one; an invoice is paid after it was written."""
    if invoice.kind != Kind.RECEIPT:
        return False
    return Payment.objects.filter(invoice=invoice, state=Payment.State.CAPTURED).exists()


def foot_of(seller: dict[str, Any]) -> list[Block]:
    """Return who sells, in the blocks at the bottom of each page."""
    town = f"{seller.get('postal_code') or ''} {seller.get('city') or ''}".strip()
    address = [str(seller.get("street") or ""), town]
    contact = [str(seller.get("email") or ""), str(seller.get("phone") or "")]
    own = []
    if seller.get("org_number"):
        own.append(_("Org. no. %(number)s") % {"number": seller["org_number"]})
    if seller.get("vat_number"):
        own.append(_("VAT no. %(number)s") % {"number": seller["vat_number"]})
    if seller.get("city"):
        own.append(_("Registered office: %(city)s") % {"city": seller["city"]})
    if seller.get("has_f_skatt", True) and seller.get("country") == "SE":
        own.append(_("Approved for F-tax"))
    pay = [f"{_('Bankgiro')} {seller['bankgiro']}"] if seller.get("bankgiro") else []
    if seller.get("swish_number"):
        pay.append(f"Swish {seller['swish_number']}")
    blocks = [
        Block("", str(seller.get("legal_name") or ""), [each for each in address if each]),
        Block("", _("Contact"), [each for each in contact if each]),
        Block("", _("Company"), own),
        Block("", _("Payment"), pay),
    ]
    return [block for block in blocks if block.lines]


def seller_of(seller: dict[str, Any]) -> Block:
    """Return who sells, as the head of a document says it."""
    return Block("", str(seller.get("legal_name") or ""))


def buyer_of(buyer: dict[str, Any]) -> Block:
    """Return who is to pay, with the address."""
    town = f"{buyer.get('postal_code') or ''} {buyer.get('city') or ''}".strip()
    lines = [str(buyer.get("street") or ""), town]
    if buyer.get("kind") not in (None, Customer.Kind.CONSUMER):
        for word, key in (
            (_("Org. no. %(number)s"), "org_number"),
            (_("VAT no. %(number)s"), "vat_number"),
        ):
            if buyer.get(key):
                lines.append(word % {"number": buyer[key]})
    return Block(_("To"), str(buyer.get("name") or ""), [line for line in lines if line])


def _facts(invoice: Invoice) -> list[Row]:
    last = invoice.period_end - timedelta(days=1)
    rows = [
        (_("Number"), invoice.label),
        (_("Date"), invoice.issue_date.isoformat()),
        (_("Period"), _span(invoice.period_start, last)),
        (_("Customer number"), str(invoice.buyer.get("reference") or "")),
    ]
    if invoice.is_to_company:
        rows.append((_("Your reference"), str(invoice.buyer.get("buyer_reference") or "")))
        rows.append((_("Order number"), str(invoice.buyer.get("order_number") or "")))
    if invoice.kind in (Kind.INVOICE, Kind.INTEREST):
        rows.insert(2, (_("Due"), invoice.due_date.isoformat()))
        rows.append((_("OCR number"), invoice.ocr_reference))
    return [(word, value) for word, value in rows if value]


def _span(first: date, last: date) -> str:
    if first == last:
        return first.isoformat()
    return f"{first.isoformat()} – {last.isoformat()}"


def _notes(invoice: Invoice) -> list[str]:
    untaxed = vat_words.reason_of(vat_words.untaxed_part(invoice.vat_breakdown))
    return _corrects(invoice) + ([untaxed] if untaxed else [])


def _corrects(invoice: Invoice) -> list[str]:
    corrected = invoice.corrects
    if corrected is None:
        return []
    words = _("Credits invoice %(number)s of %(day)s.") % {
        "number": corrected.label,
        "day": corrected.issue_date.isoformat(),
    }
    reason = _("Reason: %(reason)s") % {"reason": invoice.reason} if invoice.reason else ""
    return [f"{words} {reason}".strip()]


def _groups(lines: Sequence[InvoiceLine], currency: str) -> list[Group]:
    """Return the lines by cost centre, where any has one."""
    centres: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        centres.setdefault(line.cost_centre, []).append(line)
    groups = []
    for name, held in sorted(centres.items()):
        total = sum((line.amount_excl_vat.amount for line in held), Decimal(0))
        has_title = len(centres) > 1 or bool(name)
        groups.append(
            Group(
                rows=[_line(line, currency) for line in held],
                title=(name or _("Without cost centre")) if has_title else "",
                total=formats.money(total, currency) if has_title else "",
            )
        )
    return groups


def _line(line: InvoiceLine, currency: str) -> Row:
    quantity = line.quantity
    digits = 0 if quantity == quantity.to_integral_value() else 3
    unit = str(UNITS.get(line.unit, line.unit))
    amount = line.amount_excl_vat.amount
    # The price is the amount's own: what was agreed with tax has no rounder one without.
    price = round(pricing.unit_price(abs(amount), abs(quantity)), 4) if quantity else abs(amount)
    return (
        line.description,
        f"{formats.number(quantity, digits=digits)} {unit}",
        trimmed(price, at_least=2),
        vat_word(line.vat_rate),
        formats.money(amount, currency),
    )


def _tax(invoice: Invoice, currency: str) -> Table:
    rows = [
        (
            vat_word(part["rate"]),
            formats.money(Decimal(part["excl_vat"]), currency),
            formats.money(Decimal(part["vat"]), currency),
        )
        for part in _told_parts(invoice)
    ]
    return Table((_("VAT rate"), _("Taxable"), _("Tax")), [Group(rows)], (1, 0, 0))


def _told_parts(invoice: Invoice) -> list[dict[str, str]]:
    """Return the parts per rate; what was free says nothing beside what was not."""
    parts: list[dict[str, str]] = invoice.vat_breakdown
    return [part for part in parts if Decimal(part["excl_vat"])] or parts


def _totals(invoice: Invoice, currency: str) -> list[Row]:
    rows = [
        (_("Sum excl. VAT"), invoice.total_excl_vat.amount),
        (_("VAT amount"), invoice.vat_amount.amount),
    ]
    if invoice.rounding:
        rows.append((_("Sum incl. VAT"), invoice.total_incl_vat.amount))
        rows.append((_("Rounding"), invoice.rounding))
    return [(word, formats.money(amount, currency)) for word, amount in rows]


def _due_word(invoice: Invoice) -> str:
    if invoice.kind == Kind.CREDIT_NOTE:
        return _("To your credit")
    return _("Paid") if _is_paid(invoice) else _("To pay")


def _slip(invoice: Invoice, currency: str) -> Slip | None:
    """Return how to pay an invoice; nothing else is paid by its paper."""
    if invoice.kind == Kind.CREDIT_NOTE or invoice.to_pay <= 0 or _is_paid(invoice):
        return None
    return slip_of(
        invoice.seller, Money(invoice.to_pay, currency), invoice.due_date, invoice.ocr_reference
    )


def slip_of(seller: dict[str, Any], amount: Money, due: date, reference: str) -> Slip:
    """Return how to pay an amount to a seller: by giro, and by Swish where there is a number."""
    currency = str(amount.currency)
    bankgiro = str(seller.get("bankgiro") or "")
    rows: list[Row] = [
        (_("To pay"), formats.money(amount.amount, currency)),
        (_("Due"), due.isoformat()),
        *([(_("Bankgiro"), bankgiro)] if bankgiro else []),
        (_("OCR number"), reference),
    ]
    payee = numbers.digits_of(str(seller.get("swish_number") or ""))
    can_swish = swish.is_swish_number(payee) and currency == facts.CURRENCY
    code = swish.code(payee, amount.amount, reference) if can_swish else ""
    label = _("Pay with Swish") if code else ""
    return Slip(_("How to pay"), rows, code, label, _terms(seller, currency))


def _terms(seller: dict[str, Any], currency: str) -> str:
    """Return what is owed beside a debt that is paid late: agreed on, because it is said here."""
    if currency != facts.CURRENCY:
        return ""
    words = []
    if seller.get("takes_interest"):
        words.append(_("Interest on late payment: the reference rate and 8 percentage points."))
    if seller.get("takes_reminder_fee"):
        words.append(_("Each reminder of a debt that is due may cost a fee by law."))
    return " ".join(words)
