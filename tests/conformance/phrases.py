"""What a station says in the cases: payloads that follow the schemas, with as little as can be."""

from datetime import UTC, datetime, timedelta
from typing import Any

Payload = dict[str, Any]

NOW = datetime.now(UTC).replace(microsecond=0)
FIRMWARE = "1.0"
BOOT_2: Payload = {
    "reason": "PowerUp",
    "chargingStation": {"vendorName": "Tested", "model": "T2", "firmwareVersion": FIRMWARE},
}
BOOT_16: Payload = {"chargePointVendor": "Tested", "chargePointModel": "T1"}
PLACE: Payload = {"evse": {"id": 1, "connectorId": 1}}
BEGIN, END, CLOCK = "Transaction.Begin", "Transaction.End", "Sample.Clock"
REGISTER = "Energy.Active.Import.Register"


def when(seconds: int = 0) -> datetime:
    """Return an instant so many seconds from the start of the tests."""
    return NOW + timedelta(seconds=seconds)


def at(seconds: int = 0) -> str:
    """Return that instant as the wire has it."""
    return when(seconds).isoformat().replace("+00:00", "Z")


def status(word: str, seconds: int = 0, evse: int = 1) -> Payload:
    """Return a StatusNotification of 2.x."""
    return {
        "timestamp": at(seconds),
        "connectorStatus": word,
        "evseId": evse,
        "connectorId": 1,
    }


def event(kind: str, number: int, trigger: str, seconds: int = 0, **more: Any) -> Payload:
    """Return a TransactionEvent; `info` goes into transactionInfo."""
    detail = {"transactionId": "tx-1"} | more.pop("info", {})
    given = {"eventType": kind, "seqNo": number, "timestamp": at(seconds)}
    return given | {"triggerReason": trigger, "transactionInfo": detail} | more


def charging(state: str, number: int, seconds: int = 0) -> Payload:
    """Return the TransactionEvent of a new charging state."""
    info = {"chargingState": state}
    return event("Updated", number, "ChargingStateChanged", seconds, info=info)


def meter(wh: float, seconds: int = 0, context: str = "Sample.Periodic", **more: Any) -> Payload:
    """Return the meterValue of a message, with one register."""
    value = {"value": wh, "context": context, "measurand": REGISTER} | more
    return {"meterValue": [{"timestamp": at(seconds), "sampledValue": [value]}]}


def begin(uid: str = "", seconds: int = -60, wh: float = 100, **more: Any) -> Payload:
    """Return the Started event of a transaction, with its register and who is charging."""
    given = event("Started", 0, "Authorized" if uid else "CablePluggedIn", seconds, **more)
    who = {"idToken": card(uid)} if uid else {}
    return given | {"evse": {"id": 1, "connectorId": 1}} | who | meter(wh, seconds, BEGIN)


def end(number: int, wh: float, reason: str, trigger: str, **more: Any) -> Payload:
    """Return the Ended event of a transaction, now, with its register."""
    info = more.pop("info", {}) | {"stoppedReason": reason}
    return event("Ended", number, trigger, info=info, **more) | meter(wh, context=END)


def card(uid: str) -> Payload:
    """Return an idToken that a driver held to the reader."""
    return {"idToken": uid, "type": "ISO14443"}


def variable(component: str, name: str, **more: Any) -> Payload:
    """Return a component and one of its variables."""
    return {"component": {"name": component}, "variable": {"name": name}} | more


def reported(component: str, name: str, value: str, **more: Any) -> Payload:
    """Return one line of a NotifyReport."""
    attribute = {"type": "Actual", "value": value, "mutability": "ReadWrite"} | more
    about = {"dataType": "string", "supportsMonitoring": False}
    return variable(component, name) | {
        "variableAttribute": [attribute],
        "variableCharacteristics": about,
    }


def report(request: int, number: int, lines: list[Payload], *, more: bool = False) -> Payload:
    """Return one part of a NotifyReport."""
    return {
        "requestId": request,
        "generatedAt": at(),
        "seqNo": number,
        "tbc": more,
        "reportData": lines,
    }
