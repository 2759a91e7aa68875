"""What each foreign stack says and hears: one session of 1500 Wh, and the commands it obeys."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

ENERGY_WH = 1500
START_WH = 10_000
TOKEN = "ASTRID01"


class Stack(Protocol):
    """A foreign client, as both stacks look to a test."""

    async def call(self, action: str, payload: Mapping[str, Any]) -> dict[str, Any]: ...

    async def hear(self) -> tuple[str, dict[str, Any]]: ...


class Order(NamedTuple):
    """A command of ours: as it is queued, as it is heard, as it is answered."""

    action: str
    payload: dict[str, Any]
    wire: str
    answer: dict[str, Any]


def stamp(seconds_ago: int) -> str:
    instant = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def charge_16(station: Stack) -> None:
    """Boot, authorize, charge, meter and stop as a 1.6 charger."""
    boot = {"chargePointVendor": "Foreign", "chargePointModel": "F1"}
    assert (await station.call("BootNotification", boot))["status"] == "Accepted"
    await station.call("Heartbeat", {})
    await _status_16(station, "Available")
    await station.call("Authorize", {"idTag": TOKEN})
    await _status_16(station, "Preparing")
    start = {"connectorId": 1, "idTag": TOKEN, "meterStart": START_WH, "timestamp": stamp(900)}
    started = await station.call("StartTransaction", start)
    transaction = started.get("transactionId", started.get("transaction_id"))
    await _status_16(station, "Charging")
    for ago, energy_wh in ((600, 500), (300, 1000)):
        sample = {
            "value": str(START_WH + energy_wh),
            "measurand": "Energy.Active.Import.Register",
            "unit": "Wh",
        }
        meter = [{"timestamp": stamp(ago), "sampledValue": [sample]}]
        metered = {"connectorId": 1, "transactionId": transaction, "meterValue": meter}
        await station.call("MeterValues", metered)
    stop = {
        "transactionId": transaction,
        "meterStop": START_WH + ENERGY_WH,
        "timestamp": stamp(60),
        "idTag": TOKEN,
        "reason": "Local",
    }
    await station.call("StopTransaction", stop)
    await _status_16(station, "Finishing")
    await _status_16(station, "Available")
    await station.call("DataTransfer", {"vendorId": "org.example.foreign"})


async def _status_16(station: Stack, status: str) -> None:
    told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": stamp(0)}
    await station.call("StatusNotification", told)


async def charge_2x(station: Stack) -> None:
    """Boot, authorize, charge, meter and stop as a 2.x charging station."""
    device = {"vendorName": "Foreign", "model": "F2"}
    boot = {"reason": "PowerUp", "chargingStation": device}
    assert (await station.call("BootNotification", boot))["status"] == "Accepted"
    await station.call("Heartbeat", {})
    await _status_2x(station, "Available")
    token = {"idToken": TOKEN, "type": "ISO14443"}
    await station.call("Authorize", {"idToken": token})
    await _status_2x(station, "Occupied")
    events: tuple[tuple[str, str, int, int, dict[str, str]], ...] = (
        ("Started", "Authorized", 900, 0, {"chargingState": "Charging"}),
        ("Updated", "MeterValuePeriodic", 500, 700, {}),
        ("Ended", "StopAuthorized", 60, ENERGY_WH, {"stoppedReason": "Local"}),
    )
    for number, (phase, trigger, ago, energy_wh, detail) in enumerate(events):
        sample = {"value": START_WH + energy_wh, "measurand": "Energy.Active.Import.Register"}
        event: dict[str, Any] = {
            "eventType": phase,
            "timestamp": stamp(ago),
            "triggerReason": trigger,
            "seqNo": number,
            "transactionInfo": {"transactionId": "foreign-1", **detail},
            "meterValue": [{"timestamp": stamp(ago), "sampledValue": [sample]}],
        }
        if phase == "Started":
            event |= {"evse": {"id": 1, "connectorId": 1}, "idToken": token}
        await station.call("TransactionEvent", event)
    await _status_2x(station, "Available")
    await station.call("DataTransfer", {"vendorId": "org.example.foreign"})


async def _status_2x(station: Stack, status: str) -> None:
    told = {"timestamp": stamp(0), "connectorStatus": status, "evseId": 1, "connectorId": 1}
    await station.call("StatusNotification", told)


ACCEPTED = {"status": "Accepted"}
ORDERS_16 = (
    Order("remote_start", {"token": TOKEN, "evse": 1}, "RemoteStartTransaction", ACCEPTED),
    Order("remote_stop", {"transaction": "17"}, "RemoteStopTransaction", ACCEPTED),
    Order("reset", {}, "Reset", ACCEPTED),
    Order("trigger_message", {"message": "Heartbeat"}, "TriggerMessage", ACCEPTED),
    Order("UnlockConnector", {"connectorId": 1}, "UnlockConnector", {"status": "Unlocked"}),
    Order(
        "ChangeAvailability",
        {"connectorId": 1, "type": "Inoperative"},
        "ChangeAvailability",
        {"status": "Scheduled"},
    ),
    Order(
        "GetConfiguration",
        {"key": ["HeartbeatInterval"]},
        "GetConfiguration",
        {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]},
    ),
    Order(
        "ChangeConfiguration",
        {"key": "HeartbeatInterval", "value": "600"},
        "ChangeConfiguration",
        {"status": "RebootRequired"},
    ),
)
HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
ORDERS_2X = (
    Order("remote_start", {"token": TOKEN, "evse": 1}, "RequestStartTransaction", ACCEPTED),
    Order("remote_stop", {"transaction": "t-1"}, "RequestStopTransaction", ACCEPTED),
    Order("reset", {}, "Reset", ACCEPTED),
    Order("trigger_message", {"message": "Heartbeat"}, "TriggerMessage", ACCEPTED),
    Order(
        "UnlockConnector",
        {"evseId": 1, "connectorId": 1},
        "UnlockConnector",
        {"status": "Unlocked"},
    ),
    Order(
        "ChangeAvailability",
        {"operationalStatus": "Inoperative", "evse": {"id": 1}},
        "ChangeAvailability",
        {"status": "Scheduled"},
    ),
    Order(
        "GetVariables",
        {"getVariableData": [HEARTBEAT]},
        "GetVariables",
        {
            "getVariableResult": [
                {**HEARTBEAT, "attributeStatus": "Accepted", "attributeValue": "300"}
            ]
        },
    ),
    Order(
        "SetVariables",
        {"setVariableData": [{**HEARTBEAT, "attributeValue": "600"}]},
        "SetVariables",
        {"setVariableResult": [{**HEARTBEAT, "attributeStatus": "RebootRequired"}]},
    ),
)
