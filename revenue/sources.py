"""What the books need of Cdrs, invoices and payments, read in sets."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from billing.models import Cdr, CreditUse, Invoice, InvoiceLine, Payment
from revenue.posting.cdr import CdrFacts
from revenue.posting.invoice import InvoiceFacts, InvoiceLineFacts
from revenue.posting.lines import LATE_INTEREST, REMINDER_FEES, RatePart, Tags
from revenue.posting.payment import PaymentFacts
from revenue.posting.refund import RefundFacts

F = TypeVar("F")

CDR_COLUMNS = (
    *("id", "operator_id", "ended_at", "location__timezone", "currency", "total_excl_vat"),
    *("vat_breakdown", "customer_id", "session_id", "location_id", "station_id", "connector_id"),
    "cable_id",
)
LINE_COLUMNS = (
    *("invoice_id", "invoice__customer_id", "vat_rate", "amount_excl_vat", "cdr_id"),
    *("claims_id", "unit"),
    *("session_id", "station__location_id", "station_id", "connector_id", "cable_id"),
)


@dataclass(frozen=True, slots=True)
class Source(Generic[F]):
    """One row that is to be booked: when, for whom, and the facts the posting rules take."""

    id: int
    operator_id: int
    date: date
    currency: str
    text: str
    facts: F


def read_cdrs(cdr_ids: Collection[int]) -> list[Source[CdrFacts]]:
    """Return the Cdrs of these ids, dated by the site's own calendar at the session's end."""
    rows = Cdr.objects.filter(pk__in=cdr_ids).values_list(*CDR_COLUMNS)
    return [_cdr_source(row) for row in rows.iterator(chunk_size=5_000)]


def read_invoices(invoice_ids: Collection[int]) -> list[Source[InvoiceFacts]]:
    """Return the invoices of these ids with their lines and the Cdrs these bill."""
    of_these = InvoiceLine.objects.filter(invoice_id__in=invoice_ids)
    billed = of_these.filter(cdr__isnull=False).values("cdr_id")
    cdrs = {
        row[0]: _cdr_source(row).facts
        for row in Cdr.objects.filter(pk__in=billed).values_list(*CDR_COLUMNS)
    }
    lines = defaultdict(list)
    for row in of_these.order_by("invoice_id", "position").values_list(*LINE_COLUMNS):
        lines[row[0]].append(_line_facts(row))
    return [
        Source(
            id=invoice.pk,
            operator_id=invoice.operator_id,
            date=invoice.issue_date,
            currency=str(invoice.total_incl_vat.currency),
            text=invoice.label,
            facts=InvoiceFacts(
                total_incl_vat=invoice.to_pay,
                vat_parts=_parts(invoice.vat_breakdown, "vat"),
                lines=tuple(lines[invoice.pk]),
                cdrs=cdrs,
                tags=Tags(customer_id=invoice.customer_id),
            ),
        )
        for invoice in Invoice.objects.filter(pk__in=invoice_ids)
    ]


def read_payments(payment_ids: Collection[int]) -> list[Source[PaymentFacts]]:
    """Return the captured payments of these ids, dated by the operator's calendar."""
    captured = Payment.objects.filter(
        pk__in=payment_ids, state=Payment.State.CAPTURED, captured_at__isnull=False
    ).select_related("operator")
    return [
        Source(
            id=payment.pk,
            operator_id=payment.operator_id,
            date=_local_date(payment.captured_at, payment.operator.timezone),
            currency=str(payment.amount.currency),
            text=payment.reference,
            facts=PaymentFacts(
                amount=payment.amount.amount,
                is_advance=payment.invoice_id is None,
                tags=Tags(customer_id=payment.customer_id),
            ),
        )
        for payment in captured
        if payment.captured_at is not None
    ]


def read_refunds(refund_ids: Collection[int]) -> list[Source[RefundFacts]]:
    """Return the credit that was paid back, of these ids, dated by the operator's calendar."""
    rows = CreditUse.objects.filter(pk__in=refund_ids, target__isnull=True)
    return [
        Source(
            id=row.pk,
            operator_id=row.operator_id,
            date=_local_date(row.used_at, row.operator.timezone),
            currency=str(row.amount.currency),
            text=f"{row.source.label} {row.reference}",
            facts=RefundFacts(row.amount.amount, Tags(customer_id=row.source.customer_id)),
        )
        for row in rows.select_related("operator", "source")
    ]


def _cdr_source(row: tuple[Any, ...]) -> Source[CdrFacts]:
    pk, operator_id, ended_at, zone, currency, total_excl_vat, breakdown, *tags = row
    facts = CdrFacts(total_excl_vat, _parts(breakdown, "excl_vat"), Tags(*tags))
    return Source(pk, operator_id, _local_date(ended_at, zone), currency, "", facts)


def _line_facts(row: tuple[Any, ...]) -> InvoiceLineFacts:
    _, customer_id, rate, excl_vat, cdr_id, claims_id, unit, *tags = row
    purpose = ""
    if claims_id is not None:
        purpose = LATE_INTEREST if unit == "day" else REMINDER_FEES
    return InvoiceLineFacts(rate, excl_vat, cdr_id, Tags(customer_id, *tags), purpose)


def _parts(breakdown: list[dict[str, str]], column: str) -> tuple[RatePart, ...]:
    return tuple(RatePart(Decimal(part["rate"]), Decimal(part[column])) for part in breakdown)


def _local_date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()
