"""CSMS cases of OCPP 1.6, by the ids of the compliance tool; the scripts are our own reading."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from stations import commands
from stations.models import Command, Connector, Session, Token
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

Script = Callable[[Charger], Awaitable[Any]]
Until = Callable[[Callable[[], object]], object]
NOW = datetime.now(UTC).replace(microsecond=0)
BOOT = {"chargePointVendor": "Tested", "chargePointModel": "T1"}


def played(gateway: GatewayProcess, script: Script) -> Any:
    async def run() -> Any:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            return await script(charger)

    return async_to_sync(run)()


def at(seconds: int) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def status(word: str, seconds: int) -> dict[str, Any]:
    stamp = {"timestamp": at(seconds)}
    return {"connectorId": 1, "errorCode": "NoError", "status": word} | stamp


def start(seconds: int, **more: Any) -> dict[str, Any]:
    given = {"connectorId": 1, "idTag": "ASTRID01", "meterStart": 100, "timestamp": at(seconds)}
    return given | more


def stop(number: int, wh: int, seconds: int, **more: Any) -> dict[str, Any]:
    return {"transactionId": number, "meterStop": wh, "timestamp": at(seconds), **more}


def test_tc_001_csms_cold_boot(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> Any:
        answer = await charger.call("BootNotification", BOOT)
        for connector in (0, 1, 2):
            payload = status("Available", 0) | {"connectorId": connector}
            assert await charger.call("StatusNotification", payload) == {}
        assert "currentTime" in await charger.call("Heartbeat", {})
        return answer

    assert played(gateway, script)["status"] == "Accepted"
    states = Connector.objects.filter(station=cast.ac_station).values_list("status", flat=True)
    assert list(states) == ["Available", "Available"]


def test_tc_003_csms_regular_session_plugin_first(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("StatusNotification", status("Preparing", -70))
        await charger.call("Authorize", {"idTag": "ASTRID01"})
        number = (await charger.call("StartTransaction", start(-60)))["transactionId"]
        await charger.call("StatusNotification", status("Charging", -59))
        await charger.call("StopTransaction", stop(number, 300, -10, idTag="ASTRID01"))
        await charger.call("StatusNotification", status("Finishing", -9))
        await charger.call("StatusNotification", status("Available", -1))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.state, session.energy_wh, session.flags) == ("completed", 200, [])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        pytest.param({"uid": "OTHER"}, "Invalid", id="tc_023_1"),
        pytest.param({"valid_until": NOW - timedelta(1)}, "Expired", id="tc_023_2"),
        pytest.param({"is_blocked": True}, "Blocked", id="tc_023_3"),
    ],
)
def test_tc_023_csms_authorization(
    cast: Cast, gateway: GatewayProcess, change: dict[str, Any], word: str
) -> None:
    Token.objects.filter(pk=cast.astrids_token.pk).update(**change)

    async def script(charger: Charger) -> Any:
        return await charger.call("Authorize", {"idTag": "ASTRID01"})

    assert played(gateway, script)["idTagInfo"]["status"] == word


def test_tc_037_csms_offline_start(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> int:
        await charger.socket.close()
        await charger.connect()
        number: int = (await charger.call("StartTransaction", start(-3600)))["transactionId"]
        return number

    number = played(gateway, script)

    session = Session.objects.get()
    assert session.ocpp_transaction_id == str(number)
    assert session.started_at == NOW - timedelta(hours=1)
    assert session.received_at > session.started_at


def test_tc_039_csms_offline_transaction(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("BootNotification", BOOT)
        await charger.socket.close()
        await charger.connect()
        # what queued comes in a burst, states before the transaction they belong to
        for word, seconds in (("Charging", -3500), ("Finishing", -100), ("Available", -90)):
            await charger.call("StatusNotification", status(word, seconds))
        number = (await charger.call("StartTransaction", start(-3500)))["transactionId"]
        await charger.call("StopTransaction", stop(number, 5100, -100, idTag="ASTRID01"))

    played(gateway, script)

    session = Session.objects.get()
    assert (session.state, session.energy_wh, session.needs_review) == ("completed", 5000, False)
    assert (session.started_at, session.ended_at) == (
        NOW - timedelta(seconds=3500),
        NOW - timedelta(seconds=100),
    )
    assert Connector.objects.get(pk=cast.socket.pk).status == "Available"


@pytest.mark.parametrize(
    ("action", "payload", "wire"),
    [
        pytest.param(
            "remote_start",
            {"token": "ASTRID01", "evse": 1},
            ["RemoteStartTransaction", {"idTag": "ASTRID01", "connectorId": 1}],
            id="tc_010_remote_start",
        ),
        pytest.param("reset", {"type": "hard"}, ["Reset", {"type": "Hard"}], id="tc_013_hard"),
        pytest.param("reset", {"type": "soft"}, ["Reset", {"type": "Soft"}], id="tc_014_soft"),
        pytest.param(
            "trigger_message",
            {"message": "MeterValues", "evse": 1},
            ["TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1}],
            id="tc_054_trigger_message",
        ),
    ],
)
def test_tc_csms_commands(
    cast: Cast,
    gateway: GatewayProcess,
    until: Until,
    action: str,
    payload: dict[str, Any],
    wire: list[Any],
) -> None:
    async def script(charger: Charger) -> Command:
        command: Command = await sync_to_async(commands.send_command)(
            station=cast.ac_station, action=action, payload=payload, as_of=datetime.now(UTC)
        )
        call = await charger.called()
        assert call[2:] == wire
        await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        await charger.call("Heartbeat", {})
        return command

    command = played(gateway, script)

    until(lambda: Command.objects.get(pk=command.pk).state == "accepted")


def test_tc_064_csms_data_transfer(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> Any:
        return await charger.call("DataTransfer", {"vendorId": "org.example", "data": "x"})

    assert played(gateway, script) == {"status": "UnknownVendorId"}
