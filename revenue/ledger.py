"""Posting: what was rated, invoiced and paid becomes entries in the books, once each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from revenue import journal, queries, sources
from revenue.journal import Draft
from revenue.models import EntryKind, JournalEntry, Posting
from revenue.posting.cdr import postings_for_cdr
from revenue.posting.invoice import postings_for_invoice
from revenue.posting.lines import DoesNotAddUp, Line, Tags
from revenue.posting.payment import postings_for_payment
from revenue.posting.refund import postings_for_refund
from revenue.sources import Source

F = TypeVar("F")
Rule = Callable[[F], tuple[Line, ...]]

# Sources booked in one transaction; an entry is never split.
CDRS_AT_ONCE, INVOICES_AT_ONCE, PAYMENTS_AT_ONCE = 5_000, 100, 5_000
SWEPT_AT_ONCE = 20_000


class NothingToPost(LookupError):
    """There is no such Cdr, invoice or entry, or no such payment that has been captured."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many entries were new, and which sources contradict themselves ("cdr:7": why)."""

    written: int
    refused: dict[str, str]


def post_cdr(*, cdr_id: int, as_of: datetime) -> bool:
    """Book what a rated session earned; False where it is booked already, or free.

    Raises NothingToPost, DoesNotAddUp.
    """
    return _post_one(EntryKind.CDR, sources.read_cdrs([cdr_id]), postings_for_cdr, as_of)


def post_invoice(*, invoice_id: int, as_of: datetime) -> bool:
    """Book an issued invoice; False where it is booked already, or of zero.

    Raises NothingToPost, DoesNotAddUp.
    """
    found = sources.read_invoices([invoice_id])
    return _post_one(EntryKind.INVOICE, found, postings_for_invoice, as_of)


def post_payment(*, payment_id: int, as_of: datetime) -> bool:
    """Book a captured payment; False where it is booked already. Raises NothingToPost."""
    found = sources.read_payments([payment_id])
    return _post_one(EntryKind.PAYMENT, found, postings_for_payment, as_of)


def post_refund(*, refund_id: int, as_of: datetime) -> bool:
    """Book credit that was paid back; False where it is booked already. Raises NothingToPost."""
    found = sources.read_refunds([refund_id])
    return _post_one(EntryKind.REFUND, found, postings_for_refund, as_of)


def post_cdrs(*, cdr_ids: Iterable[int], as_of: datetime) -> Outcome:
    """Book many rated sessions, thousands in one transaction; those already booked stay."""
    batches = (sources.read_cdrs(ids) for ids in _batches(cdr_ids, CDRS_AT_ONCE))
    return _post_many(EntryKind.CDR, batches, postings_for_cdr, as_of)


def post_invoices(*, invoice_ids: Iterable[int], as_of: datetime) -> Outcome:
    """Book many issued invoices; those already booked stay."""
    batches = (sources.read_invoices(ids) for ids in _batches(invoice_ids, INVOICES_AT_ONCE))
    return _post_many(EntryKind.INVOICE, batches, postings_for_invoice, as_of)


def post_payments(*, payment_ids: Iterable[int], as_of: datetime) -> Outcome:
    """Book many captured payments; those already booked stay."""
    batches = (sources.read_payments(ids) for ids in _batches(payment_ids, PAYMENTS_AT_ONCE))
    return _post_many(EntryKind.PAYMENT, batches, postings_for_payment, as_of)


def post_refunds(*, refund_ids: Iterable[int], as_of: datetime) -> Outcome:
    """Book much credit that was paid back; what is booked already stays."""
    batches = (sources.read_refunds(ids) for ids in _batches(refund_ids, PAYMENTS_AT_ONCE))
    return _post_many(EntryKind.REFUND, batches, postings_for_refund, as_of)


def post_unposted(*, newest: int | None, as_of: datetime) -> Outcome:
    """Book what has no entry yet, at most SWEPT_AT_ONCE of each kind, oldest first.

    `newest` bounds the search to the newest rows of each kind.
    """
    cdrs = queries.cdrs_without_entry(newest=newest).values_list("pk", flat=True)
    invoices = queries.invoices_without_entry(newest=newest).values_list("pk", flat=True)
    payments = queries.payments_without_entry(newest=newest).values_list("pk", flat=True)
    refunds = queries.refunds_without_entry(newest=newest).values_list("pk", flat=True)
    outcomes = (
        post_cdrs(cdr_ids=list(cdrs[:SWEPT_AT_ONCE]), as_of=as_of),
        post_invoices(invoice_ids=list(invoices[:SWEPT_AT_ONCE]), as_of=as_of),
        post_payments(payment_ids=list(payments[:SWEPT_AT_ONCE]), as_of=as_of),
        post_refunds(refund_ids=list(refunds[:SWEPT_AT_ONCE]), as_of=as_of),
    )
    refused = {source: why for outcome in outcomes for source, why in outcome.refused.items()}
    return Outcome(sum(outcome.written for outcome in outcomes), refused)


def reverse_entry(*, entry_id: int, on: date, as_of: datetime, text: str) -> JournalEntry:
    """Write the mirror of an entry, dated `on`, and return it; the second time, the same one.

    Raises NothingToPost.
    """
    entry = JournalEntry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise NothingToPost(f"there is no entry {entry_id}")
    mirror = _mirror(entry)
    journal.write_entries([replace(mirror, date=on, text=text)], as_of=as_of)
    return JournalEntry.objects.get(reverses_id=entry_id)


def _mirror(entry: JournalEntry) -> Draft:
    tags = ("customer", "session", "location", "station", "connector", "cable")
    rows = list(
        Posting.objects.filter(entry=entry)
        .order_by("pk")
        .values_list("account__purpose", "amount", "currency", *(f"{tag}_id" for tag in tags))
    )
    return Draft(
        operator_id=entry.operator_id,
        kind=EntryKind.REVERSAL,
        source=f"entry:{entry.pk}",
        date=entry.date,
        currency=rows[0][2],
        lines=tuple(Line(purpose, -amount, Tags(*of)) for purpose, amount, _, *of in rows),
        reverses_id=entry.pk,
    )


def _post_one(kind: EntryKind, found: Sequence[Source[F]], rule: Rule[F], as_of: datetime) -> bool:
    if not found:
        raise NothingToPost(f"no {kind} of that id is there to be booked")
    return journal.write_entries([_draft(kind, found[0], rule)], as_of=as_of) == 1


def _post_many(
    kind: EntryKind, batches: Iterable[Sequence[Source[F]]], rule: Rule[F], as_of: datetime
) -> Outcome:
    written, refused = 0, {}
    for batch in batches:
        drafts = []
        for source in batch:
            try:
                drafts.append(_draft(kind, source, rule))
            except DoesNotAddUp as error:
                refused[f"{kind}:{source.id}"] = str(error)
        written += journal.write_entries(drafts, as_of=as_of)
    return Outcome(written, refused)


def _draft(kind: EntryKind, source: Source[F], rule: Rule[F]) -> Draft:
    return Draft(
        operator_id=source.operator_id,
        kind=kind,
        source=f"{kind}:{source.id}",
        date=source.date,
        currency=source.currency,
        lines=rule(source.facts),
        text=source.text,
    )


def _batches(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        yield batch
