"""Reading what is not billed, not invoiced, not paid."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from billing.models import Cdr, CreditUse, Invoice, InvoiceLine, Payment, RatingHold
from billing.queries import credits
from billing.vat.months import Month
from chargenet.core.models import Operator
from stations.models import Session

NOT_RATED_YET = "not_rated_yet"
NO_TARIFF = "no_tariff"


@dataclass(frozen=True, slots=True)
class Unbilled:
    """A completed session without a Cdr, and why: a hold's reason, or not rated yet."""

    session_id: int
    station_id: int
    connector_id: int
    station_name: str
    driver_id: int | None
    started_at: datetime
    ended_at: datetime
    energy_wh: int
    reason: str
    detail: str
    held_at: datetime | None


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer owes in one currency."""

    currency: str
    invoiced: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        """Return what is still to be paid."""
        return self.invoiced - self.paid


def unbilled_sessions(operator_id: int) -> QuerySet[Session]:
    """Return completed sessions that have no Cdr, the oldest first."""
    return Session.objects.filter(
        operator_id=operator_id, state=Session.State.COMPLETED, cdr__isnull=True
    ).order_by("ended_at", "pk")


def sessions_without_cdr(operator_id: int, *, limit: int | None = None) -> list[Unbilled]:
    """Return completed sessions that have no Cdr, with the reason, the oldest first."""
    rows = unbilled_sessions(operator_id).select_related("station", "rating_hold")[:limit]
    return [_unbilled(session, getattr(session, "rating_hold", None)) for session in rows]


def _unbilled(session: Session, hold: RatingHold | None) -> Unbilled:
    assert session.ended_at is not None, "a completed session has an end"
    return Unbilled(
        session_id=session.pk,
        station_id=session.station_id,
        connector_id=session.connector_id,
        station_name=session.station.name,
        driver_id=session.driver_id,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh or 0,
        reason=hold.reason if hold else NOT_RATED_YET,
        detail=hold.detail if hold else "",
        held_at=hold.held_at if hold else None,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many sessions of a month wait for a tariff, and for anything else."""

    without_tariff: int
    held: int


def unrated_in(operator_id: int, period: Month) -> Waiting:
    """Count the completed sessions of a month, as the operator's clock has it, without a Cdr."""
    zone = ZoneInfo(Operator.objects.values_list("timezone", flat=True).get(pk=operator_id))
    since, until = (datetime.combine(day, time(0), zone) for day in (period.start, period.end))
    rows = unbilled_sessions(operator_id).filter(ended_at__gte=since, ended_at__lt=until)
    without = rows.filter(rating_hold__reason=NO_TARIFF).count()
    return Waiting(without_tariff=without, held=rows.count() - without)


def uninvoiced_cdrs(operator_id: int) -> QuerySet[Cdr]:
    """Return the Cdrs no invoice line repeats yet, but for those somebody holds out."""
    lines = InvoiceLine.objects.filter(cdr_id=OuterRef("pk"))
    return Cdr.objects.filter(~Exists(lines), operator_id=operator_id, held_out__isnull=True)


def is_month_due(operator_id: int, period: Month, until: datetime) -> bool:
    """Say whether anybody has something to pay before an instant and no invoice of the month."""
    has_one = Invoice.objects.filter(
        customer_id=OuterRef("customer_id"),
        currency=OuterRef("currency"),
        period_start=period.start,
        kind=Invoice.Kind.INVOICE,
    )
    due = uninvoiced_cdrs(operator_id).filter(customer_id__isnull=False, ended_at__lt=until)
    return due.filter(~Exists(has_one), total_incl_vat__gt=0).exists()


def open_invoices(
    operator_id: int | None = None, *, customer_id: int | None = None
) -> QuerySet[Any]:
    """Return what neither a payment nor credit settles, with what is `left`, the oldest first."""
    captured = Payment.objects.filter(invoice_id=OuterRef("pk"), state=Payment.State.CAPTURED)
    documents = Invoice.objects.filter(~Exists(captured), total_incl_vat__gt=0)
    rows = credits.with_left(documents.exclude(kind=Invoice.Kind.CREDIT_NOTE)).filter(left__gt=0)
    if operator_id is not None:
        rows = rows.filter(operator_id=operator_id)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    return rows.order_by("due_date", "pk")


def to_pay(invoice: Invoice) -> Decimal:
    """Return what an invoice asks for, less what credit notes took back and what was set off."""
    notes = invoice.corrections.aggregate(sum=Sum(F("total_incl_vat") + F("rounding")))["sum"]
    set_off = invoice.set_offs.aggregate(sum=Sum("amount"))["sum"]
    return invoice.to_pay + (notes or Decimal(0)) - (set_off or Decimal(0))


def invoice_totals(operator_id: int) -> dict[str, tuple[int, Decimal]]:
    """Return per currency how many invoices were issued and their sum with tax."""
    rows = (
        Invoice.objects.filter(operator_id=operator_id)
        .values_list("currency")
        .annotate(count=Count("pk"), total=Sum("total_incl_vat"))
    )
    return {currency: (count, total) for currency, count, total in rows}


def balance_of(customer_id: int) -> list[Balance]:
    """Return what a customer was invoiced and has paid, per currency."""
    captured = Q(payments__state=Payment.State.CAPTURED)
    refunds = CreditUse.objects.filter(source__customer_id=customer_id, target__isnull=True)
    out = dict(refunds.values_list("currency").annotate(sum=Sum("amount")))
    rows = (
        Invoice.objects.filter(customer_id=customer_id)
        .values_list("currency")
        .annotate(
            invoiced=Sum(F("total_incl_vat") + F("rounding")),
            # At most one captured payment an invoice (a constraint): the join doubles nothing.
            paid=Sum("payments__amount", filter=captured),
        )
        .order_by("currency")
    )
    return [
        Balance(currency, invoiced, (paid or Decimal(0)) - (out.get(currency) or Decimal(0)))
        for currency, invoiced, paid in rows
    ]
