"""What a 2.0.1 station says it is made of, and the monitors it takes."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from stations.simulator import settings
from stations.simulator.charger import Station
from stations.simulator.connector import Connector
from stations.simulator.dialect import stamp
from stations.simulator.outbox import Item

Payload = dict[str, Any]
ROWS_A_PART = 20
KINDS = ("UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned")
PROBLEMS = ("ConnectorPlugRetentionLock", "EmergencyStopSensor", "CaseAccessSensor")


def report(station: Station, payload: Payload) -> Payload:
    """Tell the whole device model in parts, after the answer."""
    rows = list(_rows(station))
    starts = range(0, len(rows), ROWS_A_PART)
    for number, start in enumerate(starts):
        part = {
            "requestId": payload["requestId"],
            "generatedAt": stamp(station.now()),
            "seqNo": number,
            "tbc": start + ROWS_A_PART < len(rows),
            "reportData": rows[start : start + ROWS_A_PART],
        }
        station.outbox.put(Item("NotifyReport", part))
    return {"status": "Accepted"}


def report_monitors(station: Station, payload: Payload) -> Payload:
    """Tell every monitor, after the answer."""
    if not station.monitors:
        return {"status": "EmptyResultSet"}
    rows = [
        {
            "component": kept["component"],
            "variable": kept["variable"],
            "variableMonitoring": [kept["monitor"]],
        }
        for kept in station.monitors.values()
    ]
    told = {
        "requestId": payload["requestId"],
        "generatedAt": stamp(station.now()),
        "seqNo": 0,
        "tbc": False,
        "monitor": rows,
    }
    station.outbox.put(Item("NotifyMonitoringReport", told))
    return {"status": "Accepted"}


def set_monitors(station: Station, payload: Payload) -> Payload:
    """Take monitors on what this station has."""
    known = {_place(row) for row in _parts(station)}
    results = []
    for wanted in payload["setMonitoringData"]:
        about = {name: wanted[name] for name in ("component", "variable", "type", "severity")}
        if _place(wanted) not in known:
            results.append(about | {"status": "UnknownVariable"})
        elif wanted["type"] not in KINDS:
            results.append(about | {"status": "UnsupportedMonitorType"})
        else:
            number = wanted.get("id") or next(
                each for each in count(1) if each not in station.monitors
            )
            station.monitors[number] = {
                "component": wanted["component"],
                "variable": wanted["variable"],
                "monitor": {
                    "id": number,
                    "transaction": wanted.get("transaction", False),
                    "value": wanted["value"],
                    "type": wanted["type"],
                    "severity": wanted["severity"],
                },
            }
            results.append(about | {"status": "Accepted", "id": number})
    return {"setMonitoringResult": results}


def clear_monitors(station: Station, payload: Payload) -> Payload:
    """Forget monitors."""
    results = []
    for number in payload["id"]:
        was_there = station.monitors.pop(number, None) is not None
        results.append({"id": number, "status": "Accepted" if was_there else "NotFound"})
    return {"clearMonitoringResult": results}


def choose_base(station: Station, payload: Payload) -> Payload:
    """Use all monitors, the factory's, or the built-in ones only."""
    station.settings.values["ActiveMonitoringBase"] = payload["monitoringBase"]
    if payload["monitoringBase"] != "All":
        station.monitors.clear()
    return {"status": "Accepted"}


def choose_level(station: Station, payload: Payload) -> Payload:
    """Tell only what is as severe."""
    station.settings.values["ActiveMonitoringLevel"] = str(payload["severity"])
    return {"status": "Accepted"}


def _rows(station: Station) -> Iterator[Payload]:
    for (component, variable), key in settings.VARIABLES.items():
        instance = settings.INSTANCES.get((component, variable))
        attribute: Payload = {
            "mutability": "ReadOnly" if key in settings.READ_ONLY else "ReadWrite"
        }
        if key in settings.WRITE_ONLY:
            attribute["mutability"] = "WriteOnly"
        else:
            attribute["value"] = station.settings.values[key]
        yield {
            "component": {"name": component},
            "variable": {"name": variable} | ({"instance": instance} if instance else {}),
            "variableAttribute": [attribute],
            "variableCharacteristics": _kind(station.settings.values.get(key, "")),
        }
    yield from _parts(station)


def _parts(station: Station) -> Iterator[Payload]:
    spec = station.spec
    for variable, value in (("VendorName", spec.vendor), ("Model", spec.model)):
        yield _part({"name": "ChargingStation"}, variable, value, "string")
    yield _part({"name": "TemperatureSensor"}, "Temperature", "24.0", "decimal", "Celsius")
    for name in PROBLEMS[1:]:
        yield _part({"name": name}, "Problem", "false", "boolean")
    for connector in station.connectors.values():
        place = _at(connector)
        yield _part({"name": "EVSE", "evse": {"id": place["id"]}}, "Power", None, "decimal", "W")
        yield _part(
            {"name": "Connector", "evse": place}, "AvailabilityState", "Available", "string"
        )
        sensor = {"name": "TemperatureSensor", "evse": place}
        yield _part(sensor, "Temperature", "21.0", "decimal", "Celsius")
        yield _part({"name": PROBLEMS[0], "evse": place}, "Problem", "false", "boolean")


def _part(
    component: Payload, variable: str, value: str | None, kind: str, unit: str = ""
) -> Payload:
    traits: Payload = {"dataType": kind, "supportsMonitoring": True}
    attribute: Payload = {"mutability": "ReadOnly"}
    return {
        "component": component,
        "variable": {"name": variable},
        "variableAttribute": [attribute | ({} if value is None else {"value": value})],
        "variableCharacteristics": traits | ({"unit": unit} if unit else {}),
    }


def _at(connector: Connector) -> dict[str, int]:
    return {"id": connector.spec.evse, "connectorId": connector.spec.evse_connector}


def _place(row: Payload) -> str:
    return json.dumps([row["component"], row["variable"]], sort_keys=True)


def _kind(value: str) -> Payload:
    if value in ("true", "false"):
        kind = "boolean"
    elif "," in value or "." in value:
        kind = "MemberList"
    else:
        kind = "integer" if value.isdigit() else "string"
    return {"dataType": kind, "supportsMonitoring": False}
