"""A small network to look at: every state, some sessions, invoices, a fault and a ticket.

Made as the product makes it: rated, invoiced, posted and found by the verbs themselves.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from billing import invoices, rating
from billing.models import Customer, Invoice, Tariff, TariffAssignment, TariffDraft
from billing.vat.months import Month
from chargenet.core.models import User
from faults import tickets
from faults.models import Fault, Ticket
from revenue import ledger
from stations.models import ConfigurationTemplate, Connector, Location, Session, Station, Token
from tests.cast import Cast, make_cast, make_station
from tests.integration.pages import settings

PASSWORD = "ladda-med-oss"
STATES = (
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
)
SITES = (
    ("Resecentrum", "Göteborg", "57.708900", "11.973000"),
    ("Arenan", "Solna", "59.372500", "18.000300"),
    ("Norrskenet", "Umeå", "63.825800", "20.263000"),
)
TARIFF = {
    "currency": "SEK",
    "tax_included": "NO",
    "elements": [
        {
            "price_components": [
                {"type": "FLAT", "price": 5.0, "vat": 25, "step_size": 1},
                {"type": "ENERGY", "price": 3.92, "vat": 25, "step_size": 1},
                {"type": "PARKING_TIME", "price": 30.0, "vat": 25, "step_size": 60},
            ]
        }
    ],
}


@dataclass(frozen=True)
class Scene:
    """Who and what a page test needs."""

    cast: Cast
    live: Session
    invoice: Invoice
    ticket: Ticket
    unpriced: Session
    template: ConfigurationTemplate
    fault_id: int
    tariff_id: int
    draft_id: int


def make_scene(as_of: datetime) -> Scene:
    """Make the network as it stands at an instant."""
    cast = make_cast()
    known = make_password(PASSWORD)
    for person in (cast.astrid, cast.bo, cast.cilla, cast.dag, cast.erik, cast.fia):
        person.password = known
        person.save(update_fields=["password"])
    Location.objects.filter(pk=cast.location.pk).update(
        street="Hamngatan 4", postal_code="211 22", latitude="55.613000", longitude="12.990000"
    )
    _put_online(cast, as_of)
    tariff = Tariff.objects.create(
        operator=cast.operator, code="bas", name="Bas", currency="SEK", ocpi=TARIFF
    )
    TariffAssignment.objects.create(
        operator=cast.operator, tariff=tariff, valid_from=as_of - timedelta(days=400)
    )
    _drive(cast, cast.astrid, cast.astrids_token, as_of)
    _rate_and_invoice(cast, as_of)
    unpriced = _session(cast, cast.socket, cast.bo, as_of - timedelta(hours=3), 0)
    live = _live(cast, as_of)
    invoice = Invoice.objects.filter(customer__user=cast.astrid).latest("issued_at")
    settings.make_settings(cast.ac_station)
    template = settings.make_template(cast.operator, "AC 22")
    ticket = _fault(cast, as_of)
    fault_id = Fault.objects.get(ticket=ticket).pk
    tariff_ids = tariff.pk, _draft(cast, as_of).pk
    return Scene(cast, live, invoice, ticket, unpriced, template, fault_id, *tariff_ids)


def _draft(cast: Cast, as_of: datetime) -> TariffDraft:
    text = json.dumps({"tariff": TARIFF})
    return TariffDraft.objects.create(
        operator=cast.operator, code="natt", name="Natt", text=text, edited_at=as_of
    )


def _put_online(cast: Cast, as_of: datetime) -> None:
    for index, (name, city, north, east) in enumerate(SITES):
        site = Location.objects.create(
            operator=cast.operator, name=name, city=city, latitude=north, longitude=east
        )
        for number in range(1, 4):
            station, connectors = make_station(site, f"{name[:3].upper()}-{number}", count=2)
            Station.objects.filter(pk=station.pk).update(
                name=f"{name} {number}", vendor="Nordkraft", model="AC 22"
            )
            for place, connector in enumerate(connectors):
                state = STATES[(index * 6 + number * 2 + place) % len(STATES)]
                Connector.objects.filter(pk=connector.pk).update(
                    status=state,
                    status_occurred_at=as_of - timedelta(minutes=7),
                    last_power_w=10_800 if state == "Charging" else 0,
                )
    seen = as_of - timedelta(seconds=9)
    Station.objects.update(is_online=True, connected_at=as_of, last_seen_at=seen)
    Station.objects.filter(name="Norrskenet 3").update(
        is_online=False, disconnected_at=as_of - timedelta(hours=2), last_seen_at=as_of
    )
    Connector.objects.filter(status="").update(status="Available")


def _session(
    cast: Cast, connector: Connector, driver: User | None, ended_at: datetime, energy_wh: int
) -> Session:
    started_at = ended_at - timedelta(minutes=95)
    fitting = connector.fittings.filter(removed_at__isnull=True).first()
    return Session.objects.create(
        operator=cast.operator,
        station=connector.station,
        connector=connector,
        cable_id=fitting.cable_id if fitting else None,
        driver=driver,
        id_tag="04A1B2C3",
        ocpp_transaction_id=f"{connector.pk}-{started_at:%Y%m%d%H%M}",
        state=Session.State.COMPLETED,
        started_at=started_at,
        ended_at=ended_at,
        received_at=ended_at,
        completed_at=ended_at,
        meter_start_wh=1_200_000,
        meter_stop_wh=1_200_000 + energy_wh,
        energy_wh=energy_wh,
        parking_s=600,
        stop_reason="EVDisconnected",
        needs_review=energy_wh == 0,
    )


def _drive(cast: Cast, driver: User, token: Token, as_of: datetime) -> None:
    """Sessions of the last 70 days, some of them the driver's."""
    connectors = list(Connector.objects.select_related("station").order_by("pk"))
    for day in range(70):
        connector = connectors[day % len(connectors)]
        ended_at = as_of - timedelta(days=day, hours=1 + day % 7)
        who = driver if day % 3 == 0 else None
        session = _session(cast, connector, who, ended_at, 9_000 + 731 * (day % 23))
        if who:
            Session.objects.filter(pk=session.pk).update(token=token)


