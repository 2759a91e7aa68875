"""A customer's open items on a day: what is to pay, what is to come back, what has grown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Customer, Dispute, Invoice
from billing.paper import Group, Row, Sheet, Table
from billing.queries import credits, documents, lateness, papers, policies, sellers
from billing.swedish import facts, interest
from chargenet.core import formats

WIDTHS = (1, 0, 0, 0, 0)


@dataclass(frozen=True)
class Item:
    """One open document: what it asked for, what is left of it, and since when it is late."""

    invoice: Invoice
    kind: str
    asked: Decimal
    left: Decimal
    days_late: int
    # Interest to the day, on what is left; it is claimed on a reminder or once it is paid.
    interest: Decimal
    is_disputed: bool


@dataclass(frozen=True)
class Statement:
    """What is between a customer and the operator in one currency on a day."""

    customer: Customer
    day: date
    currency: str
    items: Sequence[Item]
    credits: Sequence[credits.Credit]
    # Interest and fees of what was paid late and is on no interest invoice yet.
    claimable: Decimal

    @property
    def left(self) -> Decimal:
        """Return what is to pay, less what is to come back."""
        owed = sum((item.left for item in self.items), Decimal(0))
        return owed - sum((each.amount for each in self.credits), Decimal(0))

    @property
    def overdue(self) -> Decimal:
        """Return what is late of what is to pay."""
        return sum((item.left for item in self.items if item.days_late), Decimal(0))


def statements_of(customer: Customer, day: date) -> list[Statement]:
    """Return a customer's statements, one a currency; the operator's own currency always."""
    disputes = Dispute.objects.filter(invoice=OuterRef("pk"), closed_at__isnull=True)
    rows = documents.open_invoices(customer_id=customer.pk).annotate(is_disputed=Exists(disputes))
    takes = policies.policy_of(customer.operator_id).takes_interest
    items: dict[str, list[Item]] = {customer.operator.currency: []}
    for invoice in rows:
        currency = str(invoice.total_incl_vat.currency)
        items.setdefault(currency, []).append(_item(invoice, currency, day, takes=takes))
    back = credits.credits_of(customer.pk)
    for each in back:
        items.setdefault(each.currency, [])
    grown = sum((claim.amount for claim in lateness.claims_of(customer)), Decimal(0))
    return [
        Statement(
            customer,
            day,
            currency,
            found,
            [each for each in back if each.currency == currency],
            grown if currency == facts.CURRENCY else Decimal(0),
        )
        for currency, found in items.items()
    ]


def _item(invoice: Any, currency: str, day: date, *, takes: bool) -> Item:
    bears = takes and invoice.kind == Invoice.Kind.INVOICE and currency == facts.CURRENCY
    is_late = invoice.due_date < day
    parts = (
        interest.parts_of(invoice.left, due=invoice.due_date, until=day)
        if bears and is_late
        else []
    )
    return Item(
        invoice=invoice,
        kind=papers.kind_word(invoice),
        asked=invoice.to_pay,
        left=invoice.left,
        days_late=max(0, (day - invoice.due_date).days),
        interest=interest.total(parts),
        is_disputed=invoice.is_disputed,
    )


def sheet_of(statement: Statement) -> Sheet:
    """Return a statement as a sheet in the customer's language."""
    with translation.override(statement.customer.language or "sv"):
        return _sheet(statement)


def _sheet(statement: Statement) -> Sheet:
    customer, currency = statement.customer, statement.currency
    seller = sellers.seller_of(customer.operator, policies.policy_of(customer.operator_id))
    heads = (_("What"), _("Date"), _("Due"), _("Days late"), _("Left to pay"))
    day = statement.day.isoformat()
    fields = ("name", "reference", "kind", "org_number", "vat_number")
    place = ("street", "postal_code", "city")
    buyer = {key: getattr(customer, key) for key in (*fields, *place)}
    rows = [_row(item, currency) for item in statement.items]
    rows += [_credit_row(each, currency) for each in statement.credits]
    return Sheet(
        language=customer.language or "sv",
        kind=_("Statement"),
        number=day,
        seller=papers.seller_of(seller),
        buyer=papers.buyer_of(buyer),
        facts=[(_("Date"), day), (_("Customer number"), customer.reference)],
        notes=[_("What is open on %(day)s. A statement is no demand.") % {"day": day}],
        table=Table(heads, [Group(rows)] if rows else [], WIDTHS),
        totals=_totals(statement),
        due=(
            _("To your credit") if statement.left < 0 else _("Left to pay"),
            formats.money(abs(statement.left), currency),
        ),
        foot=papers.foot_of(seller),
        page=_("Page"),
    )


def _row(item: Item, currency: str) -> Row:
    # In the customer's language, whoever reads the page it was made from.
    what = f"{papers.kind_word(item.invoice)} {item.invoice.label}"
    if item.is_disputed:
        what = _("%(what)s, disputed") % {"what": what}
    return (
        what,
        item.invoice.issue_date.isoformat(),
        item.invoice.due_date.isoformat(),
        formats.number(item.days_late) if item.days_late else "",
        formats.money(item.left, currency),
    )


def _credit_row(each: credits.Credit, currency: str) -> Row:
    what = _("Credit of invoice %(number)s") % {"number": each.invoice.label}
    return (what, "", "", "", formats.money(-each.amount, currency))


def _totals(statement: Statement) -> list[Row]:
    rows: list[Row] = []
    if statement.overdue:
        rows.append((_("Of it overdue"), formats.money(statement.overdue, statement.currency)))
    grown = sum((item.interest for item in statement.items), Decimal(0))
    if grown + statement.claimable:
        told = formats.money(grown + statement.claimable, statement.currency)
        rows.append((_("Interest and fees to the day, not claimed here"), told))
    return rows
