"""Issuing invoices: numbered without gaps, frozen, their lines the Cdrs' amounts."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from billing import queries
from billing.models import Customer, Invoice, InvoiceLine, InvoiceSeries
from billing.queries import Due, DueCdr
from billing.queries.dues import Payer
from billing.tariffs import writing
from billing.vat import document, ocr
from billing.vat.document import Document, Item
from billing.vat.months import Month
from billing.vat.parts import Basis, Part
from chargenet.core import events, money
from chargenet.core.events import Event
from chargenet.core.models import Operator

# One commit for so many customers: each commit waits for the disk.
CHUNK = 100
GRACE = timedelta(days=2)
WH_PER_KWH = 1000
SELLER_KEYS = (
    *("legal_name", "org_number", "vat_number", "street", "postal_code", "city"),
    *("country", "bankgiro", "email", "phone"),
)
BUYER_KEYS = (
    *("name", "reference", "kind", "org_number", "vat_number", "street", "postal_code"),
    *("city", "country", "email", "language"),
)


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

    @property
    def issue_date(self) -> Any:
        return self.as_of.astimezone(ZoneInfo(self.operator.timezone)).date()


@dataclass(frozen=True, slots=True)
class _Draft:
    """An invoice without its number."""

    customer: Customer
    currency: str
    due: Due
    document: Document


def issue_invoice(*, customer_id: int, period: Month, as_of: datetime) -> list[Invoice]:
    """Issue a customer's invoice of one month, one per currency; returns the month's invoices.

    An invoice that is there already is returned as it is. Raises PeriodNotOver.
    """
    operator_id = Customer.objects.values_list("operator_id", flat=True).get(pk=customer_id)
    issue_due_invoices(
        operator_id=operator_id, period=period, as_of=as_of, customer_ids=[customer_id]
    )
    issued = Invoice.objects.filter(customer_id=customer_id, period_start=period.start)
    return list(issued.order_by("pk"))


def issue_due_invoices(
    *,
    operator_id: int,
    period: Month,
    as_of: datetime,
    customer_ids: Collection[int] | None = None,
    announce: bool = True,
) -> InvoiceRun:
    """Issue the invoices of one month for every customer, or some, who has something to pay.

    What came late goes with the next month. Commits by chunks; run again it does the rest and
    changes nothing else. Without `announce` nobody is woken. Raises PeriodNotOver.
    """
    operator = Operator.objects.get(pk=operator_id)
    until = datetime.combine(period.end, time(0), ZoneInfo(operator.timezone))
    if as_of < until:
        raise PeriodNotOver(f"{period} ends at {until:%Y-%m-%d %H:%M} {operator.timezone}")
    issue = _Issue(operator, period, until, as_of)
    there = Invoice.objects.filter(operator_id=operator_id, period_start=period.start)
    due = queries.uninvoiced_cdrs(operator_id).filter(ended_at__lt=until)
    if customer_ids is not None:
        there = there.filter(customer_id__in=customer_ids)
        due = due.filter(customer_id__in=customer_ids)
    run = InvoiceRun(already_there=there.count())
    payers = due.filter(customer_id__isnull=False).order_by("customer_id")
    wanted = list(payers.values_list("customer_id", flat=True).distinct())
    for start in range(0, len(wanted), CHUNK):
        with transaction.atomic():
            invoices = _issue_chunk(issue, wanted[start : start + CHUNK], run)
            for invoice in invoices if announce else ():
                events.publish(Event.INVOICE_ISSUED, invoice_id=invoice.pk)
    return run


def sweep_due_invoices(*, as_of: datetime) -> int:
    """Issue last month's invoices of every operator once its grace is over; returns how many."""
    issued = 0
    for operator in Operator.objects.order_by("pk"):
        # Stations that were offline deliver late: the month stays open for two days more.
        day = (as_of - GRACE).astimezone(ZoneInfo(operator.timezone)).date()
        period = Month.of(day).previous
        issued += issue_due_invoices(operator_id=operator.pk, period=period, as_of=as_of).created
    return issued


