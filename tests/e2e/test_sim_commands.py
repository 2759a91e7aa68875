"""Commands: every known one gets a valid answer, an unknown one NotImplemented."""

import asyncio
from typing import Any

import pytest

from stations.simulator import v16_commands, v201_commands
from tests.e2e.sim_fleet import fleet_running, running_server, station

pytestmark = pytest.mark.asyncio
QUIET: dict[str, Any] = {"demand": 0.0}
# With no visits of its own and waits at real length a remote session lasts as long as a test.
SLOW: dict[str, Any] = {"demand": 0.0, "speed": 50.0}
LATER = "2030-01-01T00:00:00Z"
TOKEN = {"idToken": "REMOTE1", "type": "Central"}
PROFILE: dict[str, Any] = {
    "chargingProfileId": 1,
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
}
PERIOD: dict[str, Any] = {
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 0}],
    "chargingRateUnit": "W",
}
V16: dict[str, dict[str, Any]] = {
    "CancelReservation": {"reservationId": 5},
    "ChangeAvailability": {"connectorId": 2, "type": "Inoperative"},
    "ChangeConfiguration": {"key": "HeartbeatInterval", "value": "60"},
    "ClearCache": {},
    "ClearChargingProfile": {},
    "DataTransfer": {"vendorId": "x"},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 60},
    "GetConfiguration": {"key": ["HeartbeatInterval", "AuthorizationKey", "Nothing"]},
    "GetLocalListVersion": {},
    "RemoteStartTransaction": {"idTag": "REMOTE1"},
    "RemoteStopTransaction": {"transactionId": 1},
    "ReserveNow": {"connectorId": 2, "idTag": "A", "reservationId": 5, "expiryDate": LATER},
    "Reset": {"type": "Soft"},
    "SendLocalList": {"listVersion": 1, "updateType": "Full"},
    "SetChargingProfile": {
        "connectorId": 1, "csChargingProfiles": PROFILE | {"chargingSchedule": PERIOD}},
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "UnlockConnector": {"connectorId": 1},
}  # fmt: skip
V201: dict[str, dict[str, Any]] = {
    "CancelReservation": {"reservationId": 5},
    "ChangeAvailability": {"operationalStatus": "Inoperative", "evse": {"id": 2}},
    "ClearCache": {},
    "ClearChargingProfile": {},
    "ClearDisplayMessage": {"id": 3},
    "CostUpdated": {"totalCost": 1.5, "transactionId": "x"},
    "ClearVariableMonitoring": {"id": [1, 99]},
    "DataTransfer": {"vendorId": "x"},
    "GetBaseReport": {"requestId": 1, "reportBase": "FullInventory"},
    "GetMonitoringReport": {"requestId": 2},
    "SetMonitoringBase": {"monitoringBase": "All"},
    "SetMonitoringLevel": {"severity": 6},
    "SetVariableMonitoring": {"setMonitoringData": [
        {"value": 60, "type": "UpperThreshold", "severity": 4,
         "component": {"name": "TemperatureSensor"}, "variable": {"name": "Temperature"}},
        {"value": 1, "type": "Delta", "severity": 4,
         "component": {"name": "Toaster"}, "variable": {"name": "Heat"}}]},
    "GetCompositeSchedule": {"evseId": 1, "duration": 60},
    "GetDisplayMessages": {"requestId": 4},
    "GetLocalListVersion": {},
    "GetTransactionStatus": {"transactionId": "x"},
    "GetVariables": {"getVariableData": [
        {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}},
        {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}},
        {"component": {"name": "Toaster"}, "variable": {"name": "Heat"}}]},
    "RequestStartTransaction": {"idToken": TOKEN, "remoteStartId": 9, "evseId": 1},
    "RequestStopTransaction": {"transactionId": "x"},
    "ReserveNow": {"id": 5, "expiryDateTime": LATER, "idToken": TOKEN, "evseId": 2},
    "Reset": {"type": "Immediate"},
    "SendLocalList": {"versionNumber": 1, "updateType": "Full"},
    "SetChargingProfile": {
        "evseId": 1, "chargingProfile": PROFILE | {"chargingSchedule": [PERIOD | {"id": 1}]}},
    "SetDisplayMessage": {"message": {
        "id": 3, "priority": "InFront", "message": {"format": "UTF8", "content": "Hej"}}},
    "SetVariables": {"setVariableData": [
        {"attributeValue": "60", "component": {"name": "OCPPCommCtrlr"},
         "variable": {"name": "HeartbeatInterval"}}]},
    "TriggerMessage": {"requestedMessage": "StatusNotification"},
    "UnlockConnector": {"evseId": 1, "connectorId": 1},
}  # fmt: skip


async def _ready(server: Any, name: Any = "CP-1") -> Any:
    await server.until(lambda: len(server.of("StatusNotification", station=name)) >= 2)


@pytest.mark.parametrize(
    ("ocpp", "cases", "known"),
    [("1.6", V16, v16_commands.COMMANDS), ("2.0.1", V201, v201_commands.COMMANDS)],
)
async def test_every_known_command_gets_a_valid_answer(
    tmp_path: Any, ocpp: Any, cases: Any, known: Any
) -> None:
    assert set(cases) == set(known)
    async with running_server() as server:
        for action, payload in cases.items():
            async with fleet_running(server, tmp_path, station(1, ocpp), **QUIET):
                server.seen.clear()
                await _ready(server)
                reply = await server.command("CP-1", action, payload)

            assert reply[0] == 3, (action, reply)
        assert server.problems == []


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
async def test_an_unknown_command_is_not_implemented_and_the_link_lives(
    tmp_path: Any, ocpp: Any
) -> None:
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, ocpp), **QUIET),
    ):
        await _ready(server)
        reply = await server.command("CP-1", "BrewCoffee", {})
        broken = await server.command("CP-1", "TriggerMessage", {"requestedMassage": 1})
        again = await server.command("CP-1", "TriggerMessage", {"requestedMessage": "Heartbeat"})

    assert reply[0] == 4
    assert reply[2] == "NotImplemented"
    assert broken[:1] == [4]
    assert again[2] == {"status": "Accepted"}


