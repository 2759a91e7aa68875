"""Five thousand connectors that charge and report, as rows the gateway would leave."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from billing import rating
from billing.models import RatingHold
from chargenet.core import clock
from chargenet.core.models import Operator
from faults import queries
from faults.models import RuleState
from faults.queries.facts import Mark
from stations.models import (
    Connector,
    Evse,
    Location,
    MeterValue,
    Observation,
    Session,
    Station,
    StatusChange,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
STATIONS_A_SITE, CONNECTORS_A_STATION = 5, 2
DAYS, SESSIONS_A_DAY = 14, 3
MODELS, FIRMWARES = 4, 3

STATES = """
INSERT INTO stations_statuschange (operator_id, station_id, connector_id, status, error_code,
    vendor_error_code, vendor_id, detail, occurred_at, received_at)
SELECT s.operator_id, s.station_id, s.connector_id, v.status, '', '', '', '', v.at, v.at
FROM stations_session s,
LATERAL (VALUES ('Charging', s.started_at), ('Available', s.ended_at)) v (status, at)
"""


def make(
    connectors: int, at: datetime = NOON, *, is_online: bool = True, password_hash: str = ""
) -> list[Station]:
    """Make sites of five stations with two connectors each, all of them heard just now."""
    operator = Operator.objects.create(
        slug="speed", name="Speed", legal_name="Speed AB", org_number="556036-0793", city="Lund"
    )
    stations_count = connectors // CONNECTORS_A_STATION
    sites = Location.objects.bulk_create(
        Location(operator=operator, name=f"Site {n}")
        for n in range(-(-stations_count // STATIONS_A_SITE))
    )
    stations = Station.objects.bulk_create(
        Station(
            operator=operator,
            location=sites[n // STATIONS_A_SITE],
            identity=f"SPEED-{n}",
            name=f"Speed {n}",
            ocpp_version="1.6",
            model=f"Model {n % MODELS}",
            firmware_version=f"1.{n % FIRMWARES}",
            password_hash=password_hash,
            is_online=is_online,
            connected_at=at - timedelta(days=1),
            last_seen_at=at,
            check_after=at + timedelta(minutes=11),
        )
        for n in range(stations_count)
    )
    evses = Evse.objects.bulk_create(
        Evse(operator=operator, station=station, number=number)
        for station in stations
        for number in range(1, CONNECTORS_A_STATION + 1)
    )
    Connector.objects.bulk_create(
        Connector(
            operator=operator,
            station=evse.station,
            evse=evse,
            number=1,
            public_code=f"S{evse.pk}",
            status="Available",
            max_power_w=22_000,
        )
        for evse in evses
    )
    return stations


def charge_all(at: datetime = NOON, days: int = DAYS) -> None:
    """Two weeks of sessions for everybody, with the states around them, and a line that held."""
    for connector in Connector.objects.order_by("pk").iterator(chunk_size=500):
        Session.objects.bulk_create(
            _session(connector, at - timedelta(hours=8 * number + connector.pk % 7 + 1), number)
            for number in range(days * SESSIONS_A_DAY)
        )
    # there is no price list here: what waits for one was tried, and told, a moment ago
    RatingHold.objects.bulk_create(
        (
            RatingHold(
                operator_id=operator_id,
                session_id=session_id,
                reason=rating.NO_TARIFF,
                held_at=at,
                tried_at=clock.now(),
            )
            for session_id, operator_id in Session.objects.values_list("pk", "operator_id")
        ),
        batch_size=5000,
    )
    Observation.objects.bulk_create(
        Observation(
            operator_id=station.operator_id,
            station=station,
            kind="connected",
            occurred_at=at - timedelta(days=60),
            received_at=at - timedelta(days=60),
        )
        for station in Station.objects.order_by("pk")
    )
    with connection.cursor() as cursor:
        cursor.execute(STATES)


def count_from(at: datetime) -> None:
    """Have every station that nobody looked at count from then."""
    mark = Mark(at).written()
    looked_at = RuleState.objects.filter(code=queries.EXAMINED).values("station_id")
    RuleState.objects.bulk_create(
        RuleState(
            operator_id=station.operator_id,
            station_id=station.pk,
            code=queries.EXAMINED,
            scope_key=queries.scope_key(station.pk, None),
            state={"signs": mark, "events": mark, "sessions": mark},
            watermark=at.isoformat(),
            updated_at=at,
        )
        for station in Station.objects.exclude(pk__in=looked_at).order_by("pk")
    )


def finish_session(connector: Connector, number: int) -> Session:
    """A session with a sample a minute that has ended just now."""
    session = _session(connector, NOON - timedelta(minutes=41), number)
    session.save()
    first = connector.pk * 1000
    MeterValue.objects.bulk_create(
        MeterValue(
            id=first + minute,
            operator_id=connector.operator_id,
            station_id=connector.station_id,
            connector_id=connector.pk,
            session_id=session.pk,
            occurred_at=session.started_at + timedelta(minutes=minute),
            received_at=session.started_at + timedelta(minutes=minute),
            energy_wh=1000 + 183 * minute,
            power_w=11_000,
            current_l1_a=16,
            current_l2_a=16,
            current_l3_a=16,
        )
        for minute in range(40)
    )
    return session


def say(connector: Connector, status: str, code: str, at: datetime) -> None:
    """The connector says how it is."""
    StatusChange.objects.create(
        operator_id=connector.operator_id,
        station_id=connector.station_id,
        connector=connector,
        status=status,
        error_code=code,
        occurred_at=at,
        received_at=at,
    )


def _session(connector: Connector, at: datetime, number: int) -> Session:
    return Session(
        operator_id=connector.operator_id,
        station_id=connector.station_id,
        connector=connector,
        ocpp_transaction_id=f"{connector.pk}-{number}",
        id_tag=f"TAG{number % 40}",
        state=Session.State.COMPLETED,
        started_at=at,
        ended_at=at + timedelta(minutes=40),
        received_at=at,
        completed_at=at + timedelta(minutes=40),
        energy_wh=7_300,
        stop_reason="Local",
    )
