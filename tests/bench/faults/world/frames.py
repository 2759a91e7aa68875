"""The same world on a wire: OCPP frames, as rows of a recorded conversation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from stations.metering import facts
from stations.metering.facts import Reading
from tests.bench.faults.world.places import HEARTBEAT_S
from tests.bench.faults.world.world import World

Row = dict[str, Any]
# Column of a reading, measurand, phase, unit.
MEASURED = (
    ("energy_wh", "Energy.Active.Import.Register", None, "Wh"),
    ("power_w", "Power.Active.Import", None, "W"),
    ("power_offered_w", "Power.Offered", None, "W"),
    ("current_a", "Current.Import", None, "A"),
    ("current_l1_a", "Current.Import", "L1", "A"),
    ("current_l2_a", "Current.Import", "L2", "A"),
    ("current_l3_a", "Current.Import", "L3", "A"),
    ("current_offered_a", "Current.Offered", None, "A"),
    ("voltage_v", "Voltage", None, "V"),
    ("voltage_l1_v", "Voltage", "L1-N", "V"),
    ("voltage_l2_v", "Voltage", "L2-N", "V"),
    ("voltage_l3_v", "Voltage", "L3-N", "V"),
    ("soc_percent", "SoC", None, "Percent"),
)


def rows(world: World) -> Iterator[Row]:
    """Yield a world as the rows of a recorded conversation, with our answers where they teach."""
    versions = {
        station.id: station.make.version for site in world.sites for station in site.stations
    }
    numbers = count(1)
    for second, _, station, fact, _, number in world.messages():
        at = world.begin + timedelta(seconds=second)
        version = versions[station]
        head = {"ts": at.isoformat(), "cp": name_of(station), "proto": f"ocpp{version}"}
        if isinstance(fact, facts.NoticeFact) and fact.kind in {"connected", "disconnected"}:
            yield {**head, "dir": "event", "event": fact.kind.removesuffix("ed")}
            continue
        said = frame_of(fact, version, at)
        if said is None:
            continue
        message = f"m{next(numbers)}"
        yield {**head, "dir": "cp->cs", "msg": [2, message, *said]}
        if isinstance(fact, facts.BootFact):
            told = {"status": "Accepted", "currentTime": head["ts"], "interval": HEARTBEAT_S}
            yield {**head, "dir": "cs->cp", "msg": [3, message, told]}
        elif isinstance(fact, facts.StartFact):
            told = {"transactionId": int(number), "idTagInfo": {"status": "Accepted"}}
            yield {**head, "dir": "cs->cp", "msg": [3, message, told]}


def name_of(station: int) -> str:
    """Return the identity of a station."""
    return f"BENCH-{station}"


def frame_of(fact: object, version: str, at: datetime) -> tuple[str, Any] | None:
    """Return action and payload of a fact, None where it is no word of a station's."""
    if isinstance(fact, facts.NoticeFact):
        return _notice(fact)
    if isinstance(fact, facts.HeartbeatFact):
        return "Heartbeat", {}
    return _of_16(fact) if version == "1.6" else _of_2x(fact, at)


def _of_16(fact: object) -> tuple[str, Any] | None:
    if isinstance(fact, facts.StatusFact):
        told = {
            "connectorId": fact.place.evse,
            "errorCode": fact.error_code or "NoError",
            "status": fact.status,
            "timestamp": fact.occurred_at.isoformat(),
            "vendorErrorCode": fact.vendor_error_code,
            "vendorId": fact.vendor_id,
        }
        return "StatusNotification", {name: value for name, value in told.items() if value != ""}
    if isinstance(fact, facts.MeterFact):
        assert fact.place is not None, "a world's samples have a place"
        told = {"connectorId": fact.place.evse, "meterValue": _values(fact.readings, "1.6")}
        if fact.transaction:
            told["transactionId"] = int(fact.transaction)
        return "MeterValues", told
    if isinstance(fact, facts.StartFact):
        return "StartTransaction", {
            "connectorId": fact.place.evse,
            "idTag": fact.token.uid,
            "meterStart": fact.register_wh,
            "timestamp": fact.occurred_at.isoformat(),
        }
    if isinstance(fact, facts.StopFact):
        return "StopTransaction", {
            "transactionId": int(fact.transaction),
            "meterStop": fact.register_wh,
            "timestamp": fact.occurred_at.isoformat(),
            "reason": fact.reason,
        }
    if isinstance(fact, facts.BootFact):
        told = {"chargePointVendor": fact.vendor, "chargePointModel": fact.model}
        return "BootNotification", {**told, "firmwareVersion": fact.firmware_version}
    assert isinstance(fact, facts.AuthorizeFact), "a world says nothing else"
    return "Authorize", {"idTag": fact.token.uid}


