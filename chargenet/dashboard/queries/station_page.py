"""One station with all that is known of it: connectors, cables, sessions, faults, frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from chargenet.core import access, formats
from chargenet.core.access import Person
from chargenet.dashboard import vocabulary
from chargenet.dashboard.parts import Fact
from chargenet.dashboard.queries import commissioning, revenue, states
from chargenet.dashboard.queries.sessions import SessionRow, describe_sessions, sessions_of
from chargenet.dashboard.queries.stations import STALE_HEARTBEATS, link_of, state_of
from faults.engine.health import WELL, Health
from faults.queries import health, reports, service
from faults.queries import pages as fault_pages
from faults.queries.health import StationHealth
from faults.queries.pages import FaultRow
from faults.queries.service import Outage
from stations.models import CableFitting, Command, Connector, Session, Station

RECENT = 8


@dataclass(frozen=True)
class Outlet:
    """One connector as its card shows it."""

    id: int
    name: str
    kind: str
    standard: str
    max_power_w: int | None
    status: str
    error: str
    power_w: int | None
    changed_at: datetime | None
    meter_wh: int | None
    cable: str
    cable_detail: str
    session: Session | None
    revenue: Decimal | None
    # What a rule found here, whatever the station says.
    outage: Outage | None
    health: Health


@dataclass(frozen=True)
class StationPage:
    """Everything the station's page shows."""

    station: Station
    link: str
    state: str
    stale_after_s: int
    outlets: list[Outlet]
    facts: list[Fact]
    sessions: list[SessionRow]
    faults: list[FaultRow]
    # What drivers reported and nobody has answered.
    reports: int
    commands: list[Command]
    open_sessions: list[Session]
    currency: str
    shows_revenue: bool


def station_page(person: Person, station: Station, as_of: datetime) -> StationPage:
    """Return one station's page; the caller has looked the station up for the person."""
    shows_revenue = access.has_role(person, *access.MONEY_ROLES)
    currency = station.operator.currency
    connectors = list(
        Connector.objects.filter(station=station)
        .select_related("evse")
        .order_by("evse__number", "number")
    )
    running = {
        session.connector_id: session
        for session in Session.objects.filter(station=station, state=Session.State.OPEN)
    }
    earned = _earned(person, station, currency, as_of) if shows_revenue else {}
    outlets = _outlets(station, connectors, running, earned)
    recent = sessions_of(person).filter(station=station).order_by("-started_at")[:RECENT]
    return StationPage(
        station=station,
        link=link_of(station),
        state=state_of(station, [outlet.status for outlet in outlets]),
        stale_after_s=STALE_HEARTBEATS * station.heartbeat_interval_s,
        outlets=outlets,
        facts=_facts(station),
        sessions=describe_sessions(list(recent), as_of),
        faults=fault_pages.open_faults(person, station_id=station.pk),
        reports=reports.count_new(person, station.pk),
        commands=list(
            Command.objects.filter(station=station)
            .select_related("requested_by")
            .order_by("-pk")[:RECENT]
        ),
        open_sessions=list(running.values()),
        currency=currency,
        shows_revenue=shows_revenue,
    )


def _outlets(
    station: Station,
    connectors: Sequence[Connector],
    running: Mapping[int, Session],
    earned: dict[int | None, Decimal],
) -> list[Outlet]:
    cables = _cables(connectors)
    found = service.outages([each.pk for each in connectors])
    well = health.health_of_stations([station.pk]).get(station.pk, StationHealth())
    return [
        replace(
            _outlet(each, cables.get(each.pk), running.get(each.pk), earned, found.get(each.pk)),
            health=well.at(each.pk),
        )
        for each in connectors
    ]


def _earned(
    person: Person, station: Station, currency: str, as_of: datetime
) -> dict[int | None, Decimal]:
    """Return this month's revenue per connector of one station."""
    month = revenue.month_of(timezone.localtime(as_of).date())
    rows = revenue.income(person, currency, month).filter(station=station)
    return revenue.sums(rows, "connector_id")


def _cables(connectors: Sequence[Connector]) -> dict[int, CableFitting]:
    fitted = CableFitting.objects.filter(connector__in=connectors, removed_at__isnull=True)
    return {fitting.connector_id: fitting for fitting in fitted.select_related("cable")}


def _outlet(
    connector: Connector,
    fitting: CableFitting | None,
    session: Session | None,
    earned: dict[int | None, Decimal],
    outage: Outage | None,
) -> Outlet:
    return Outlet(
        id=connector.pk,
        name=connector.point,
        kind=str(connector.get_kind_display()),
        standard=connector.standard.replace("_", " "),
        max_power_w=connector.max_power_w,
        status=states.honest(
            states.refine(connector.status, connector.last_power_w if session else None), outage
        ),
        error=" ".join(
            part
            for part in (connector.error_code, connector.vendor_error_code)
            if part and part != "NoError"
        ),
        power_w=connector.last_power_w if session else None,
        changed_at=connector.status_occurred_at,
        meter_wh=connector.last_register_wh,
        cable=fitting.cable.serial_number if fitting else "",
        cable_detail=_cable_detail(fitting) if fitting else "",
        session=session,
        revenue=earned.get(connector.pk),
        outage=outage,
        health=WELL,
    )


def _cable_detail(fitting: CableFitting) -> str:
    cable = fitting.cable
    parts = [cable.get_type_display()]
    if cable.length_cm:
        parts.append(f"{formats.number(Decimal(cable.length_cm) / 100, digits=1)} m")
    cycles = formats.number(cable.plug_cycles)
    parts.append(_("%(count)s plug cycles") % {"count": cycles})
    return ", ".join(parts)


def _facts(station: Station) -> list[Fact]:
    model = " ".join(part for part in (station.vendor, station.model) if part)
    return [
        Fact(_("Model"), model or None),
        Fact(_("Serial number"), station.serial_number or None),
        Fact(_("Firmware"), station.firmware_version or None),
        Fact(_("Protocol"), station.get_ocpp_version_display() or None),
        Fact(_("Registration"), station.get_registration_display()),
        Fact(
            _("Setting up"),
            vocabulary.find_mark("commissioning", commissioning.state_at(station)).word,
        ),
        Fact(_("OCPP identity"), station.identity),
        Fact(_("Last boot"), _instant(station.last_boot_at)),
        Fact(_("Connected since"), _instant(station.connected_at) if station.is_online else None),
    ]


def _instant(at: datetime | None) -> str | None:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else None
