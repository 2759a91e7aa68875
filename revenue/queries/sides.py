"""The sums that the proof of the books compares, each of one kind of row, per currency."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from billing.models import Cdr, Invoice, InvoiceLine
from revenue.models import EntryKind, JournalEntry, Posting
from revenue.queries import unposted
from revenue.queries.balances import accounts_for
from revenue.queries.earnings import local_date
from stations.models import Session

ZERO = Decimal(0)
ONE = Value(1)
# How long a nudge, or the sweep behind it, may take to bring a row into the books.
IN_TRANSIT = timedelta(seconds=90)
MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=20, decimal_places=2)
IS_BUSINESS = ~Q(invoice__buyer__kind="consumer")
# What an invoice asks for, and what it sold: what its sum is rounded by is neither price nor tax.
TO_PAY = F("total_incl_vat") + F("rounding")
SOLD = F("total_excl_vat") + F("rounding")
Amounts = Mapping[str | None, Decimal]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose books, up to and including which day (None: all), seen at which instant."""

    operator_ids: tuple[int, ...]
    until: date | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has not reached the books: the amounts still in transit, and since when any waits."""

    amounts: Amounts = field(default_factory=dict)
    oldest_at: Mapping[str | None, datetime] = field(default_factory=dict)


def plus(*terms: Amounts) -> Amounts:
    """Add amounts per currency."""
    added: dict[str | None, Decimal] = defaultdict(Decimal)
    for term in terms:
        for currency, amount in term.items():
            added[currency] += amount
    return dict(added)


def minus(amounts: Amounts) -> Amounts:
    """Return amounts with their signs turned."""
    return {currency: -amount for currency, amount in amounts.items()}


def together(*waits: Waiting) -> Waiting:
    """Add what waits, and keep the oldest of each currency."""
    oldest: dict[str | None, datetime] = {}
    for wait in waits:
        for currency, at in wait.oldest_at.items():
            oldest[currency] = min(at, oldest.get(currency, at))
    return Waiting(plus(*(wait.amounts for wait in waits)), oldest)


def cdrs(scope: Scope) -> QuerySet[Cdr]:
    """Return the Cdrs in scope, by the sites' own calendars."""
    rows = Cdr.objects.filter(operator_id__in=scope.operator_ids)
    if scope.until is None:
        return rows
    return rows.annotate(day=local_date("ended_at", "location__timezone")).filter(
        day__lte=scope.until
    )


def open_cdrs(scope: Scope) -> QuerySet[Cdr]:
    """Return the Cdrs that no invoice in scope bills."""
    return cdrs(scope).filter(~Exists(_lines_of_cdr(scope)))


def billed_cdrs(scope: Scope, bills: QuerySet[Invoice]) -> QuerySet[Cdr]:
    """Return the Cdrs that some invoices bill."""
    return Cdr.objects.filter(Exists(_lines_of_cdr(scope).filter(invoice__in=bills.values("pk"))))


def invoices(scope: Scope) -> QuerySet[Invoice]:
    """Return the invoices in scope, by issue date."""
    return _until(Invoice.objects.filter(operator_id__in=scope.operator_ids), "issue_date", scope)


def invoice_lines(scope: Scope) -> QuerySet[InvoiceLine]:
    """Return the lines of the invoices in scope."""
    rows = InvoiceLine.objects.filter(operator_id__in=scope.operator_ids)
    return _until(rows, "invoice__issue_date", scope)


def payments(scope: Scope) -> QuerySet[Any]:
    """Return the captured payments in scope, by the operator's calendar."""
    rows = unposted.payments_to_post().filter(operator_id__in=scope.operator_ids)
    if scope.until is None:
        return rows
    return rows.annotate(day=local_date("captured_at", "operator__timezone")).filter(
        day__lte=scope.until
    )


def refunds(scope: Scope) -> QuerySet[Any]:
    """Return the credit paid back in scope, by the operator's calendar."""
    rows = unposted.refunds_to_post().filter(operator_id__in=scope.operator_ids)
    if scope.until is None:
        return rows
    return rows.annotate(day=local_date("used_at", "operator__timezone")).filter(
        day__lte=scope.until
    )


def entries(scope: Scope) -> QuerySet[JournalEntry]:
    """Return the entries in scope."""
    return _until(JournalEntry.objects.filter(operator_id__in=scope.operator_ids), "date", scope)


def postings(scope: Scope) -> QuerySet[Posting]:
    """Return the postings in scope."""
    return _until(Posting.objects.filter(operator_id__in=scope.operator_ids), "date", scope)


