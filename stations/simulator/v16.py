"""OCPP 1.6J as a charger says it."""

from datetime import datetime
from typing import Any

from stations.simulator.dialect import Event, Fault, stamp
from stations.simulator.fleet import ConnectorSpec, StationSpec, TokenSpec
from stations.simulator.outbox import Item, Transaction
from stations.simulator.power import Reading

# A transaction whose start was never answered has no number; real chargers then say -1.
NO_TRANSACTION = -1
REASONS = {"EVCommunicationLost": "Other"}


class V16:
    """The dialect of 1.6J."""

    subprotocol = "ocpp1.6"
    stop_action = "StopTransaction"

    def boot(self, spec: StationSpec, _reason: str) -> Item:
        payload = {
            "chargePointVendor": spec.vendor,
            "chargePointModel": spec.model,
            "chargePointSerialNumber": spec.serial,
            "firmwareVersion": spec.firmware,
        }
        return Item("BootNotification", payload)

    def heartbeat(self) -> Item:
        return Item("Heartbeat", {})

    def station_status(self, at: datetime, *, operative: bool) -> Item | None:
        word = "Available" if operative else "Unavailable"
        return Item("StatusNotification", _status(0, word, None, at))

    def status(
        self, connector: ConnectorSpec, word: str, fault: Fault | None, at: datetime
    ) -> Item:
        return Item("StatusNotification", _status(connector.number, word, fault, at))

    def problem(
        self, connector: ConnectorSpec, fault: Fault, at: datetime, *, cleared: bool
    ) -> Item | None:
        return None

    def authorize(self, token: TokenSpec) -> Item:
        return Item("Authorize", {"idTag": token.id})

    def is_accepted(self, answer: dict[str, Any]) -> bool:
        tag = answer.get("idTagInfo")
        return not isinstance(tag, dict) or tag.get("status") in ("Accepted", "ConcurrentTx")

    def start(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item:
        payload = {
            "connectorId": connector.number,
            "idTag": tx.token,
            "meterStart": tx.meter_start,
            "timestamp": stamp(tx.started_at),
        }
        if tx.reservation_id is not None:
            payload["reservationId"] = tx.reservation_id
        return Item("StartTransaction", payload, durable=True, role="start", tx=tx)

    def change(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item | None:
        return None

    def samples(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> list[Item]:
        payload = _meter_values(connector, event)
        return [Item("MeterValues", payload, durable=True, role="sample", tx=tx)]

    def stop(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item:
        payload = {
            "meterStop": event.reading.register_wh,
            "timestamp": stamp(event.reading.at),
            "reason": REASONS.get(event.reason, event.reason),
        }
        if event.reason in ("Local", "EVDisconnected"):
            payload["idTag"] = tx.token
        return Item("StopTransaction", payload, durable=True, role="stop", tx=tx)

    def stray_stop(
        self, connector: ConnectorSpec, token: TokenSpec, number: int, reading: Reading
    ) -> Item:
        payload = {
            "transactionId": number,
            "idTag": token.id,
            "meterStop": reading.register_wh,
            "timestamp": stamp(reading.at),
            "reason": "Local",
        }
        return Item("StopTransaction", payload, durable=True, role="stop")

    def idle_values(self, connector: ConnectorSpec, event: Event) -> Item:
        return Item("MeterValues", _meter_values(connector, event))

    def finish(self, item: Item) -> dict[str, Any]:
        if item.tx is None or item.role == "start":
            return item.payload
        if item.tx.id is None:
            if item.role == "stop":
                return {"transactionId": NO_TRANSACTION, **item.payload}
            return item.payload
        return {"transactionId": item.tx.id, **item.payload}

    def learn(self, item: Item, answer: dict[str, Any]) -> None:
        number = answer.get("transactionId")
        if item.tx is not None and isinstance(number, int):
            item.tx.id = number


def _status(number: int, word: str, fault: Fault | None, at: datetime) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "connectorId": number,
        "errorCode": fault.error_code if fault else "NoError",
        "status": word,
        "timestamp": stamp(at),
    }
    if fault:
        extra = {
            "info": fault.info,
            "vendorId": fault.vendor_id,
            "vendorErrorCode": fault.vendor_error_code,
        }
        payload |= {key: value for key, value in extra.items() if value}
    return payload


def _meter_values(connector: ConnectorSpec, event: Event) -> dict[str, Any]:
    return {
        "connectorId": connector.number,
        "meterValue": [{"timestamp": stamp(event.reading.at), "sampledValue": _sampled(event)}],
    }


def _sampled(event: Event) -> list[dict[str, str]]:
    reading = event.reading

    def one(value: object, measurand: str, unit: str, **more: str) -> dict[str, str]:
        base = {"value": str(value), "context": event.context, "format": "Raw"}
        return base | {"measurand": measurand, "location": "Outlet", "unit": unit} | more

    rows = [
        one(reading.register_wh, "Energy.Active.Import.Register", "Wh"),
        one(reading.power_w, "Power.Active.Import", "W"),
        one(reading.offered_w, "Power.Offered", "W"),
    ]
    phased = len(reading.amps) > 1
    for place, (volts, amps) in enumerate(zip(reading.volts, reading.amps, strict=True), 1):
        rows.append(
            one(f"{amps:.2f}", "Current.Import", "A", **({"phase": f"L{place}"} if phased else {}))
        )
        rows.append(
            one(f"{volts:.1f}", "Voltage", "V", **({"phase": f"L{place}-N"} if phased else {}))
        )
    if reading.soc is not None:
        rows.append(one(reading.soc, "SoC", "Percent", location="EV"))
    rows.append(one(f"{reading.cable_c:.1f}", "Temperature", "Celsius", location="Cable"))
    return rows
