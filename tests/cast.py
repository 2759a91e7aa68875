"""The cast of every test and of the demo.

Astrid drives and subscribes, Bo drives ad hoc, Cilla operates, Dag repairs, Fia does the
finances; Erik belongs to another operator and has no business here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from chargenet.core.models import Membership, Operator, Role, User
from stations.models import Cable, CableFitting, Connector, Evse, Location, Station, Token

FITTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cast:
    """Everybody, and one small site with one AC and one DC station."""

    operator: Operator
    other_operator: Operator
    astrid: User
    bo: User
    cilla: User
    dag: User
    erik: User
    fia: User
    location: Location
    ac_station: Station
    dc_station: Station
    socket: Connector
    tethered: Connector
    cable: Cable
    astrids_token: Token
    bos_token: Token


def _operator(slug: str, name: str) -> Operator:
    return Operator.objects.create(
        slug=slug,
        name=name,
        legal_name=f"{name} AB",
        org_number="556036-0793",
        vat_number="SE556036079301",
        city="Malmö",
    )


def _user(name: str) -> User:
    user = User(email=f"{name.lower()}@example.org", name=name)
    user.set_unusable_password()
    user.save()
    return user


def _member(operator: Operator, name: str, role: str) -> User:
    user = _user(name)
    Membership.objects.create(operator=operator, user=user, role=role)
    return user


def make_station(
    location: Location,
    identity: str,
    *,
    kind: str = "socket",
    version: str = "1.6",
    count: int = 1,
) -> tuple[Station, list[Connector]]:
    """Make a station with its connectors, as a registry verb would."""
    station = Station.objects.create(
        operator=location.operator,
        location=location,
        identity=identity,
        name=identity,
        ocpp_version=version,
    )
    connectors = []
    for number in range(1, count + 1):
        evse = Evse.objects.create(operator=location.operator, station=station, number=number)
        connectors.append(
            Connector.objects.create(
                operator=location.operator,
                station=station,
                evse=evse,
                number=1,
                public_code=f"{identity[-8:]}{number}"[-12:],
                kind=kind,
                max_power_w=150_000 if kind == "tethered" else 22_000,
            )
        )
    return station, connectors


def make_cast() -> Cast:
    """Make the whole cast."""
    operator, other = _operator("nord", "Nordladd"), _operator("syd", "Sydladd")
    location = Location.objects.create(operator=operator, name="Hamnen", city="Malmö")
    ac_station, (socket, _) = make_station(location, "NORD-AC-1", count=2)
    dc_station, (tethered,) = make_station(location, "NORD-DC-1", kind="tethered", version="2.0.1")
    cable = Cable.objects.create(operator=operator, serial_number="K-0001", type="ccs2")
    CableFitting.objects.create(
        operator=operator, cable=cable, connector=tethered, fitted_at=FITTED_AT
    )
    astrid, bo = _user("Astrid"), _user("Bo")
    return Cast(
        operator=operator,
        other_operator=other,
        astrid=astrid,
        bo=bo,
        cilla=_member(operator, "Cilla", Role.OPERATOR),
        dag=_member(operator, "Dag", Role.TECHNICIAN),
        erik=_member(other, "Erik", Role.OPERATOR),
        fia=_member(operator, "Fia", Role.FINANCE),
        location=location,
        ac_station=ac_station,
        dc_station=dc_station,
        socket=socket,
        tethered=tethered,
        cable=cable,
        astrids_token=Token.objects.create(operator=operator, driver=astrid, uid="ASTRID01"),
        bos_token=Token.objects.create(operator=operator, driver=bo, uid="BO0001"),
    )