def _rate_and_invoice(cast: Cast, as_of: datetime) -> None:
    ids = list(Session.objects.values_list("pk", flat=True))
    rating.rate_sessions(session_ids=ids, as_of=as_of, announce=False)
    for customer in Customer.objects.filter(user__isnull=False):
        first = timezone.localdate(as_of).replace(day=1)
        for _month in range(2):
            first = (first - timedelta(days=1)).replace(day=1)
            month = Month(first.year, first.month)
            invoices.issue_invoice(customer_id=customer.pk, period=month, as_of=as_of)
    ledger.post_unposted(newest=None, as_of=as_of)


def _live(cast: Cast, as_of: datetime) -> Session:
    connector = cast.tethered
    Connector.objects.filter(pk=connector.pk).update(status="Charging", last_power_w=87_400)
    return Session.objects.create(
        operator=cast.operator,
        station=connector.station,
        connector=connector,
        cable=cast.cable,
        driver=cast.astrid,
        token=cast.astrids_token,
        id_tag="ASTRID01",
        ocpp_transaction_id="live",
        started_at=as_of - timedelta(minutes=18),
        received_at=as_of,
        meter_start_wh=500_000,
        last_register_wh=521_340,
        last_power_w=87_400,
        last_soc_percent=61,
        last_meter_at=as_of - timedelta(seconds=20),
    )


def _fault(cast: Cast, as_of: datetime) -> Ticket:
    began_at = as_of - timedelta(hours=4)
    connector = cast.socket
    Connector.objects.filter(pk=connector.pk).update(
        status="Faulted", error_code="GroundFailure", status_received_at=began_at
    )
    ticket = tickets.open_ticket(
        about=tickets.About(
            operator_id=cast.operator.pk,
            scope_key=f"connector:{connector.pk}",
            location_id=cast.location.pk,
            station_id=connector.station_id,
            connector_id=connector.pk,
        ),
        family="safety",
        code="F30",
        severity=1,
        as_of=began_at,
    )
    Fault.objects.create(
        operator=cast.operator,
        code="F30",
        scope="connector",
        scope_key=f"connector:{connector.pk}",
        location=cast.location,
        station=connector.station,
        connector=connector,
        severity=1,
        state=Fault.State.FIRING,
        began_at=began_at,
        opened_at=began_at,
        last_seen_at=as_of,
        evidence={"error_code": "GroundFailure", "vendor_error_code": "E-031", "silent_s": 42},
        ticket=ticket,
    )
    return ticket