def sessions(scope: Scope) -> QuerySet[Session]:
    """Return the completed sessions in scope, by the sites' own calendars."""
    rows = Session.objects.filter(
        operator_id__in=scope.operator_ids, state=Session.State.COMPLETED
    )
    if scope.until is None:
        return rows
    return rows.annotate(day=local_date("ended_at", "station__location__timezone")).filter(
        day__lte=scope.until
    )


def total(rows: QuerySet[Any], amount: Any) -> Amounts:
    """Sum a column, or an expression, per currency."""
    sums = rows.order_by().values_list("currency").annotate(total=Sum(amount, output_field=MONEY))
    return dict(sums)


def count(rows: QuerySet[Any]) -> Amounts:
    """Count rows per currency."""
    counts = rows.order_by().values_list("currency").annotate(n=Count("pk"))
    return {currency: Decimal(n) for currency, n in counts}


def count_all(rows: QuerySet[Any]) -> Amounts:
    """Count rows that have no currency."""
    return {None: Decimal(rows.count())}


def balance(scope: Scope, *purposes: str) -> Amounts:
    """Return what the accounts of these purposes hold, debit positive."""
    accounts = [
        pk
        for purpose in purposes
        for pk in accounts_for(purpose, scope.operator_ids).values_list("pk", flat=True)
    ]
    return total(postings(scope).filter(account_id__in=accounts), "amount")


def agreed_on_lines(scope: Scope) -> Amounts:
    """Sum the lines that bill Cdrs, on the side that was agreed: net for a business."""
    side = Case(
        When(IS_BUSINESS, then=F("amount_excl_vat")),
        default=F("amount_incl_vat"),
        output_field=MONEY,
    )
    return total(invoice_lines(scope).filter(cdr__isnull=False), side)


def agreed_on_cdrs(scope: Scope) -> Amounts:
    """Sum the Cdrs on the side their invoice repeats; with VAT where there is none yet."""
    side = Case(
        When(Exists(_lines_of_cdr(scope).filter(IS_BUSINESS)), then=F("total_excl_vat")),
        default=F("total_incl_vat"),
        output_field=MONEY,
    )
    return total(cdrs(scope), side)


def waiting(
    rows: QuerySet[Any], amount: Any, *, born: str, scope: Scope, sign: int = 1
) -> Waiting:
    """Return what rows that are not in the books hold: as in transit while they are young."""
    young = Q(**{f"{born}__gt": scope.now - IN_TRANSIT})
    found = list(
        rows.order_by()
        .values_list("currency")
        .annotate(
            amount=Sum(amount, filter=young, default=ZERO, output_field=MONEY), oldest=Min(born)
        )
    )
    return Waiting(
        {currency: sign * held for currency, held, _ in found},
        {currency: oldest for currency, _, oldest in found},
    )


def unposted_cdrs(scope: Scope) -> QuerySet[Cdr]:
    """Return the Cdrs in scope that belong in the books and are not there."""
    rows = cdrs(scope).exclude(total_excl_vat=0)
    return rows.filter(~unposted.has_entry(EntryKind.CDR))


def unposted_invoices(scope: Scope) -> QuerySet[Invoice]:
    """Return the invoices in scope that belong in the books and are not there."""
    rows = invoices(scope).exclude(total_incl_vat=0, rounding=0)
    return rows.filter(~unposted.has_entry(EntryKind.INVOICE))


def unposted_payments(scope: Scope) -> QuerySet[Any]:
    """Return the captured payments in scope that are not in the books."""
    return payments(scope).filter(~unposted.has_entry(EntryKind.PAYMENT))


def unposted_refunds(scope: Scope) -> QuerySet[Any]:
    """Return the credit paid back in scope that is not in the books."""
    return refunds(scope).filter(~unposted.has_entry(EntryKind.REFUND))


def young_invoices(scope: Scope) -> QuerySet[Invoice]:
    """Return the invoices that are still in transit to the books."""
    return unposted_invoices(scope).filter(issued_at__gt=scope.now - IN_TRANSIT)


def _lines_of_cdr(scope: Scope) -> QuerySet[InvoiceLine]:
    return invoice_lines(scope).filter(cdr_id=OuterRef("pk"))


def _until(rows: QuerySet[Any], column: str, scope: Scope) -> QuerySet[Any]:
    if scope.until is None:
        return rows
    return rows.filter(**{f"{column}__lte": scope.until})
