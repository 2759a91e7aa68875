"""The life of one cable: its heat, its faults, where it was fitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from chargenet.core import access, formats
from chargenet.core.access import Person
from chargenet.dashboard.parts import Chart, Fact, Series
from chargenet.dashboard.queries import cables
from chargenet.dashboard.queries.cables import CableRow
from chargenet.dashboard.queries.revenue import connector_name
from faults.models import CableLife, CableReading, Fault
from faults.queries.pages import title_of
from stations.models import CableFitting, Connector

SHOWN_READINGS, SHOWN_FAULTS, SHOWN_FITTINGS = 400, 30, 20
MILLI = 1_000_000


@dataclass(frozen=True)
class Reason:
    """One part of the risk, with its points of a hundred."""

    text: str
    points: int


@dataclass(frozen=True)
class FaultLine:
    """One fault of the cable."""

    id: int
    code: str
    title: str
    severity: int
    state: str
    where: str
    began_at: datetime
    cleared_at: datetime | None
    ticket_id: int | None
    zone: str


@dataclass(frozen=True)
class Fitting:
    """Where the cable was, and when."""

    where: str
    href_station: int
    fitted_at: datetime
    removed_at: datetime | None
    zone: str


@dataclass(frozen=True)
class CablePage:
    """All of one cable's page."""

    life: CableLife
    row: CableRow
    connector: Connector | None
    reasons: list[Reason]
    facts: list[Fact]
    charts: list[Chart]
    faults: list[FaultLine]
    fittings: list[Fitting]


def cable_page(person: Person, cable_id: int) -> CablePage:
    """Return one cable; raises Http404 for an outsider."""
    life = access.get_or_404(cables.lives_of(person), person, cable_id=cable_id)
    row = cables.row_of(life)
    return CablePage(
        life=life,
        row=row,
        connector=life.connector,
        reasons=[Reason(cables.reason_text(one), int(one["points"])) for one in life.reasons],
        facts=_facts(life, row),
        charts=charts_of(life, row.zone),
        faults=_faults(person, life),
        fittings=_fittings(life),
    )


def _facts(life: CableLife, row: CableRow) -> list[Fact]:
    cable = life.cable
    return [
        Fact(_("Kind"), row.kind),
        Fact(_("Length"), _metres(cable.length_cm)),
        Fact(_("Made for"), f"{cable.max_current_a} A" if cable.max_current_a else "–"),
    ]


def _metres(length_cm: int | None) -> str:
    if not length_cm:
        return "–"
    return f"{formats.number(Decimal(length_cm) / 100, digits=1)}\u00a0m"


def charts_of(life: CableLife, zone: str) -> list[Chart]:
    """Return the contact resistance and the temperature of its sessions, oldest first."""
    rows = CableReading.objects.filter(cable_id=life.cable_id).order_by("-at")
    told = list(rows[:SHOWN_READINGS])[::-1]
    if len(told) < 2:
        return []
    place = ZoneInfo(zone)
    labels = [f"{one.at.astimezone(place):%Y-%m-%d %H:%M:%S}" for one in told]
    return [*_theta_chart(life, told, labels), _heat_chart(told, labels)]


def _theta_chart(
    life: CableLife, told: Sequence[CableReading], labels: Sequence[str]
) -> list[Chart]:
    if not any(one.theta for one in told):
        return []
    series = [
        Series(
            _("This session"),
            [None if one.theta is None else round(one.theta * MILLI, 1) for one in told],
            "line",
        )
    ]
    if life.base_theta:
        base = round(life.base_theta * MILLI, 1)
        series.append(Series(_("When new"), [base] * len(told), "line"))
    return [
        Chart(
            name="theta",
            title=_("Contact resistance, as heat shows it"),
            labels=labels,
            series=series,
            unit="K/kA²",
            label_head=_("Session"),
            digits=1,
            is_time=True,
        )
    ]


def _heat_chart(told: Sequence[CableReading], labels: Sequence[str]) -> Chart:
    return Chart(
        name="heat",
        title=_("Temperature of the plug"),
        labels=labels,
        series=[
            Series(_("Hottest"), [_degrees(one.hottest_c) for one in told], "line"),
            Series(_("Around"), [_degrees(one.ambient_c) for one in told], "line"),
        ],
        unit="°C",
        label_head=_("Session"),
        digits=1,
        is_time=True,
    )


def _degrees(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _faults(person: Person, life: CableLife) -> list[FaultLine]:
    rows = Fault.objects.visible_to(person).filter(cable_id=life.cable_id)
    rows = rows.exclude(state=Fault.State.PENDING).select_related(
        "connector__evse", "connector__station__location"
    )
    return [
        FaultLine(
            id=row.pk,
            code=row.code,
            title=title_of(row.code),
            severity=row.severity,
            state=row.state,
            where=connector_name(row.connector) if row.connector else "",
            began_at=row.began_at,
            cleared_at=row.cleared_at,
            ticket_id=row.ticket_id,
            zone=row.connector.station.location.timezone if row.connector else "UTC",
        )
        for row in rows.order_by("-began_at")[:SHOWN_FAULTS]
    ]


def _fittings(life: CableLife) -> list[Fitting]:
    rows = CableFitting.objects.filter(cable_id=life.cable_id).select_related(
        "connector__evse", "connector__station__location"
    )
    return [
        Fitting(
            where=connector_name(row.connector),
            href_station=row.connector.station_id,
            fitted_at=row.fitted_at,
            removed_at=row.removed_at,
            zone=row.connector.station.location.timezone,
        )
        for row in rows.order_by("-fitted_at")[:SHOWN_FITTINGS]
    ]