async def test_a_16_session_is_started_and_stopped_from_afar(tmp_path: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), **SLOW),
    ):
        await _ready(server)
        start = {"idTag": "REMOTE1", "connectorId": 1}
        accepted = await server.command("CP-1", "RemoteStartTransaction", start)
        await server.until(lambda: _has_word(server, "Charging"))
        busy = await server.command("CP-1", "RemoteStartTransaction", start)
        number = server.given[-1]
        wrong = await server.command("CP-1", "RemoteStopTransaction", {"transactionId": 5})
        stopped = await server.command("CP-1", "RemoteStopTransaction", {"transactionId": number})
        await server.until(lambda: bool(server.of("StopTransaction")))

    words = [one[2]["status"] for one in (accepted, busy, wrong, stopped)]
    assert words == ["Accepted", "Rejected", "Rejected", "Accepted"]
    assert server.of("StartTransaction")[0].payload["idTag"] == "REMOTE1"
    assert server.of("StopTransaction")[0].payload["reason"] == "Remote"


def _has_word(server: Any, word: Any) -> Any:
    return any(one.payload.get("status") == word for one in server.of("StatusNotification"))


async def test_a_201_session_is_started_and_stopped_from_afar(tmp_path: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "2.0.1"), **SLOW),
    ):
        await _ready(server)
        start = {"idToken": TOKEN, "remoteStartId": 77, "evseId": 2}
        accepted = await server.command("CP-1", "RequestStartTransaction", start)
        await server.until(lambda: len(server.of("TransactionEvent")) >= 2)
        first = server.of("TransactionEvent")[0].payload
        stop = {"transactionId": first["transactionInfo"]["transactionId"]}
        stopped = await server.command("CP-1", "RequestStopTransaction", stop)
        await server.until(
            lambda: server.of("TransactionEvent")[-1].payload["eventType"] == "Ended"
        )

    assert accepted[2]["status"] == stopped[2]["status"] == "Accepted"
    assert first["triggerReason"] == "RemoteStart"
    assert first["transactionInfo"]["remoteStartId"] == 77
    assert first["idToken"] == TOKEN
    assert first["evse"]["id"] == 2
    assert (
        server.of("TransactionEvent")[-1].payload["transactionInfo"]["stoppedReason"] == "Remote"
    )


async def test_a_reset_ends_the_session_and_boots_again(tmp_path: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "2.0.1"), **SLOW),
    ):
        await _ready(server)
        await server.command(
            "CP-1", "RequestStartTransaction", {"idToken": TOKEN, "remoteStartId": 1}
        )
        await server.until(lambda: bool(server.of("TransactionEvent")))
        await server.command("CP-1", "Reset", {"type": "Immediate"})
        await server.until(lambda: len(server.of("BootNotification")) >= 2)

    ended = server.of("TransactionEvent")[-1].payload
    assert ended["transactionInfo"]["stoppedReason"] == "ImmediateReset"
    assert server.of("BootNotification")[1].payload["reason"] == "RemoteReset"


async def test_a_new_password_is_used_from_the_next_login_on(tmp_path: Any) -> None:
    async with (
        running_server() as server,
        fleet_running(server, tmp_path, station(1, "1.6"), **QUIET),
    ):
        await _ready(server)
        change = {"key": "AuthorizationKey", "value": "a-better-password"}
        server.passwords["CP-1"] = "a-better-password"
        await server.command("CP-1", "ChangeConfiguration", change)
        await server.until(lambda: server.connections >= 2)

    assert server.status is None


async def test_all_nine_states_of_16_can_be_seen(tmp_path: Any) -> None:
    async with running_server() as server:
        trouble = [{"kind": "faulted", "stations": ["*"], "connector": 2, "from_s": 6, "to_s": 7}]
        async with fleet_running(server, tmp_path, station(1, "1.6"), trouble=trouble):
            await _ready(server)
            await server.until(lambda: bool(server.of("StopTransaction")))
            await server.command("CP-1", "SetChargingProfile", V16["SetChargingProfile"])
            await server.until(lambda: _has_word(server, "SuspendedEVSE"))
            await server.command("CP-1", "ClearChargingProfile", {})
            for one in (1, 2):
                reserve = V16["ReserveNow"] | {"connectorId": one}
                await _until_accepted(server, "ReserveNow", reserve)
                await server.until(lambda: _has_word(server, "Reserved"))
                await server.command("CP-1", "CancelReservation", {"reservationId": 5})
            await server.command("CP-1", "ChangeAvailability", V16["ChangeAvailability"])
            await server.until(lambda: _has_word(server, "Unavailable"))
            await server.until(lambda: _has_word(server, "Faulted"))

    words = {one.payload["status"] for one in server.of("StatusNotification")}
    assert words == {
        "Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing",
        "Reserved", "Unavailable", "Faulted",
    }  # fmt: skip
    assert server.problems == []


async def _until_accepted(server: Any, action: Any, payload: Any) -> Any:
    async with asyncio.timeout(20):
        while (await server.command("CP-1", action, payload))[2] != {"status": "Accepted"}:
            await asyncio.sleep(0.02)
