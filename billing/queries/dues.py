"""Reading what customers owe and no invoice says yet."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from billing.models import Cdr, InvoiceLine
from billing.queries.documents import uninvoiced_cdrs
from billing.tariffs.bill import LineKind
from billing.vat.document import Item
from billing.vat.parts import Basis
from chargenet.core import money

Payer = tuple[int, str]
COLUMNS = (
    *("pk", "customer_id", "currency", "session_id", "station_id", "connector_id"),
    *("cable_id", "started_at", "ended_at", "energy_wh", "vat_breakdown"),
    *("location__name", "location__timezone", "station__name"),
    *("cost_centre__code", "cost_centre__name", "vat_decision"),
)
SIDES = {Basis.GROSS: "incl_vat", Basis.NET: "excl_vat"}


@dataclass(frozen=True, slots=True)
class DueCdr:
    """What a Cdr lends to invoice lines. Energy is billed under one rate; fees may have others."""

    cdr_id: int
    session_id: int
    station_id: int
    connector_id: int
    cable_id: int | None
    location_name: str
    station_name: str
    time_zone: str
    started_at: datetime
    ended_at: datetime
    energy_wh: int
    energy_rate: Fraction
    cost_centre: str = ""
    # `billing.vat.reverse` in words; nothing where the seller takes VAT.
    vat_decision: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Return where it was, as a customer reads it."""
        # Many stations are called as their place is, and a number.
        if self.station_name.startswith(self.location_name):
            return self.station_name
        return f"{self.location_name}, {self.station_name}"

    @property
    def local_time(self) -> str:
        """Return when it was, by the clock of the place."""
        zone = ZoneInfo(self.time_zone)
        started_at, ended_at = self.started_at.astimezone(zone), self.ended_at.astimezone(zone)
        return f"{started_at:%Y-%m-%d %H:%M}–{ended_at:%H:%M}"


@dataclass(slots=True)
class Due:
    """What one customer owes in one currency: the Cdrs by id, and what they agreed per rate."""

    cdrs: dict[int, DueCdr] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    @property
    def vat_decision(self) -> Mapping[str, str]:
        """Return how VAT was decided for what takes none."""
        return next((cdr.vat_decision for cdr in self.cdrs.values() if cdr.vat_decision), {})


def dues_of(operator_id: int, bases: Mapping[int, Basis], *, until: datetime) -> dict[Payer, Due]:
    """Return what some customers owe for sessions that ended before an instant, per currency."""
    rows = (
        uninvoiced_cdrs(operator_id)
        .filter(customer_id__in=bases, ended_at__lt=until)
        .order_by("customer_id", "ended_at", "pk")
        .values(*COLUMNS)
    )
    found: dict[Payer, Due] = defaultdict(Due)
    mixed = []
    for row in rows:
        due = found[row["customer_id"], row["currency"]]
        rates = _add(due, row, bases[row["customer_id"]])
        if len(rates) > 1:
            mixed.append((due, row["pk"]))
    _name_energy_rates(mixed)
    return dict(found)


def due_of_cdr(cdr_id: int, basis: Basis) -> Due:
    """Return what one Cdr owes and no document says; nothing where one does."""
    due = Due()
    lines = InvoiceLine.objects.filter(cdr_id=OuterRef("pk"))
    open_ones = Cdr.objects.filter(~Exists(lines), pk=cdr_id, held_out__isnull=True)
    for row in open_ones.values(*COLUMNS):
        if len(_add(due, row, basis)) > 1:
            _name_energy_rates([(due, row["pk"])])
    return due


def _add(due: Due, row: Mapping[str, Any], basis: Basis) -> list[Fraction]:
    factor = 10 ** money.minor_digits(row["currency"])
    rates = []
    for part in row["vat_breakdown"]:
        rate, agreed = Fraction(part["rate"]), Fraction(part[SIDES[basis]]) * factor
        assert agreed.denominator == 1, "a Cdr is rounded to the minor unit"
        due.items.append(Item(row["pk"], rate, agreed.numerator))
        rates.append(rate)
    due.cdrs[row["pk"]] = DueCdr(
        cdr_id=row["pk"],
        session_id=row["session_id"],
        station_id=row["station_id"],
        connector_id=row["connector_id"],
        cable_id=row["cable_id"],
        location_name=row["location__name"],
        station_name=row["station__name"],
        time_zone=row["location__timezone"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        energy_wh=row["energy_wh"],
        energy_rate=rates[0] if rates else Fraction(0),
        cost_centre=" ".join(
            each for each in (row["cost_centre__code"], row["cost_centre__name"]) if each
        ),
        vat_decision=row["vat_decision"],
    )
    return rates


def _name_energy_rates(mixed: Collection[tuple[Due, int]]) -> None:
    """Say for Cdrs with several rates which of them the energy has."""
    if not mixed:
        return
    lines = dict(
        Cdr.objects.filter(pk__in=[cdr_id for _, cdr_id in mixed]).values_list("pk", "lines")
    )
    for due, cdr_id in mixed:
        for line in lines[cdr_id]:
            if line["dimension"] == LineKind.ENERGY.value:
                rate = Fraction(line["vat"] or 0)
                due.cdrs[cdr_id] = replace(due.cdrs[cdr_id], energy_rate=rate)
