"""The demo's operators, sites, stations and cables."""

from datetime import datetime, timedelta
from decimal import Decimal

from chargenet.core.models import Operator
from chargenet.demo.plan import Network, PlannedStation, stations_of
from stations import registry
from stations.models import Cable, CableFitting, Connector, Location, Station

BUILT_BEFORE = timedelta(days=400)
CABLE_CURRENT_A = {"type2": 32, "ccs2": 300, "chademo": 125}


def make_operator(network: Network) -> Operator:
    """Return an operator of the demo, made where it is missing."""
    digits = network.org_number.replace("-", "")
    operator, _ = Operator.objects.get_or_create(
        slug=network.slug,
        defaults={
            "name": network.name,
            "legal_name": f"{network.name} AB",
            "org_number": network.org_number,
            "vat_number": f"SE{digits}01",
            "street": "Exempelgatan 1",
            "postal_code": "211 20",
            "city": network.city,
            "bankgiro": "5050-1055",
            "email": f"hej@{network.slug}.example",
            "phone": "+46 40 000 00 00",
        },
    )
    return operator


def make_sites(operator: Operator, network: Network) -> dict[str, Location]:
    """Return the sites of a network by name, made where they are missing."""
    Location.objects.bulk_create(
        (
            Location(
                operator=operator,
                name=site.name,
                street=site.street,
                postal_code=site.postal_code,
                city=site.city,
                country=site.country,
                latitude=Decimal(site.latitude),
                longitude=Decimal(site.longitude),
                timezone=site.timezone,
            )
            for site in network.sites
        ),
        ignore_conflicts=True,
    )
    names = [site.name for site in network.sites]
    rows = Location.objects.filter(operator=operator, name__in=names)
    return {location.name: location for location in rows}


def make_stations(
    *,
    operator: Operator,
    network: Network,
    sites: dict[str, Location],
    count: int,
    as_of: datetime,
) -> list[tuple[PlannedStation, Station]]:
    """Return the first stations of a network, made where missing; the others rest.

    A station the demo no longer connects is inactive, so that its silence is no fault.
    """
    planned = list(stations_of(network, count))
    known = {station.identity: station for station in Station.objects.filter(operator=operator)}
    made = [
        (each, known.get(each.identity) or _make(operator, sites[each.site.name], each, as_of))
        for each in planned
    ]
    ours = Station.objects.filter(operator=operator, identity__startswith=f"{network.prefix}-")
    connected = [each.identity for each in planned]
    ours.exclude(identity__in=connected).filter(is_active=True).update(is_active=False)
    ours.filter(identity__in=connected, is_active=False).update(is_active=True)
    return made


def _make(
    operator: Operator, location: Location, planned: PlannedStation, as_of: datetime
) -> Station:
    make = planned.make
    station = Station.objects.create(
        operator=operator,
        location=location,
        identity=planned.identity,
        name=planned.name,
        vendor=make.vendor,
        model=make.model,
        serial_number=planned.serial_number,
        firmware_version=make.firmware,
        ocpp_version=planned.ocpp_version,
        max_power_w=make.power_kw * 1000,
    )
    for number, (standard, cable_type) in enumerate(make.connectors, start=1):
        kind = Connector.Kind.TETHERED if cable_type else Connector.Kind.SOCKET
        [connector] = registry.add_connectors(
            station, numbers=range(number, number + 1), kind=kind, standard=standard
        )
        if cable_type:
            _fit_cable(connector, f"{planned.serial_number}-{number}", cable_type, as_of)
    return station


def _fit_cable(connector: Connector, serial_number: str, kind: str, as_of: datetime) -> None:
    cable, _ = Cable.objects.get_or_create(
        operator_id=connector.operator_id,
        serial_number=serial_number,
        defaults={
            "type": kind,
            "length_cm": 350 if kind == "ccs2" else 500,
            "max_current_a": CABLE_CURRENT_A[kind],
        },
    )
    CableFitting.objects.create(
        operator_id=connector.operator_id,
        cable=cable,
        connector=connector,
        fitted_at=as_of - BUILT_BEFORE,
    )