def _of_2x(fact: object, at: datetime) -> tuple[str, Any] | None:
    if isinstance(fact, facts.StatusFact):
        return "StatusNotification", {
            "timestamp": fact.occurred_at.isoformat(),
            "connectorStatus": fact.status,
            "evseId": fact.place.evse,
            "connectorId": fact.place.connector,
        }
    if isinstance(fact, facts.MeterFact):
        assert fact.place is not None, "a world's samples have a place"
        return "MeterValues", {
            "evseId": fact.place.evse,
            "meterValue": _values(fact.readings, "2.0.1"),
        }
    if isinstance(fact, facts.TransactionFact):
        return "TransactionEvent", _transaction(fact)
    if isinstance(fact, facts.BootFact):
        made = {"vendorName": fact.vendor, "model": fact.model}
        made["firmwareVersion"] = fact.firmware_version
        return "BootNotification", {"reason": fact.reason or "PowerUp", "chargingStation": made}
    assert isinstance(fact, facts.AuthorizeFact), "a world says nothing else"
    return "Authorize", {"idToken": {"idToken": fact.token.uid, "type": "ISO14443"}}


def _transaction(fact: facts.TransactionFact) -> dict[str, Any]:
    assert fact.place is not None, "a world's events have a place"
    detail: dict[str, Any] = {
        "transactionId": fact.transaction,
        "chargingState": fact.charging_state,
        "stoppedReason": fact.stopped_reason,
        "remoteStartId": fact.remote_start_id,
    }
    told: dict[str, Any] = {
        "eventType": fact.phase.capitalize(),
        "timestamp": fact.occurred_at.isoformat(),
        "triggerReason": fact.trigger,
        "seqNo": fact.seq_no,
        "evse": {"id": fact.place.evse, "connectorId": 1},
        "transactionInfo": {name: value for name, value in detail.items() if value},
    }
    if fact.token is not None:
        told["idToken"] = {"idToken": fact.token.uid, "type": "ISO14443"}
    if fact.readings:
        told["meterValue"] = _values(fact.readings, "2.0.1")
    return told


def _notice(fact: facts.NoticeFact) -> tuple[str, Any] | None:
    stamp = fact.occurred_at.isoformat()
    if fact.kind == "firmware_status":
        return "FirmwareStatusNotification", {"status": fact.detail["status"]}
    if fact.kind == "security_event":
        return "SecurityEventNotification", {"type": fact.detail["type"], "timestamp": stamp}
    if fact.kind != "device_event" or fact.place is None:
        return None
    component: dict[str, Any] = {"name": fact.detail["component"]}
    if fact.place.evse:
        component["evse"] = {"id": fact.place.evse, "connectorId": 1}
    event = {
        "eventId": 1,
        "timestamp": stamp,
        "trigger": fact.detail["trigger"],
        "actualValue": fact.detail["value"],
        "eventNotificationType": "HardWiredNotification",
        "component": component,
        "variable": {"name": fact.detail["variable"]},
        "cleared": fact.detail["is_cleared"],
    }
    if fact.detail["tech_code"]:
        event["techCode"] = fact.detail["tech_code"]
    return "NotifyEvent", {"generatedAt": stamp, "seqNo": 0, "eventData": [event]}


def _values(readings: tuple[Reading, ...], version: str) -> list[dict[str, Any]]:
    return [
        {"timestamp": one.occurred_at.isoformat(), "sampledValue": _sampled(one, version)}
        for one in readings
    ]


def _sampled(reading: Reading, version: str) -> list[dict[str, Any]]:
    found = []
    for name, measurand, phase, unit in MEASURED:
        value = getattr(reading, name)
        if value is None:
            continue
        sample: dict[str, Any] = {"measurand": measurand, "context": reading.context}
        if version == "1.6":
            # Power.Offered is the measurand's name in both versions
            sample |= {"value": str(value), "unit": unit}
        else:
            sample |= {"value": float(value), "unitOfMeasure": {"unit": unit}}
        if phase:
            sample["phase"] = phase
        found.append(sample)
    if reading.temperature_c is not None and version == "1.6":
        told = {"measurand": "Temperature", "unit": "Celsius", "location": "Cable"}
        found.append({**told, "value": str(reading.temperature_c), "context": reading.context})
    return found
