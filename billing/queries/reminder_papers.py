"""Reminders as sheets of paper, in their reader's language."""

from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from djmoney.money import Money

from billing.models import Reminder
from billing.paper import Group, Row, Sheet, Table
from billing.queries import papers
from chargenet.core import formats


def total_of(reminder: Reminder) -> Decimal:
    """Return what a reminder asks for."""
    amounts = (reminder.open_amount, reminder.fee, reminder.interest)
    return sum((Decimal(amount.amount) for amount in amounts), Decimal(0))


def sheet_of(reminder: Reminder) -> Sheet:
    """Return a reminder, its invoice read with it, as a sheet in the customer's language."""
    language = reminder.invoice.buyer.get("language") or "sv"
    with translation.override(language):
        return _sheet(reminder, language)


def _sheet(reminder: Reminder, language: str) -> Sheet:
    invoice = reminder.invoice
    currency = str(reminder.open_amount.currency)
    total = Money(total_of(reminder), currency)
    return Sheet(
        language=language,
        kind=_("Reminder"),
        number=reminder.label,
        seller=papers.seller_of(invoice.seller),
        buyer=papers.buyer_of(invoice.buyer),
        facts=[
            (_("Number"), reminder.label),
            (_("Date"), reminder.issue_date.isoformat()),
            (_("Due"), reminder.due_date.isoformat()),
            (_("OCR number"), invoice.ocr_reference),
        ],
        notes=[
            _("We have not received your payment. If you have paid in the last days, thank you.")
        ],
        table=Table(
            (_("What"), _("Due"), _("Days"), _("Interest a year"), _("Amount")),
            [Group(_rows(reminder, currency))],
            papers.LINE_WIDTHS,
        ),
        totals=[],
        due=(_("To pay"), formats.money(total.amount, currency)),
        slip=papers.slip_of(invoice.seller, total, reminder.due_date, invoice.ocr_reference),
        foot=papers.foot_of(invoice.seller),
        page=_("Page"),
    )


def _rows(reminder: Reminder, currency: str) -> list[Row]:
    invoice = reminder.invoice
    what = _("Invoice %(number)s") % {"number": invoice.label}
    due = invoice.due_date.isoformat()
    rows: list[Row] = [(what, due, "", "", formats.money(reminder.open_amount.amount, currency))]
    parts = reminder.interest_parts
    if len(parts) == 1:
        return [*rows, *_one_part(reminder, parts[0], currency), *_fee(reminder, currency)]
    for part in parts:
        rate = formats.percent(Decimal(part["rate"]) / 100, digits=1)
        since = _("Interest from %(day)s") % {"day": part["since"]}
        rows.append((since, "", formats.number(part["days"]), rate, ""))
    if reminder.interest.amount:
        sum_of = formats.money(reminder.interest.amount, currency)
        rows.append((_("Interest on late payment"), "", "", "", sum_of))
    return [*rows, *_fee(reminder, currency)]


def _one_part(reminder: Reminder, part: dict[str, Any], currency: str) -> list[Row]:
    what = _("Interest from %(day)s") % {"day": part["since"]}
    rate = formats.percent(Decimal(part["rate"]) / 100, digits=1)
    amount = formats.money(reminder.interest.amount, currency)
    return [(what, "", formats.number(part["days"]), rate, amount)]


def _fee(reminder: Reminder, currency: str) -> list[Row]:
    if not reminder.fee.amount:
        return []
    fee = formats.money(reminder.fee.amount, currency)
    return [(_("Reminder fee"), "", "", "", fee)]
