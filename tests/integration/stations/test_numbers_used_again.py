"""A station that numbers its sessions anew after a restart: none of them ends unseen."""

from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync

from stations.models import Session
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

PHASES = ("Started", "Updated", "Ended")


def events(began: datetime, register_wh: int) -> list[dict[str, Any]]:
    told = []
    for number, phase in enumerate(PHASES):
        at = (began + timedelta(minutes=10 * number)).isoformat()
        sample = {
            "value": register_wh + 1000 * number,
            "measurand": "Energy.Active.Import.Register",
        }
        event = {
            "eventType": phase,
            "timestamp": at,
            "triggerReason": "MeterValuePeriodic",
            "seqNo": number,
            "evse": {"id": 1},
            "transactionInfo": {"transactionId": "1"},
            "meterValue": [{"timestamp": at, "sampledValue": [sample]}],
        }
        told.append(event)
    return told


def charged(gateway: GatewayProcess, *sessions: list[dict[str, Any]]) -> Session:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1") as charger:
            for session in sessions:
                for event in session:
                    await charger.call("TransactionEvent", event)

    async_to_sync(script)()
    return Session.objects.get()


def test_a_session_under_a_used_number_is_seen_by_a_person(
    cast: Cast, gateway: GatewayProcess
) -> None:
    """The first one's energy stays as it is; that something is missing shows."""
    began = datetime.now(UTC) - timedelta(hours=5)

    session = charged(gateway, events(began, 0), events(began + timedelta(hours=2), 10_000))

    assert (session.state, session.energy_wh) == ("completed", 2000)
    assert session.needs_review
    assert session.flags == ["transaction_reused"]


def test_the_same_events_a_little_otherwise_are_no_second_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    """Sent again from the queue, now marked as offline: nothing to look at."""
    began = datetime.now(UTC) - timedelta(hours=5)
    told = events(began, 0)

    session = charged(gateway, told, [event | {"offline": True} for event in told])

    assert (session.energy_wh, session.flags, session.needs_review) == (2000, [], False)
