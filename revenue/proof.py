"""Proving the books against what was rated, invoiced and paid, in one snapshot.

Every invariant says: left, and what is on its way there, is right. On its way is what is younger
than IN_TRANSIT; older, it is a difference.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum

from revenue import queries
from revenue.models import EntryKind
from revenue.posting import lines
from revenue.queries import sides
from revenue.queries.balances import accounts_for
from revenue.queries.sides import Amounts, Scope, Waiting

ZERO = Decimal(0)
ONE_SECOND = timedelta(seconds=1)


class NotAlone(Exception):
    """The proof needs a snapshot of its own and was called inside a transaction."""


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant in one currency; None where it counts rows that have none.

    oldest_s is the age of what waits longest to reach the books, in transit or overdue.
    """

    invariant: str
    currency: str | None
    left: Decimal
    right: Decimal
    in_transit: Decimal
    oldest_s: int | None
    difference: Decimal


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of an invariant, and what is still on its way to the left one."""

    left: Amounts
    right: Amounts
    waiting: Waiting = field(default_factory=Waiting)


def prove_books(
    *, operator_ids: Collection[int], until: date | None, as_of: datetime
) -> list[Check]:
    """Check every invariant of these operators' books up to and including a day.

    All are read from one snapshot, so that what commits meanwhile is no difference.
    Raises NotAlone.
    """
    scope = Scope(tuple(operator_ids), until, as_of)
    with _one_snapshot():
        return [
            check
            for name, sides_of in INVARIANTS.items()
            for check in _checks(name, sides_of(scope), as_of)
        ]


@contextmanager
def _one_snapshot() -> Iterator[None]:
    if connection.in_atomic_block:
        raise NotAlone("prove the books outside a transaction")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _checks(name: str, both: Sides, as_of: datetime) -> Iterator[Check]:
    """Compare the sides in every currency that either knows; where none does, say so once."""
    waiting = both.waiting
    currencies = {*both.left, *both.right, *waiting.amounts} or {None}
    for currency in sorted(currencies, key=lambda code: code or ""):
        left, right = both.left.get(currency, ZERO), both.right.get(currency, ZERO)
        in_transit = waiting.amounts.get(currency, ZERO)
        oldest_at = waiting.oldest_at.get(currency)
        yield Check(
            invariant=name,
            currency=currency,
            left=left,
            right=right,
            in_transit=in_transit,
            oldest_s=None if oldest_at is None else max(0, (as_of - oldest_at) // ONE_SECOND),
            difference=left + in_transit - right,
        )


def _sessions_are_rated_or_wait(scope: Scope) -> Sides:
    rows = sides.sessions(scope)
    unrated = rows.filter(cdr__isnull=True)
    lost = unrated.filter(rating_hold__isnull=True)
    young = lost.filter(completed_at__gt=scope.now - sides.IN_TRANSIT)
    oldest = lost.order_by("completed_at").values_list("completed_at", flat=True).first()
    return Sides(
        left=sides.plus(
            sides.count_all(rows.filter(cdr__isnull=False)),
            sides.count_all(unrated.filter(rating_hold__isnull=False)),
        ),
        right=sides.count_all(rows),
        waiting=Waiting(sides.count_all(young), {None: oldest} if oldest else {}),
    )


def _cdrs_are_invoiced_or_open(scope: Scope) -> Sides:
    still_open = sides.total(sides.open_cdrs(scope), "total_incl_vat")
    invoiced_or_open = sides.plus(sides.agreed_on_lines(scope), still_open)
    return Sides(left=sides.agreed_on_cdrs(scope), right=invoiced_or_open)


def _lines_are_their_invoices(scope: Scope) -> Sides:
    return Sides(
        left=sides.total(sides.invoice_lines(scope), "amount_incl_vat"),
        right=sides.total(sides.invoices(scope), "total_incl_vat"),
    )


def _have_entries(
    rows_of: Callable[[Scope], Any], missing_of: Callable[[Scope], Any], born: str
) -> Callable[[Scope], Sides]:
    """Return the sides that count the rows which belong in the books, and those that are there."""

    def both(scope: Scope) -> Sides:
        all_of_them, missing = sides.count(rows_of(scope)), missing_of(scope)
        waiting = sides.waiting(missing, sides.ONE, born=born, scope=scope)
        there = sides.plus(all_of_them, sides.minus(sides.count(missing)))
        return Sides(there, all_of_them, waiting)

    return both


def _entries_have_sources(scope: Scope) -> Sides:
    """Count the entries, and the sources that have one: an entry of nothing shows on the left."""
    kinds = [kind.value for kind in EntryKind if kind is not EntryKind.REVERSAL]
    booked = (
        (sides.cdrs(scope), EntryKind.CDR),
        (sides.invoices(scope), EntryKind.INVOICE),
        (sides.payments(scope), EntryKind.PAYMENT),
        (sides.refunds(scope), EntryKind.REFUND),
    )
    return Sides(
        left=sides.count_all(sides.entries(scope).filter(kind__in=kinds)),
        right=sides.plus(
            *(sides.count_all(rows.filter(queries.has_entry(kind))) for rows, kind in booked)
        ),
    )


def _entries_are_whole(scope: Scope) -> Sides:
    """Count the entries, and those that have all their lines and balance in every currency."""
    rows = sides.entries(scope)
    short = rows.annotate(lines=Count("postings")).exclude(lines=F("line_count"))
    uneven = (
        sides.postings(scope).order_by().values("entry_id", "currency").annotate(off=Sum("amount"))
    ).exclude(off=0)
    broken = set(short.values_list("pk", flat=True)) | set(
        uneven.values_list("entry_id", flat=True)
    )
    whole = sides.plus(sides.count_all(rows), {None: Decimal(-len(broken))})
    return Sides(left=whole, right=sides.count_all(rows))


def _ledger_sums_to_zero(scope: Scope) -> Sides:
    rows = sides.postings(scope)
    return Sides(
        left=sides.total(rows.filter(amount__gt=0), "amount"),
        right=sides.minus(sides.total(rows.filter(amount__lt=0), "amount")),
    )


def _accrued_is_uninvoiced(scope: Scope) -> Sides:
    return Sides(
        left=sides.balance(scope, lines.ACCRUED_INCOME),
        right=sides.total(sides.open_cdrs(scope), "total_excl_vat"),
        waiting=sides.together(_waiting_cdrs(scope), _waiting_releases(scope)),
    )


def _receivables_are_open_invoices(scope: Scope) -> Sides:
    paying = sides.payments(scope).filter(invoice__isnull=False)
    on_its_way = sides.unposted_payments(scope).filter(invoice__isnull=False)
    going = sides.unposted_refunds(scope)
    return Sides(
        left=sides.balance(scope, lines.RECEIVABLES),
        right=sides.plus(
            sides.total(sides.invoices(scope), sides.TO_PAY),
            sides.minus(sides.total(paying, "amount")),
            sides.total(sides.refunds(scope), "amount"),
        ),
        waiting=sides.together(
            _waiting_invoices(scope, sides.TO_PAY),
            sides.waiting(going, "amount", born="used_at", scope=scope),
            sides.waiting(on_its_way, "amount", born="captured_at", scope=scope, sign=-1),
        ),
    )


def _vat_is_invoiced_vat(scope: Scope) -> Sides:
    return Sides(
        left=sides.minus(sides.balance(scope, lines.VAT_OUT)),
        right=sides.total(sides.invoices(scope), "vat_amount"),
        waiting=_waiting_invoices(scope, "vat_amount"),
    )


def _sales_are_what_was_rated(scope: Scope) -> Sides:
    """Compare sales with what is invoiced and what is still open, all without VAT."""
    return Sides(
        left=sides.minus(
            sides.balance(
                scope, lines.SALES, lines.ROUNDING, lines.LATE_INTEREST, lines.REMINDER_FEES
            )
        ),
        right=sides.plus(
            sides.total(sides.invoices(scope), sides.SOLD),
            sides.total(sides.open_cdrs(scope), "total_excl_vat"),
        ),
        waiting=sides.together(
            _waiting_cdrs(scope),
            _waiting_invoices(scope, sides.SOLD),
            _waiting_releases(scope),
        ),
    )


def _tags_are_the_cdrs(scope: Scope) -> Sides:
    """Count the sales of sessions, and those tagged as the session's Cdr is."""
    accounts = accounts_for(lines.SALES, scope.operator_ids).values("pk")
    rows = sides.postings(scope).filter(account__in=accounts, session__isnull=False)
    cdr = "session__cdr__"
    same_cable = Q(cable=F(f"{cdr}cable")) | Q(
        **{"cable__isnull": True, f"{cdr}cable__isnull": True}
    )
    agreeing = rows.filter(same_cable, station=F(f"{cdr}station"), connector=F(f"{cdr}connector"))
    return Sides(left=sides.count(agreeing), right=sides.count(rows))


