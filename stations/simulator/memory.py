"""What a charger keeps when it is switched off: registers, open transactions, unsent messages."""

import dataclasses
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from stations.simulator import reading
from stations.simulator.charger import Station
from stations.simulator.connector import Connector
from stations.simulator.outbox import Item, Transaction

# The file is written every other second; a meter that ran until a kill is at most so much ahead.
AHEAD_S = 5.0


def save(path: Path, stations: list[Station]) -> None:
    """Write the memory of the fleet in one step."""
    kept = {station.spec.identity: _remember(station) for station in stations}
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps({"format": 1, "stations": kept}), encoding="utf-8")
    fresh.chmod(0o600)
    os.replace(fresh, path)


def load(path: Path, stations: list[Station]) -> None:
    """Give the fleet its memory back; a missing file is a new fleet. Raises reading.BadInput."""
    if not path.exists():
        return
    kept = reading.read_file(path).raw.get("stations", {})
    for station in stations:
        try:
            _recall(station, kept.get(station.spec.identity, {}))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise reading.BadInput(
                str(path), f"{station.spec.identity} cannot be read ({error})", "Delete the file"
            ) from error


def _remember(station: Station) -> dict[str, Any]:
    queue = station.outbox.durable()
    known = {one.tx.uid: one.tx for one in station.connectors.values() if one.tx}
    known |= {item.tx.uid: item.tx for item in queue if item.tx}
    return {
        # A password set from afar holds until the fleet file brings another one.
        "password": {"first": station.spec.password, "now": station.password},
        "registers": {number: _register(one) for number, one in station.connectors.items()},
        "open": [one.tx.uid for one in station.connectors.values() if one.tx],
        "transactions": [_plain(tx) for tx in known.values()],
        "queue": [_item(item) for item in queue],
    }


def _register(connector: Connector) -> float:
    meter = connector.meter
    return round(meter.register_wh + meter.power_w * AHEAD_S / 3600, 2)


def _plain(tx: Transaction) -> dict[str, Any]:
    return dataclasses.asdict(tx) | {"started_at": tx.started_at.isoformat()}


def _item(item: Item) -> dict[str, Any]:
    return {
        "action": item.action,
        "payload": item.payload,
        "role": item.role,
        "tx": item.tx.uid if item.tx else None,
        "offline": item.offline,
        "tries": item.tries,
        "message_id": item.message_id,
    }


def _recall(station: Station, kept: dict[str, Any]) -> None:
    if not kept:
        return
    if kept["password"]["first"] == station.spec.password:
        station.password = str(kept["password"]["now"])
    known = {
        raw["uid"]: Transaction(**raw | {"started_at": datetime.fromisoformat(raw["started_at"])})
        for raw in kept["transactions"]
    }
    for raw in kept["queue"]:
        tx = known[raw["tx"]] if raw["tx"] else None
        station.outbox.put(Item(**raw | {"tx": tx}, durable=True))
    for number, register_wh in kept["registers"].items():
        connector = station.connectors.get(int(number))
        if connector is not None:
            connector.meter.register_wh = max(float(register_wh), connector.spec.register_wh or 0)
    for uid in kept["open"]:
        connector = station.connectors.get(known[uid].connector)
        if connector is not None:
            connector.tx = known[uid]
            station.end_after_power_loss(connector)
