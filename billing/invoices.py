"""Issuing invoices: numbered without gaps, frozen, their lines the Cdrs' amounts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from billing import delivery, queries, series
from billing.drawn import Draft, Numbered, invoice_of, lines_of
from billing.models import Customer, Invoice, InvoiceLine, InvoicePolicy, InvoiceSeries
from billing.queries.dues import Payer
from billing.vat import document
from billing.vat.months import Month
from billing.vat.parts import Basis
from chargenet.core import events, money
from chargenet.core.events import Event
from chargenet.core.models import Operator

# One commit for so many customers: each commit waits for the disk.
CHUNK = 100
PREFIX = series.PREFIXES[Invoice.Kind.INVOICE.value]
OnChunk = Callable[[int, int, int], None]


class PeriodNotOver(Exception):
    """The month has not ended for the operator: it cannot be invoiced yet."""


@dataclass(slots=True)
class InvoiceRun:
    """What one run issued; totals with tax per currency."""

    invoice_ids: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    already_there: int = 0
    lines: int = 0
    sessions: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)

    @property
    def created(self) -> int:
        """Return how many invoices the run issued."""
        return len(self.invoice_ids)


@dataclass(frozen=True, slots=True)
class _Issue:
    """What all invoices of one run share."""

    operator: Operator
    period: Month
    until: datetime
    as_of: datetime
    policy: InvoicePolicy
    is_announced: bool

    @property
    def issue_date(self) -> Any:
        return self.as_of.astimezone(ZoneInfo(self.operator.timezone)).date()

    def numbered(self, customer: Customer, taken: InvoiceSeries, number: int) -> Numbered:
        own = customer.payment_terms_days
        days = self.operator.payment_terms_days if own is None else own
        return Numbered(
            operator=self.operator,
            policy=self.policy,
            series=taken,
            number=number,
            period_start=self.period.start,
            period_end=self.period.end,
            issue_date=self.issue_date,
            due_date=self.issue_date + timedelta(days=days),
            issued_at=self.as_of,
        )


def issue_invoice(*, customer_id: int, period: Month, as_of: datetime) -> list[Invoice]:
    """Issue a customer's invoice of one month, one per currency; returns the month's invoices.

    An invoice that is there already is returned as it is. Raises PeriodNotOver.
    """
    operator_id = Customer.objects.values_list("operator_id", flat=True).get(pk=customer_id)
    issue_due_invoices(
        operator_id=operator_id, period=period, as_of=as_of, customer_ids=[customer_id]
    )
    issued = Invoice.objects.filter(
        customer_id=customer_id, period_start=period.start, kind=Invoice.Kind.INVOICE
    )
    return list(issued.order_by("pk"))


def issue_due_invoices(
    *,
    operator_id: int,
    period: Month,
    as_of: datetime,
    customer_ids: Collection[int] | None = None,
    announce: bool = True,
    on_chunk: OnChunk | None = None,
) -> InvoiceRun:
    """Issue the invoices of one month for every customer, or some, who has something to pay.

    What came late goes with the next month. Commits by chunks; run again it does the rest and
    changes nothing else; several at once share the customers out. Without `announce` nobody is
    woken. `on_chunk` is told of each chunk before it commits. Raises PeriodNotOver.
    """
    operator = Operator.objects.get(pk=operator_id)
    until = until_of(operator, period, as_of)
    policy = queries.policy_of(operator_id)
    issue = _Issue(operator, period, until, as_of, policy, announce)
    there = Invoice.objects.filter(
        operator_id=operator_id, period_start=period.start, kind=Invoice.Kind.INVOICE
    )
    due = queries.uninvoiced_cdrs(operator_id).filter(ended_at__lt=until)
    if customer_ids is not None:
        there = there.filter(customer_id__in=customer_ids)
        due = due.filter(customer_id__in=customer_ids)
    run = InvoiceRun(already_there=there.count())
    payers = due.filter(customer_id__isnull=False).order_by("customer_id")
    wanted = list(payers.values_list("customer_id", flat=True).distinct())
    # First what no run beside this one has in hand, then, waiting for it, what it may have left.
    busy = _issue_all(issue, wanted, run, skip_locked=True, on_chunk=on_chunk)
    _issue_all(issue, busy, run, skip_locked=False, on_chunk=on_chunk)
    return run


def _issue_all(
    issue: _Issue,
    wanted: Sequence[int],
    run: InvoiceRun,
    *,
    skip_locked: bool,
    on_chunk: OnChunk | None,
) -> list[int]:
    """Issue by chunks, a commit each; returns the customers somebody else had locked."""
    busy: list[int] = []
    for start in range(0, len(wanted), CHUNK):
        keys = wanted[start : start + CHUNK]
        with transaction.atomic():
            # Locked in the order of their keys: a run beside this one waits, then finds nothing
            # to do. Not the keys themselves: new Cdrs and postings refer to them in any order.
            rows = Customer.objects.select_for_update(no_key=True, skip_locked=skip_locked)
            customers = {row.pk: row for row in rows.filter(pk__in=keys).order_by("pk")}
            before = InvoiceRun(lines=run.lines, sessions=run.sessions)
            issued = _issue_chunk(issue, customers, run)
            if issue.is_announced:
                delivery.ask_for(issued, as_of=issue.as_of)
                for invoice in issued:
                    events.publish(Event.INVOICE_ISSUED, invoice_id=invoice.pk)
            if on_chunk is not None:
                on_chunk(len(issued), run.lines - before.lines, run.sessions - before.sessions)
        busy += [key for key in keys if key not in customers]
    return busy


def until_of(operator: Operator, period: Month, as_of: datetime) -> datetime:
    """Return the instant a month ends where the operator is. Raises PeriodNotOver."""
    until = datetime.combine(period.end, time(0), ZoneInfo(operator.timezone))
    if as_of < until:
        raise PeriodNotOver(f"{period} ends at {until:%Y-%m-%d %H:%M} {operator.timezone}")
    return until


def _issue_chunk(
    issue: _Issue, customers: Mapping[int, Customer], run: InvoiceRun
) -> list[Invoice]:
    """Issue the invoices of some locked customers in the open transaction."""
    drafts = _drafts(issue, customers)
    if not drafts:
        return []
    taken, first = series.take_numbers(
        operator_id=issue.operator.pk, prefix=PREFIX, count=len(drafts)
    )
    invoices = Invoice.objects.bulk_create(
        invoice_of(draft, issue.numbered(draft.customer, taken, first + place))
        for place, draft in enumerate(drafts)
    )
    lines = [
        line
        for invoice, draft in zip(invoices, drafts, strict=True)
        for line in lines_of(invoice.pk, draft)
    ]
    InvoiceLine.objects.bulk_create(lines, batch_size=2000)
    for invoice, draft in zip(invoices, drafts, strict=True):
        run.invoice_ids.append(invoice.pk)
        run.labels.append(invoice.label)
        total = run.totals.get(draft.currency, Decimal(0))
        run.totals[draft.currency] = total + money.from_minor(draft.document.incl, draft.currency)
        run.sessions += len(draft.due.cdrs)
    run.lines += len(lines)
    return invoices


def _drafts(issue: _Issue, customers: Mapping[int, Customer]) -> list[Draft]:
    bases = {key: _basis(customer) for key, customer in customers.items()}
    dues = queries.dues_of(issue.operator.pk, bases, until=issue.until)
    there: set[Payer] = set(
        Invoice.objects.filter(
            customer_id__in=customers,
            period_start=issue.period.start,
            kind=Invoice.Kind.INVOICE,
        ).values_list("customer_id", "currency")
    )
    drafts = []
    for (customer_id, currency), due in dues.items():
        composed = document.compose(due.items, bases[customer_id])
        # Nobody gets an invoice about nothing: free sessions wait for one that has an amount.
        if (customer_id, currency) not in there and composed.incl > 0:
            drafts.append(Draft(customers[customer_id], currency, due, composed))
    return drafts


def _basis(customer: Customer) -> Basis:
    return Basis.NET if customer.is_company else Basis.GROSS
