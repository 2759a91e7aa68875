"""Monitors: what a 2.x station watches by itself and tells in NotifyEvent (N02 to N08)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from chargenet.core.models import User
from stations import commands, variables
from stations.devices.reports import note_part
from stations.models import Command, DeviceMonitor, DeviceReport, Station, StationReport
from stations.variables import Address

NUMBERED = (
    "component",
    "component_instance",
    "evse",
    "connector",
    "variable",
    "variable_instance",
)
MOST_NUMBER = 2**62


def take_monitoring_report(report: StationReport, as_of: datetime) -> None:
    """Write one part of a monitoring report; a whole one takes away what it came without."""
    for row in _objects(report.payload.get("monitor")):
        try:
            address = variables.address_in(row)
        except ValueError:
            continue
        for monitor in _objects(row.get("variableMonitoring")):
            _keep(report.station, address, monitor, report.received_at)
    kept = note_part(report, DeviceReport.Kind.MONITORS, as_of)
    if kept.finished_at and _is_of_everything(report):
        gone = DeviceMonitor.objects.filter(station=report.station, read_at__lt=kept.began_at)
        gone.delete()


def take_monitoring(command: Command, as_of: datetime) -> None:
    """Write the monitors a station accepted."""
    asked = _objects(command.payload.get("setMonitoringData"))
    for row in _answered(command, "setMonitoringResult"):
        number = row.get("id")
        if row.get("status") != "Accepted" or not isinstance(number, int):
            continue
        try:
            address = variables.address_in(row)
        except ValueError:
            continue
        wish = _take_wish(asked, address, row)
        monitor = {**wish, "id": number, "type": row.get("type"), "severity": row.get("severity")}
        _keep(command.station, address, monitor, command.finished_at or as_of)


def take_cleared(command: Command, _: datetime) -> None:
    """Forget the monitors a station has cleared, and those it never had."""
    gone = [
        number
        for row in _answered(command, "clearMonitoringResult")
        if row.get("status") in {"Accepted", "NotFound"}
        and isinstance(number := row.get("id"), int)
    ]
    DeviceMonitor.objects.filter(station=command.station, number__in=gone).delete()


@transaction.atomic
def clear_monitor(
    *, station: Station, monitor_id: int, requested_by: User, as_of: datetime
) -> Command:
    """Ask a station to stop watching; raises DeviceMonitor.DoesNotExist."""
    monitor = DeviceMonitor.objects.get(station=station, pk=monitor_id)
    return commands.send_command(
        station=station,
        action="ClearVariableMonitoring",
        payload={"id": [monitor.number]},
        requested_by=requested_by,
        as_of=as_of,
    )


def _keep(station: Station, address: Address, monitor: Mapping[str, Any], at: datetime) -> None:
    number, severity = monitor.get("id"), monitor.get("severity")
    if not isinstance(number, int) or not 0 <= number < MOST_NUMBER:
        return
    parts = address.as_json()
    DeviceMonitor.objects.update_or_create(
        station=station,
        number=number,
        defaults={
            "operator_id": station.operator_id,
            **{name: parts[name] for name in NUMBERED},
            "kind": str(monitor.get("type", ""))[:24],
            "value": str(monitor.get("value", ""))[:40],
            "severity": severity if isinstance(severity, int) and 0 <= severity <= 9 else 9,
            "only_in_transaction": monitor.get("transaction") is True,
            "read_at": at,
        },
    )


def _is_of_everything(report: StationReport) -> bool:
    """Return whether the report answers a question without criteria."""
    asked = Command.objects.filter(
        station=report.station,
        action="GetMonitoringReport",
        payload__requestId=report.request_id,
    ).order_by("-pk")
    payload = asked.values_list("payload", flat=True).first()
    return payload is not None and not payload.keys() & {"monitoringCriteria", "componentVariable"}


def _take_wish(
    asked: list[Mapping[str, Any]], address: Address, row: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Take out the wish an answer is about; it names no value, so the order decides last."""
    about = [
        wish
        for wish in asked
        if wish.get("type") == row.get("type") and variables.address_in(wish) == address
    ]
    exact = [wish for wish in about if wish.get("severity") == row.get("severity")]
    found = next(iter(exact or about), None)
    if found is None:
        return {}
    asked.remove(found)
    return found


def _answered(command: Command, name: str) -> Iterator[Mapping[str, Any]]:
    if isinstance(command.answer, Mapping) and not command.error:
        yield from _objects(command.answer.get(name))


def _objects(raw: object) -> list[Mapping[str, Any]]:
    return [row for row in raw if isinstance(row, Mapping)] if isinstance(raw, list) else []
