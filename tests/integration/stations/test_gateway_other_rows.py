"""Tokens, connectors, statuses, events of 2.0.1 and strange text on the message path."""

from datetime import timedelta
from typing import Any

import pytest

from stations.models import (
    Connector,
    Inbox,
    MeterValue,
    Session,
    Station,
    StatusChange,
    Token,
)
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.played import NOW, at, event, played, sample, start, stop

EVENTS = [
    event("Started", 0, -600, evse={"id": 1, "connectorId": 1}, wh=1000),
    event("Updated", 1, -300, wh=3000),
    event("Updated", 2, -200, wh=4000),
    event("Ended", 3, -100, wh=6000),
]


@pytest.mark.parametrize(
    ("change", "word"),
    [({"is_blocked": True}, "Blocked"), ({"valid_until": NOW - timedelta(days=1)}, "Expired")],
)
def test_a_token_is_judged_again_at_the_start(
    cast: Cast, gateway: GatewayProcess, change: dict[str, Any], word: str
) -> None:
    Token.objects.filter(pk=cast.astrids_token.pk).update(**change)

    async def script(charger: Charger) -> list[Any]:
        return [
            await charger.call("Authorize", {"idTag": "ASTRID01"}),
            await charger.call("StartTransaction", start()),
            await charger.call("Authorize", {"idTag": "NOBODY"}),
        ]

    asked, started, unknown = played(gateway, script)

    assert asked["idTagInfo"]["status"] == started["idTagInfo"]["status"] == word
    assert unknown == {"idTagInfo": {"status": "Invalid"}}
    assert Session.objects.get().flags == [f"token_{word.lower()}"]


def test_a_connector_nobody_registered_gets_a_row(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "StatusNotification", {"connectorId": 7, "errorCode": "NoError", "status": "Available"}
        )

    played(gateway, script)

    made = Connector.objects.get(station=cast.ac_station, evse__number=7)
    assert (made.number, made.status) == (1, "Available")


def test_connector_0_is_the_station(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "StatusNotification", {"connectorId": 0, "errorCode": "Error", "status": "Faulted"}
        )
        await charger.call("MeterValues", sample(5, 0) | {"connectorId": 0})

    played(gateway, script)

    station = Station.objects.get(pk=cast.ac_station.pk)
    assert (station.status, station.error_code) == ("Faulted", "Error")
    assert Connector.objects.filter(station=station).count() == 2
    assert MeterValue.objects.count() == 0


def test_a_repeated_fault_with_one_timestamp_is_one_status(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        for _ in range(5):
            await charger.call(
                "StatusNotification",
                {
                    "connectorId": 1,
                    "errorCode": "OtherError",
                    "status": "Faulted",
                    "timestamp": at(-30),
                    "vendorErrorCode": "210",
                },
            )

    played(gateway, script)

    assert StatusChange.objects.count() == 1
    assert Inbox.objects.get().duplicates == 4


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 0, 1, 2), (1, 3, 0, 2), (3, 2, 1, 0)])
def test_events_of_2_0_1_make_the_same_session_in_any_order(
    cast: Cast, gateway: GatewayProcess, order: tuple[int, ...]
) -> None:
    async def script(charger: Charger) -> None:
        for index in order:
            assert await charger.call("TransactionEvent", EVENTS[index]) == {}

    played(gateway, script, identity="NORD-DC-1", subprotocol="ocpp2.0.1")

    session = Session.objects.get()
    assert (session.state, session.energy_wh) == ("completed", 5000)
    assert (session.started_at, session.ended_at) == (
        NOW - timedelta(seconds=600),
        NOW - timedelta(seconds=100),
    )
    assert MeterValue.objects.filter(session_id=session.pk).count() == 4


def test_a_gap_in_the_numbers_and_a_missing_start_are_flagged(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        for index in (1, 3):
            await charger.call("TransactionEvent", EVENTS[index])

    played(gateway, script, identity="NORD-DC-1", subprotocol="ocpp2.0.1")

    session = Session.objects.get()
    assert session.needs_review
    assert {"seq_gap", "start_missing"} <= set(session.flags)


def test_wrong_types_in_a_known_action_are_stored_and_answered(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        answer = await charger.call(
            "StartTransaction", start(meterStart="1000", connectorId="1", reservationId=None)
        )
        number = str(answer["transactionId"])
        assert await charger.call("StopTransaction", stop(number, "6000.4")) == {}

    played(gateway, script)

    assert Session.objects.get().energy_wh == 5000


def test_text_postgresql_cannot_hold_is_cleaned(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        answer = await charger.say('[2,"m1","Authorize",{"idTag":"A\\u0000\\ud800"}]')
        assert answer == [3, "m1", {"idTagInfo": {"status": "Invalid"}}]
        answer = await charger.say(
            '[2,"m2","StatusNotification",{"connectorId":99999999999999999999,"status":"\\u0000"}]'
        )
        assert answer == [3, "m2", {}]

    played(gateway, script)
