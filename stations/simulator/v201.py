"""OCPP 2.0.1 as a charger says it."""

import itertools
import uuid
from datetime import datetime
from typing import Any

from stations.simulator.dialect import Event, Fault, stamp
from stations.simulator.fleet import ConnectorSpec, StationSpec, TokenSpec
from stations.simulator.outbox import Item, Transaction
from stations.simulator.power import Reading

OCCUPIED = {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"}
# Reason word of ours -> stoppedReason, triggerReason of the last event.
STOPS = {
    "Local": ("Local", "StopAuthorized"),
    "EVDisconnected": ("EVDisconnected", "EVDeparted"),
    "Remote": ("Remote", "RemoteStop"),
    "DeAuthorized": ("DeAuthorized", "Deauthorized"),
    "SoftReset": ("ImmediateReset", "ResetCommand"),
    "HardReset": ("ImmediateReset", "ResetCommand"),
    "UnlockCommand": ("Other", "UnlockCommand"),
    "EVCommunicationLost": ("EVDisconnected", "EVCommunicationLost"),
    "PowerLoss": ("PowerLoss", "AbnormalCondition"),
    "EmergencyStop": ("EmergencyStop", "AbnormalCondition"),
    "GroundFault": ("GroundFault", "AbnormalCondition"),
    "Reboot": ("Reboot", "AbnormalCondition"),
    "Other": ("Other", "AbnormalCondition"),
}
# Every fourth sample also tells the cable's temperature, which 2.0.1 has no measurand for.
TEMPERATURE_EVERY = 4


class V201:
    """The dialect of 2.0.1."""

    subprotocol = "ocpp2.0.1"
    stop_action = "TransactionEvent"

    def __init__(self) -> None:
        self._event_ids = itertools.count(1)
        self._samples = itertools.count(1)

    def boot(self, spec: StationSpec, reason: str) -> Item:
        station = {
            "vendorName": spec.vendor,
            "model": spec.model,
            "serialNumber": spec.serial,
            "firmwareVersion": spec.firmware,
        }
        return Item("BootNotification", {"reason": reason, "chargingStation": station})

    def heartbeat(self) -> Item:
        return Item("Heartbeat", {})

    def station_status(self, at: datetime, *, operative: bool) -> Item | None:
        return None

    def status(
        self, connector: ConnectorSpec, word: str, fault: Fault | None, at: datetime
    ) -> Item:
        payload = {
            "timestamp": stamp(at),
            "connectorStatus": "Occupied" if word in OCCUPIED else word,
            "evseId": connector.evse,
            "connectorId": connector.evse_connector,
        }
        return Item("StatusNotification", payload)

    def problem(
        self, connector: ConnectorSpec, fault: Fault, at: datetime, *, cleared: bool
    ) -> Item | None:
        event = self._event(connector, fault.component, "Problem", at) | {
            "trigger": "Alerting",
            "actualValue": "false" if cleared else "true",
            "cleared": cleared,
            "eventNotificationType": "HardWiredNotification",
        }
        code = fault.vendor_error_code or fault.error_code
        event |= {"techCode": code} | ({"techInfo": fault.info} if fault.info else {})
        return self._notify(event, at)

    def authorize(self, token: TokenSpec) -> Item:
        return Item("Authorize", {"idToken": {"idToken": token.id, "type": token.type}})

    def is_accepted(self, answer: dict[str, Any]) -> bool:
        known = answer.get("idTokenInfo")
        return not isinstance(known, dict) or known.get("status") in ("Accepted", "ConcurrentTx")

    def start(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item:
        tx.id = tx.id or str(uuid.uuid4())
        item = self._transaction(tx, connector, event, "Started")
        if tx.reservation_id is not None:
            item.payload["reservationId"] = tx.reservation_id
        return item

    def change(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item | None:
        return self._transaction(tx, connector, event, "Updated")

    def samples(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> list[Item]:
        items = [self._transaction(tx, connector, event, "Updated")]
        items[0].role = "sample"
        if next(self._samples) % TEMPERATURE_EVERY == 1 or event.context != "Sample.Periodic":
            items.append(self._temperature(connector, event.reading))
        return items

    def stop(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item:
        return self._transaction(tx, connector, event, "Ended")

    def stray_stop(
        self, connector: ConnectorSpec, token: TokenSpec, number: int, reading: Reading
    ) -> Item:
        tx = Transaction(
            uid="stray",
            connector=connector.number,
            token=token.id,
            token_type=token.type,
            started_at=reading.at,
            meter_start=reading.register_wh,
            id=f"unknown-{number}",
            seq=3,
        )
        event = Event(reading, context="Transaction.End", reason="Local")
        return self._transaction(tx, connector, event, "Ended")

    def idle_values(self, connector: ConnectorSpec, event: Event) -> Item:
        payload = {"evseId": connector.evse, "meterValue": [_meter_value(event)]}
        return Item("MeterValues", payload)

    def finish(self, item: Item) -> dict[str, Any]:
        if item.offline and item.action == "TransactionEvent":
            return item.payload | {"offline": True}
        return item.payload

    def learn(self, item: Item, answer: dict[str, Any]) -> None:
        return None

    def _transaction(
        self, tx: Transaction, connector: ConnectorSpec, event: Event, kind: str
    ) -> Item:
        known: dict[str, Any] = {"transactionId": tx.id, "chargingState": tx.state}
        if tx.charged_s >= 1:
            known["timeSpentCharging"] = int(tx.charged_s)
        if tx.remote_id is not None and kind == "Started":
            known["remoteStartId"] = tx.remote_id
        trigger = event.trigger
        if kind == "Ended":
            known["stoppedReason"], trigger = STOPS.get(event.reason, STOPS["Other"])
        payload: dict[str, Any] = {
            "eventType": kind,
            "timestamp": stamp(event.reading.at),
            "triggerReason": trigger,
            "seqNo": tx.next_seq(),
            "transactionInfo": known,
            "evse": {"id": connector.evse, "connectorId": connector.evse_connector},
        }
        if trigger in ("Authorized", "RemoteStart", "StopAuthorized"):
            payload["idToken"] = {"idToken": tx.token, "type": tx.token_type}
        if event.context:
            payload["meterValue"] = [_meter_value(event)]
        role = {"Started": "start", "Ended": "stop"}.get(kind, "change")
        return Item("TransactionEvent", payload, durable=True, role=role, tx=tx)

    def _temperature(self, connector: ConnectorSpec, reading: Reading) -> Item:
        event = self._event(connector, "TemperatureSensor", "Temperature", reading.at)
        event["component"]["instance"] = "Cable"
        event |= {
            "trigger": "Periodic",
            "actualValue": f"{reading.cable_c:.1f}",
            "eventNotificationType": "PreconfiguredMonitor",
            "variableMonitoringId": connector.number,
        }
        return self._notify(event, reading.at)

    def _event(
        self, connector: ConnectorSpec, component: str, variable: str, at: datetime
    ) -> dict[str, Any]:
        evse = {"id": connector.evse, "connectorId": connector.evse_connector}
        return {
            "eventId": next(self._event_ids),
            "timestamp": stamp(at),
            "component": {"name": component, "evse": evse},
            "variable": {"name": variable},
        }

    def _notify(self, event: dict[str, Any], at: datetime) -> Item:
        payload = {"generatedAt": stamp(at), "seqNo": 0, "eventData": [event]}
        return Item("NotifyEvent", payload)


def _meter_value(event: Event) -> dict[str, Any]:
    reading = event.reading

    def one(value: float, measurand: str, unit: str, **more: str) -> dict[str, Any]:
        base = {"value": value, "context": event.context, "measurand": measurand}
        return base | {"location": "Outlet", "unitOfMeasure": {"unit": unit}} | more

    rows = [
        one(reading.register_wh, "Energy.Active.Import.Register", "Wh"),
        one(reading.power_w, "Power.Active.Import", "W"),
        one(reading.offered_w, "Power.Offered", "W"),
    ]
    phased = len(reading.amps) > 1
    for place, (volts, amps) in enumerate(zip(reading.volts, reading.amps, strict=True), 1):
        rows.append(one(amps, "Current.Import", "A", **({"phase": f"L{place}"} if phased else {})))
        rows.append(one(volts, "Voltage", "V", **({"phase": f"L{place}-N"} if phased else {})))
    if reading.soc is not None:
        rows.append(one(reading.soc, "SoC", "Percent", location="EV"))
    return {"timestamp": stamp(reading.at), "sampledValue": rows}
