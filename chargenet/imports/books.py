"""Rating, invoicing and posting what a list brought, and the sums that prove it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncMonth

from billing import invoices, queries, rating
from billing.models import Cdr, Invoice, InvoiceLine
from billing.vat.months import Month
from chargenet.core.models import Operator
from chargenet.imports.watching import Watch
from revenue import ledger
from revenue import queries as revenue_queries
from revenue.models import Posting
from stations.history import SOURCE
from stations.models import Session

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Model)
AT_ONCE = 2000
INVOICES_AT_ONCE = 20
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Amounts:
    """What the sessions of a scope are in the books, VAT included; the ledger's own sum."""

    cdrs: int
    cdr_total: Decimal
    invoices: int
    invoice_line_total: Decimal
    open_total: Decimal
    ledger_sum: Decimal


@dataclass(frozen=True)
class Scope:
    """The imported sessions of some stations; their amounts are told in one currency."""

    operator: Operator
    station_ids: frozenset[int]
    currency: str

    def bill(self, *, as_of: datetime, watch: Watch, with_invoices: bool) -> None:
        """Rate, invoice and post whatever of the scope still waits for it."""
        waiting = self._sessions().filter(state=Session.State.COMPLETED, cdr__isnull=True)
        for session_ids in _batches(watch, "rating", _ids(waiting), AT_ONCE):
            rating.rate_sessions(session_ids=session_ids, as_of=as_of, announce=False)
        self._post_cdrs(as_of, watch)
        if with_invoices:
            self._issue(as_of, watch)
            self._post_invoices(as_of, watch)

    def amounts(self) -> Amounts:
        """Return the sums as they stand."""
        ours = self._cdrs().filter(currency=self.currency)
        cdrs = ours.aggregate(count=Count("pk"), total=Sum("total_incl_vat"))
        lines = (
            self._lines()
            .filter(currency=self.currency)
            .aggregate(count=Count("invoice", distinct=True), total=Sum("amount_incl_vat"))
        )
        billed = InvoiceLine.objects.filter(cdr_id=OuterRef("pk"))
        unbilled = ours.filter(~Exists(billed)).aggregate(total=Sum("total_incl_vat"))
        posted = Posting.objects.filter(operator=self.operator, currency=self.currency)
        return Amounts(
            cdrs=cdrs["count"],
            cdr_total=cdrs["total"] or NOTHING,
            invoices=lines["count"],
            invoice_line_total=lines["total"] or NOTHING,
            open_total=unbilled["total"] or NOTHING,
            ledger_sum=posted.aggregate(total=Sum("amount"))["total"] or NOTHING,
        )

    def _issue(self, as_of: datetime, watch: Watch) -> None:
        """Issue each month's invoices, the oldest first; a month that goes on stays open."""
        zone = ZoneInfo(self.operator.timezone)
        open_cdrs = queries.uninvoiced_cdrs(self.operator.pk) & self._cdrs()
        months = (
            open_cdrs.annotate(month=TruncMonth("ended_at", tzinfo=zone))
            .values_list("month", flat=True)
            .order_by("month")
            .distinct()
        )
        customers = set(open_cdrs.values_list("customer_id", flat=True)) - {None}
        past = [
            month
            for start in months
            if (month := Month.of(start.date())) < Month.of(as_of.astimezone(zone).date())
        ]
        for month in watch(past, total=len(past), label="invoicing"):
            invoices.issue_due_invoices(
                operator_id=self.operator.pk,
                period=month,
                as_of=as_of,
                customer_ids=customers,
                announce=False,
            )

    def _post_cdrs(self, as_of: datetime, watch: Watch) -> None:
        unposted = revenue_queries.cdrs_without_entry() & self._cdrs()
        for cdr_ids in _batches(watch, "posting", _ids(unposted), AT_ONCE):
            _warn(ledger.post_cdrs(cdr_ids=cdr_ids, as_of=as_of))

    def _post_invoices(self, as_of: datetime, watch: Watch) -> None:
        ours = Invoice.objects.filter(pk__in=self._lines().values("invoice_id"))
        unposted = revenue_queries.invoices_without_entry() & ours
        for invoice_ids in _batches(watch, "posting", _ids(unposted), INVOICES_AT_ONCE):
            _warn(ledger.post_invoices(invoice_ids=invoice_ids, as_of=as_of))

    def _sessions(self) -> QuerySet[Session]:
        return Session.objects.filter(
            operator=self.operator, station_id__in=self.station_ids, source=SOURCE
        )

    def _cdrs(self) -> QuerySet[Cdr]:
        return Cdr.objects.filter(
            operator=self.operator,
            station_id__in=self.station_ids,
            session__source=SOURCE,
        )

    def _lines(self) -> QuerySet[InvoiceLine]:
        return InvoiceLine.objects.filter(
            operator=self.operator,
            station_id__in=self.station_ids,
            session__source=SOURCE,
        )


def _warn(outcome: ledger.Outcome) -> None:
    """Say what the books refused: it stays unposted, where the sweep and a person find it."""
    for source, why in outcome.refused.items():
        logger.warning("not posted source=%s why=%s", source, why)


def _batches(watch: Watch, label: str, ids: list[int], size: int) -> Iterator[list[int]]:
    rest = watch(ids, total=len(ids), label=label)
    while batch := list(islice(rest, size)):
        yield batch


def _ids(rows: QuerySet[Row]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
