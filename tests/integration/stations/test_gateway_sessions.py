"""A session over a real socket: stored, then answered; repeated, late, lost and strange."""

import json
from datetime import timedelta
from typing import Any

import pytest

from stations.models import (
    Connector,
    Inbox,
    MeterValue,
    Observation,
    OcppFrame,
    OrphanStop,
    Session,
    Station,
    StatusChange,
)
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess
from tests.integration.stations.played import NOW, at, event, played, sample, start, stop


def test_a_whole_session_is_stored(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> int:
        boot = {"chargePointVendor": "Keba", "chargePointModel": "P30", "firmwareVersion": "1.2"}
        answer = await charger.call("BootNotification", boot)
        assert (answer["status"], answer["interval"]) == ("Accepted", 300)
        await charger.call(
            "StatusNotification",
            {
                "connectorId": 1,
                "errorCode": "NoError",
                "status": "Charging",
                "timestamp": at(-601),
            },
        )
        assert await charger.call("Authorize", {"idTag": "astrid01"}) == {
            "idTagInfo": {"status": "Accepted"}
        }
        answer = await charger.call("StartTransaction", start())
        assert answer["idTagInfo"] == {"status": "Accepted"}
        number: int = answer["transactionId"]
        assert await charger.call("MeterValues", sample(3000, -300, number)) == {}
        answer = await charger.call("StopTransaction", stop(number, 6000, idTag="ASTRID01"))
        assert answer == {"idTagInfo": {"status": "Accepted"}}
        return number

    number = played(gateway, script)

    session = Session.objects.get()
    assert session.ocpp_transaction_id == str(number)
    assert (session.state, session.energy_wh, session.flags) == ("completed", 5000, [])
    assert session.driver_id == cast.astrid.pk
    assert session.token_id == cast.astrids_token.pk
    assert session.connector_id == cast.socket.pk
    assert (session.started_at, session.ended_at) == (NOW - timedelta(seconds=600), NOW)
    sampled = MeterValue.objects.get()
    assert (sampled.session_id, sampled.energy_wh) == (session.pk, 3000)
    assert sampled.connector_id == cast.socket.pk
    connector = Connector.objects.get(pk=cast.socket.pk)
    assert (connector.status, connector.last_register_wh) == ("Charging", 3000)
    station = Station.objects.get(pk=cast.ac_station.pk)
    assert (station.vendor, station.model, station.registration) == ("Keba", "P30", "accepted")
    assert StatusChange.objects.get().connector_id == cast.socket.pk
    assert Inbox.objects.filter(session_id=session.pk).count() == 3
    exchanges = list(OcppFrame.objects.filter(station_id=station.pk).order_by("received_at"))
    assert [row.action for row in exchanges] == [
        "BootNotification",
        "StatusNotification",
        "Authorize",
        "StartTransaction",
        "MeterValues",
        "StopTransaction",
    ]
    assert all(row.is_inbound and row.answered_at and not row.error for row in exchanges)
    for row in exchanges:
        assert json.loads(bytes(row.frame))[1] == row.message_id
        assert json.loads(bytes(row.answer or b""))[:2] == [3, row.message_id]


def test_a_session_belongs_to_the_cable_fitted_then(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "TransactionEvent",
            event("Started", 0, evse={"id": 1}, idToken={"idToken": "BO0001", "type": "ISO14443"}),
        )

    played(gateway, script, identity="NORD-DC-1", subprotocol="ocpp2.0.1")

    session = Session.objects.get()
    assert session.cable_id == cast.cable.pk
    assert session.driver_id == cast.bo.pk


@pytest.mark.parametrize("message_ids", [("same", "same"), ("first", "second")])
def test_a_resent_start_is_the_same_session(
    cast: Cast, gateway: GatewayProcess, message_ids: tuple[str, str]
) -> None:
    async def script(charger: Charger) -> list[Any]:
        return [await charger.call("StartTransaction", start(), name) for name in message_ids]

    first, second = played(gateway, script)

    assert first == second
    assert Session.objects.count() == 1
    assert Inbox.objects.get().duplicates == 1


def test_the_same_message_id_with_other_content_is_another_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start(meterStart=5000), "531531542")
        await charger.socket.close()
        await charger.connect()
        await charger.call(
            "StartTransaction", start(meterStart=9000, timestamp=at(-60)), "531531542"
        )

    played(gateway, script)

    assert Session.objects.count() == 2


def test_a_resent_stop_changes_nothing_and_another_one_is_kept_beside_it(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        number = (await charger.call("StartTransaction", start()))["transactionId"]
        for wh in (6000, 6000, 9999):
            assert await charger.call("StopTransaction", stop(number, wh)) == {}

    played(gateway, script)

    assert Session.objects.get().energy_wh == 5000
    kept = Inbox.objects.get(key__startswith="stop:")
    assert kept.duplicates == 2
    assert kept.conflict
    assert "9999" in kept.conflict["frame"]


@pytest.mark.parametrize("number", [-1, 0, 1764506865])
def test_a_stop_nobody_can_place_is_answered_and_kept(
    cast: Cast, gateway: GatewayProcess, number: int
) -> None:
    async def script(charger: Charger) -> Any:
        return await charger.call("StopTransaction", stop(number, 3667, idTag="TAG1"))

    assert played(gateway, script) == {"idTagInfo": {"status": "Invalid"}}

    orphan = OrphanStop.objects.get()
    assert (orphan.meter_stop_wh, orphan.id_tag) == (3667, "TAG1")
    assert Session.objects.count() == 0
    assert Observation.objects.filter(kind="orphan_stop").count() == 1


@pytest.mark.parametrize("number", [-1, 0, 42])
def test_a_stop_without_its_number_finds_the_open_session_of_its_token(
    cast: Cast, gateway: GatewayProcess, number: int
) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StartTransaction", start())
        await charger.call("StopTransaction", stop(number, 6000, idTag="astrid01"))

    played(gateway, script)

    assert (Session.objects.get().energy_wh, OrphanStop.objects.count()) == (5000, 0)


def test_a_stop_never_touches_another_stations_session(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def begin(charger: Charger) -> int:
        number: int = (await charger.call("StartTransaction", start()))["transactionId"]
        return number

    number = played(gateway, begin)

    async def attack(charger: Charger) -> Any:
        return await charger.call("StopTransaction", stop(number, 9000))

    assert played(gateway, attack, identity="NORD-DC-1") == {}
    assert Session.objects.get().state == "open"
    assert OrphanStop.objects.get().station_id == cast.dc_station.pk
