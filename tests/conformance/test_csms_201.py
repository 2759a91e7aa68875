"""CSMS cases of OCPP 2.0.1 part 6, by id: what the foundation can be held to.

Ids and titles are the Open Charge Alliance's; the scripts are our own reading of the requirements.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from stations import commands
from stations.models import Command, Connector, MeterValue, Observation, Session, Station, Token
from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD, Charger, basic
from tests.integration.stations.conftest import GatewayProcess

Script = Callable[[Charger], Awaitable[Any]]
Until = Callable[[Callable[[], object]], object]
NOW = datetime.now(UTC).replace(microsecond=0)
BOOT = {"reason": "PowerUp", "chargingStation": {"vendorName": "Tested", "model": "T1"}}
BO = {"idToken": "BO0001", "type": "ISO14443"}
PLACE: dict[str, Any] = {"evse": {"id": 1, "connectorId": 1}}


def played(gateway: GatewayProcess, script: Script) -> Any:
    async def run() -> Any:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1") as charger:
            return await script(charger)

    return async_to_sync(run)()


def at(seconds: int) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def event(kind: str, number: int, trigger: str, seconds: int = 0, **more: Any) -> dict[str, Any]:
    detail = {"transactionId": "tc-1"} | more.pop("info", {})
    given = {"eventType": kind, "seqNo": number, "timestamp": at(seconds)}
    return given | {"triggerReason": trigger, "transactionInfo": detail} | more


def meter(wh: float, seconds: int, context: str = "Sample.Periodic") -> dict[str, Any]:
    value = {"value": wh, "context": context, "measurand": "Energy.Active.Import.Register"}
    return {"meterValue": [{"timestamp": at(seconds), "sampledValue": [value]}]}


def refusal(gateway: GatewayProcess, headers: dict[str, str], names: list[str]) -> int:
    async def knock() -> int:
        try:
            async with connect(
                f"{gateway.url}/ocpp/NORD-DC-1",
                subprotocols=[Subprotocol(name) for name in names],
                additional_headers=headers,
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    return async_to_sync(knock)()


def test_tc_a_01_basic_authentication_valid(cast: Cast, gateway: GatewayProcess) -> None:
    headers = basic(b"NORD-DC-1", PASSWORD.encode())

    assert refusal(gateway, headers, ["ocpp2.0.1"]) == 101


def test_tc_a_02_username_is_not_the_station(cast: Cast, gateway: GatewayProcess) -> None:
    headers = basic(b"NORD-AC-1", PASSWORD.encode())

    assert refusal(gateway, headers, ["ocpp2.0.1"]) == 401


def test_tc_a_03_invalid_password(cast: Cast, gateway: GatewayProcess) -> None:
    headers = basic(b"NORD-DC-1", b"not-the-password")

    assert refusal(gateway, headers, ["ocpp2.0.1"]) == 401


def test_tc_b_01_cold_boot_accepted(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> Any:
        answer = await charger.call("BootNotification", BOOT)
        await charger.call(
            "StatusNotification",
            {"timestamp": at(0), "connectorStatus": "Available", "evseId": 1, "connectorId": 1},
        )
        return answer

    answer = played(gateway, script)

    assert (answer["status"], answer["interval"] > 0) == ("Accepted", True)
    assert abs(datetime.fromisoformat(answer["currentTime"]) - datetime.now(UTC)) < timedelta(
        minutes=5
    )
    assert Connector.objects.get(pk=cast.tethered.pk).status == "Available"


def test_tc_b_02_cold_boot_pending(cast: Cast, gateway: GatewayProcess) -> None:
    Station.objects.filter(pk=cast.dc_station.pk).update(registration="pending")

    async def script(charger: Charger) -> Any:
        return await charger.call("BootNotification", BOOT)

    assert played(gateway, script)["status"] == "Pending"


@pytest.mark.parametrize("registration", ["pending", "rejected"])
def test_tc_b_30_security_error_before_acceptance(
    cast: Cast, gateway: GatewayProcess, registration: str
) -> None:
    Station.objects.filter(pk=cast.dc_station.pk).update(registration=registration)

    async def script(charger: Charger) -> Any:
        await charger.call("BootNotification", BOOT)
        return await charger.say('[2,"m1","Heartbeat",{}]')

    assert played(gateway, script)[:3] == [4, "m1", "SecurityError"]


def test_tc_b_31_pending_hears_what_was_triggered(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    Station.objects.filter(pk=cast.dc_station.pk).update(registration="pending")

    async def script(charger: Charger) -> Any:
        await charger.call("BootNotification", BOOT)
        await _command(cast, "trigger_message", {"message": "Heartbeat"})
        call = await charger.called()
        await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        return await charger.call("Heartbeat", {})

    assert "currentTime" in played(gateway, script)


def test_tc_b_58_no_common_subprotocol(cast: Cast, gateway: GatewayProcess) -> None:
    headers = basic(b"NORD-DC-1", PASSWORD.encode())

    assert refusal(gateway, headers, ["ocpp9.9"]) == 400


@pytest.mark.parametrize(
    ("change", "word"),
    [
        pytest.param({"uid": "OTHER"}, "Invalid", id="tc_c_02_invalid"),
        pytest.param({"is_blocked": True}, "Blocked", id="tc_c_06_blocked"),
        pytest.param({"valid_until": NOW - timedelta(1)}, "Expired", id="tc_c_07_expired"),
        pytest.param({}, "Accepted", id="tc_c_08_accepted"),
    ],
)
def test_tc_c_local_start_authorization(
    cast: Cast, gateway: GatewayProcess, change: dict[str, Any], word: str
) -> None:
    if change:
        Token.objects.filter(pk=cast.bos_token.pk).update(**change)

    async def script(charger: Charger) -> list[Any]:
        asked = await charger.call("Authorize", {"idToken": BO})
        started = await charger.call(
            "TransactionEvent", event("Started", 0, "Authorized", idToken=BO, **PLACE)
        )
        return [asked, started]

    for answer in played(gateway, script):
        assert answer["idTokenInfo"]["status"] == word


def test_tc_e_03_cable_plugin_first(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        plugged = event("Started", 0, "CablePluggedIn", -60, **PLACE)
        await charger.call("TransactionEvent", plugged | meter(100, -60, "Transaction.Begin"))
        await charger.call("TransactionEvent", event("Updated", 1, "Authorized", -50, idToken=BO))
        charging = event(
            "Updated", 2, "ChargingStateChanged", -40, info={"chargingState": "Charging"}
        )
        await charger.call("TransactionEvent", charging)

    played(gateway, script)

    session = Session.objects.get()
    assert (session.id_tag, session.driver_id) == ("BO0001", cast.bo.pk)
    assert (session.meter_start_wh, session.state) == (100, "open")


def test_tc_e_04_authorization_first(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call("TransactionEvent", event("Started", 0, "Authorized", -60, idToken=BO))
        await charger.call("TransactionEvent", event("Updated", 1, "CablePluggedIn", -50, **PLACE))

    played(gateway, script)

    assert Session.objects.get().connector_id == cast.tethered.pk


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        pytest.param("StopAuthorized", "Local", id="tc_e_15_stop_authorized_local"),
        pytest.param("RemoteStop", "Remote", id="tc_e_21_stop_authorized_remote"),
        pytest.param("EVCommunicationLost", "EVDisconnected", id="tc_e_20_ev_disconnected"),
        pytest.param("Deauthorized", "DeAuthorized", id="tc_e_16_deauthorized"),
    ],
)
def test_tc_e_stop_options(cast: Cast, gateway: GatewayProcess, trigger: str, reason: str) -> None:
    async def script(charger: Charger) -> Any:
        begun = event("Started", 0, "Authorized", -60, idToken=BO, **PLACE)
        await charger.call("TransactionEvent", begun | meter(0, -60, "Transaction.Begin"))
        ended = event("Ended", 1, trigger, 0, info={"stoppedReason": reason})
        return await charger.call("TransactionEvent", ended | meter(500.5, 0, "Transaction.End"))

    assert played(gateway, script) == {}

    session = Session.objects.get()
    assert (session.state, session.energy_wh, session.stop_reason) == ("completed", 501, reason)


def test_tc_e_26_suspended_by_the_vehicle_goes_on(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        await charger.call(
            "TransactionEvent", event("Started", 0, "Authorized", -60, idToken=BO, **PLACE)
        )
        suspended = event(
            "Updated", 1, "ChargingStateChanged", -30, info={"chargingState": "SuspendedEV"}
        )
        await charger.call("TransactionEvent", suspended)

    played(gateway, script)

    session = Session.objects.get()
    assert (session.state, session.parking_since) == ("open", NOW - timedelta(seconds=30))


def test_tc_e_53_numbers_start_at_0_in_each_transaction(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        for name, seconds in (("tc-a", -60), ("tc-b", -30)):
            info = {"transactionId": name}
            begun = event("Started", 0, "Authorized", seconds, info=info, **PLACE)
            await charger.call("TransactionEvent", begun | meter(0, seconds))
            ended = event("Ended", 1, "StopAuthorized", seconds + 10, info=info)
            await charger.call("TransactionEvent", ended | meter(10, seconds + 10))

    played(gateway, script)

    assert [s.flags for s in Session.objects.all()] == [[], []]


def test_tc_f_01_remote_start_cable_first(
    cast: Cast, gateway: GatewayProcess, until: Until
) -> None:
    async def script(charger: Charger) -> Any:
        command = await _command(cast, "remote_start", {"token": "BO0001", "evse": 1})
        call = await charger.called()
        await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
        number = call[3]["remoteStartId"]
        begun = event("Started", 0, "RemoteStart", info={"remoteStartId": number})
        await charger.call("TransactionEvent", begun | PLACE | {"idToken": BO})
        return command, number

    command, number = played(gateway, script)

    assert Session.objects.get().remote_start_id == number == command.pk
    until(lambda: Command.objects.get(pk=command.pk).state == "accepted")


@pytest.mark.parametrize(
    ("message", "answer", "state"),
    [
        pytest.param("Heartbeat", {"status": "Accepted"}, "accepted", id="tc_f_20_heartbeat"),
        pytest.param(
            "MeterValues", {"status": "NotImplemented"}, "rejected", id="tc_f_27_not_implemented"
        ),
        pytest.param(
            "LogStatusNotification", {"status": "Accepted"}, "accepted", id="tc_f_15_log_status"
        ),
    ],
)
def test_tc_f_trigger_message(
    cast: Cast,
    gateway: GatewayProcess,
    until: Until,
    message: str,
    answer: dict[str, Any],
    state: str,
) -> None:
    async def script(charger: Charger) -> Command:
        command = await _command(cast, "trigger_message", {"message": message})
        call = await charger.called()
        assert call[2:] == ["TriggerMessage", {"requestedMessage": message}]
        await charger.send(json.dumps([3, call[1], answer]))
        await charger.call("Heartbeat", {})
        return command

    command = played(gateway, script)

    until(lambda: Command.objects.get(pk=command.pk).state == state)


def test_tc_g_20_connector_lock_failure(cast: Cast, gateway: GatewayProcess) -> None:
    data = {
        "eventId": 7,
        "timestamp": at(0),
        "trigger": "Alerting",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Problem"},
    }

    async def script(charger: Charger) -> Any:
        report = {"generatedAt": at(0), "seqNo": 0, "eventData": [data]}
        return [await charger.call("NotifyEvent", report) for _ in range(2)]

    assert played(gateway, script) == [{}, {}]
    seen = Observation.objects.get(kind="device_event")
    assert seen.connector_id == cast.tethered.pk
    assert seen.detail["component"] == "ConnectorPlugRetentionLock"


def test_tc_j_01_clock_aligned_without_transaction(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> Any:
        return await charger.call("MeterValues", {"evseId": 1} | meter(5000, 0, "Sample.Clock"))

    assert played(gateway, script) == {}
    sampled = MeterValue.objects.get()
    assert (sampled.session_id, sampled.energy_wh) == (None, 5000)


def test_tc_j_02_clock_aligned_in_a_transaction(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> None:
        begun = event("Started", 0, "Authorized", -60, idToken=BO, **PLACE)
        await charger.call("TransactionEvent", begun | meter(0, -60))
        aligned = event("Updated", 1, "MeterValueClock", -30) | meter(250, -30, "Sample.Clock")
        await charger.call("TransactionEvent", aligned)

    played(gateway, script)

    assert Session.objects.get().last_register_wh == 250


def test_tc_j_08_begin_sample_before_the_evse_is_known(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script(charger: Charger) -> None:
        begun = event("Started", 0, "Authorized", -60, idToken=BO)
        await charger.call("TransactionEvent", begun | meter(70, -60, "Transaction.Begin"))

    played(gateway, script)

    assert Session.objects.get().meter_start_wh == 70


def test_tc_p_02_data_transfer_of_an_unknown_vendor(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> Any:
        return await charger.call("DataTransfer", {"vendorId": "org.example", "data": {"a": 1}})

    assert played(gateway, script) == {"status": "UnknownVendorId"}


def test_tc_p_03_custom_data_is_no_error(cast: Cast, gateway: GatewayProcess) -> None:
    async def script(charger: Charger) -> Any:
        custom = {"customData": {"vendorId": "org.example", "fooBar": 1, "foo_bar": 2}}
        return await charger.call("BootNotification", BOOT | custom)

    assert played(gateway, script)["status"] == "Accepted"


async def _command(cast: Cast, action: str, payload: dict[str, Any]) -> Command:
    command: Command = await sync_to_async(commands.send_command)(
        station=cast.dc_station, action=action, payload=payload, as_of=datetime.now(UTC)
    )
    return command
