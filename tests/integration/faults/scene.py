"""What stations do in the tests of faults: rows as the gateway writes them."""

from datetime import UTC, datetime, timedelta
from itertools import count

from faults import tickets
from stations.models import Connector, Observation, Session, Station, StatusChange, Token

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
# What a repair found, where a test does not care.
REPAIRED = tickets.Finding("control", "software", "restarted")
# When what is told together has been gathered.
GATHERED = timedelta(seconds=30)
_transactions = count(1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def say(
    connector: Connector,
    status: str,
    *,
    at: datetime,
    code: str = "",
    vendor: str = "",
    received_at: datetime | None = None,
) -> StatusChange:
    """The connector says how it is."""
    Connector.objects.filter(pk=connector.pk).update(status=status, error_code=code)
    return StatusChange.objects.create(
        operator=connector.operator,
        station=connector.station,
        connector=connector,
        status=status,
        error_code=code,
        vendor_error_code=vendor,
        occurred_at=at,
        received_at=received_at or at,
    )


def report(connector: Connector, component: str, *, at: datetime, **detail: object) -> Observation:
    """A component of a 2.x station reports, as NotifyEvent."""
    return Observation.objects.create(
        operator=connector.operator,
        station=connector.station,
        connector=connector,
        kind="device_event",
        source_id=f"{component}@{at.isoformat()}"[:80],
        detail={"component": component, "variable": "Problem", "value": "true", **detail},
        occurred_at=at,
        received_at=at,
    )


def charge(
    connector: Connector,
    token: Token | None,
    *,
    at: datetime,
    energy_wh: int = 12_000,
    duration: timedelta = timedelta(minutes=40),
    reason: str = "Other",
) -> Session:
    """A session from plug to end, as the gateway leaves it."""
    return Session.objects.create(
        operator=connector.operator,
        station=connector.station,
        connector=connector,
        token=token,
        driver=token.driver if token else None,
        id_tag=token.uid if token else "",
        ocpp_transaction_id=str(next(_transactions)),
        state=Session.State.COMPLETED,
        started_at=at,
        ended_at=at + duration,
        received_at=at,
        completed_at=at + duration,
        energy_wh=energy_wh,
        stop_reason=reason,
    )


def fail(connector: Connector, token: Token | None, *, at: datetime) -> Session:
    """A session that gave nothing."""
    return charge(connector, token, at=at, energy_wh=0, duration=timedelta(seconds=50))


def hear(station: Station, *, at: datetime, is_online: bool = True) -> None:
    """The gateway hears from a station."""
    Station.objects.filter(pk=station.pk).update(
        last_seen_at=at, is_online=is_online, connected_at=at, registration="accepted"
    )