def _captured_is_psp_clearing(scope: Scope) -> Sides:
    missing = sides.unposted_payments(scope)
    return Sides(
        left=sides.balance(scope, lines.PSP_CLEARING),
        right=sides.total(sides.payments(scope), "amount"),
        waiting=sides.waiting(missing, "amount", born="captured_at", scope=scope),
    )


def _waiting_cdrs(scope: Scope) -> Waiting:
    missing = sides.unposted_cdrs(scope)
    return sides.waiting(missing, "total_excl_vat", born="rated_at", scope=scope)


def _waiting_invoices(scope: Scope, amount: Any) -> Waiting:
    missing = sides.unposted_invoices(scope)
    return sides.waiting(missing, amount, born="issued_at", scope=scope)


def _waiting_releases(scope: Scope) -> Waiting:
    """Return what invoices in transit will take from accrued income."""
    billed = sides.billed_cdrs(scope, sides.young_invoices(scope))
    return Waiting(sides.minus(sides.total(billed, "total_excl_vat")))


INVARIANTS: dict[str, Callable[[Scope], Sides]] = {
    "sessions_are_rated_or_wait": _sessions_are_rated_or_wait,
    "cdrs_are_invoiced_or_open": _cdrs_are_invoiced_or_open,
    "lines_are_their_invoices": _lines_are_their_invoices,
    "cdrs_have_entries": _have_entries(
        lambda scope: sides.cdrs(scope).exclude(total_excl_vat=0), sides.unposted_cdrs, "rated_at"
    ),
    "invoices_have_entries": _have_entries(
        lambda scope: sides.invoices(scope).exclude(total_incl_vat=0, rounding=0),
        sides.unposted_invoices,
        "issued_at",
    ),
    "payments_have_entries": _have_entries(sides.payments, sides.unposted_payments, "captured_at"),
    "refunds_have_entries": _have_entries(sides.refunds, sides.unposted_refunds, "used_at"),
    "entries_have_sources": _entries_have_sources,
    "entries_are_whole": _entries_are_whole,
    "ledger_sums_to_zero": _ledger_sums_to_zero,
    "accrued_income_is_uninvoiced_cdrs": _accrued_is_uninvoiced,
    "receivables_are_open_invoices": _receivables_are_open_invoices,
    "vat_is_invoiced_vat": _vat_is_invoiced_vat,
    "sales_are_what_was_rated": _sales_are_what_was_rated,
    "sales_tags_are_the_cdrs": _tags_are_the_cdrs,
    "psp_clearing_is_captured_payments": _captured_is_psp_clearing,
}