def _issue_chunk(issue: _Issue, customer_ids: Sequence[int], run: InvoiceRun) -> list[Invoice]:
    """Issue the invoices of some customers in the open transaction."""
    # Locked in the order of their keys: a run beside this one waits, then finds nothing to do.
    # Not the keys themselves: new Cdrs and postings refer to them in an order of their own.
    customers = {
        customer.pk: customer
        for customer in Customer.objects.select_for_update(no_key=True)
        .filter(pk__in=customer_ids)
        .order_by("pk")
    }
    drafts = _drafts(issue, customers)
    if not drafts:
        return []
    series, first = _take_numbers(issue.operator, len(drafts))
    invoices = Invoice.objects.bulk_create(
        [_invoice(issue, draft, series, first + place) for place, draft in enumerate(drafts)]
    )
    lines = [
        line
        for invoice, draft in zip(invoices, drafts, strict=True)
        for line in _lines(invoice.pk, draft)
    ]
    InvoiceLine.objects.bulk_create(lines, batch_size=2000)
    for invoice, draft in zip(invoices, drafts, strict=True):
        run.invoice_ids.append(invoice.pk)
        run.labels.append(invoice.label)
        total = run.totals.get(draft.currency, Decimal(0))
        run.totals[draft.currency] = total + _amount(draft.document.incl, draft.currency)
        run.sessions += len(draft.due.cdrs)
    run.lines += len(lines)
    return invoices


def _drafts(issue: _Issue, customers: Mapping[int, Customer]) -> list[_Draft]:
    bases = {key: _basis(customer) for key, customer in customers.items()}
    dues = queries.dues_of(issue.operator.pk, bases, until=issue.until)
    there: set[Payer] = set(
        Invoice.objects.filter(
            customer_id__in=customers, period_start=issue.period.start
        ).values_list("customer_id", "currency")
    )
    drafts = []
    for (customer_id, currency), due in dues.items():
        composed = document.compose(due.items, bases[customer_id])
        # Nobody gets an invoice about nothing: free sessions wait for one that has an amount.
        if (customer_id, currency) not in there and composed.incl > 0:
            drafts.append(_Draft(customers[customer_id], currency, due, composed))
    return drafts


def _basis(customer: Customer) -> Basis:
    return Basis.NET if customer.is_company else Basis.GROSS


def _take_numbers(operator: Operator, count: int) -> tuple[InvoiceSeries, int]:
    """Take consecutive numbers; the row stays locked until they are committed or given back."""
    InvoiceSeries.objects.bulk_create([InvoiceSeries(operator=operator)], ignore_conflicts=True)
    rows = InvoiceSeries.objects.filter(operator=operator, prefix="")
    rows.update(last_number=F("last_number") + count)
    series = rows.get()
    return series, series.last_number - count + 1


def _invoice(issue: _Issue, draft: _Draft, series: InvoiceSeries, number: int) -> Invoice:
    composed, customer = draft.document, draft.customer
    return Invoice(
        operator=issue.operator,
        customer=customer,
        series=series,
        number=number,
        label=f"{series.prefix}{number}",
        public_id=uuid.uuid4(),
        # The series' own key keeps references of two series apart at one bank account.
        ocr_reference=ocr.ocr_reference(f"{series.pk}{number:09d}"),
        period_start=issue.period.start,
        period_end=issue.period.end,
        issue_date=issue.issue_date,
        due_date=issue.issue_date + timedelta(days=issue.operator.payment_terms_days),
        issued_at=issue.as_of,
        currency=draft.currency,
        total_excl_vat=_amount(composed.excl, draft.currency),
        vat_amount=_amount(composed.vat, draft.currency),
        total_incl_vat=_amount(composed.incl, draft.currency),
        vat_breakdown=[_breakdown(part, draft.currency) for part in composed.rates],
        seller={key: getattr(issue.operator, key) for key in SELLER_KEYS},
        buyer={key: getattr(customer, key) for key in BUYER_KEYS},
    )


def _breakdown(part: Part, currency: str) -> dict[str, str]:
    return {
        "rate": writing.decimal_text(part.rate),
        "excl_vat": str(_amount(part.excl, currency)),
        "vat": str(_amount(part.vat, currency)),
        "incl_vat": str(_amount(part.incl, currency)),
    }


def _lines(invoice_id: int, draft: _Draft) -> list[InvoiceLine]:
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
    invoice_id: int, position: int, draft: _Draft, cdr: DueCdr, item: Item, part: Part, text: str
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
        description=text,
        quantity=Decimal(cdr.energy_wh) / WH_PER_KWH if has_energy else Decimal(1),
        unit="kWh" if has_energy else "session",
        vat_rate=Decimal(writing.decimal_text(part.rate)),
        currency=draft.currency,
        amount_excl_vat=_amount(part.excl, draft.currency),
        vat_amount=_amount(part.vat, draft.currency),
        amount_incl_vat=_amount(part.incl, draft.currency),
    )


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-money.minor_digits(currency))
