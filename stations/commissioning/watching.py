"""Which parts of a 2.x station are worth a monitor, where it has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from stations import variables
from stations.models import DeviceMonitor, DeviceVariable, Station
from stations.variables import Address

ALL, LEVEL = "All", 6
CABLE_WARN_C, CABLE_STOP_C, CABINET_WARN_C, CABINET_BAD_C = 80, 90, 60, 70
PERIODIC_S: Final = 60
UPPER, DELTA, PERIODIC = "UpperThreshold", "Delta", "Periodic"
ERROR, DANGER, WARNING = 4, 1, 6
# A part that says by itself that something is wrong: told at every change.
PROBLEMS: Final = (
    "GroundIsolationProtection",
    "EmergencyStopSensor",
    "CaseAccessSensor",
    "ConnectorPlugRetentionLock",
)
PROBLEM_VARIABLES: Final = ("Problem", "Active", "Tripped")
MOST_MONITORS: Final = 60
MOST_AT_ONCE: Final = 10
# Where the station does not say how many it takes.
USUAL: Final = 4


@dataclass(frozen=True, slots=True)
class Watch:
    """One monitor we want; the value in the variable's unit, or seconds."""

    address: Address
    kind: str
    value: int
    severity: int
    only_in_transaction: bool = False

    def payload(self) -> dict[str, Any]:
        """Return the monitor as SetVariableMonitoring writes it."""
        row: dict[str, Any] = {
            "value": self.value,
            "type": self.kind,
            "severity": self.severity,
            "component": self.address.component_payload(),
            "variable": self.address.variable_payload(),
        }
        return row | ({"transaction": True} if self.only_in_transaction else {})


def missing_watches(station: Station) -> list[Watch]:
    """Return the monitors we want and the station, as far as known, does not have."""
    there = {
        (Address.of(each).component_payload().__repr__(), each.variable, each.kind, each.value)
        for each in DeviceMonitor.objects.filter(station=station)
    }
    known = DeviceVariable.objects.filter(
        station=station, attribute="Actual", is_missing=False, can_be_monitored=True
    ).order_by("component", "evse", "connector", "variable")
    return [
        watch
        for row in known
        for watch in _watches(row)
        if (
            repr(watch.address.component_payload()),
            watch.address.variable,
            watch.kind,
            str(watch.value),
        )
        not in there
    ][:MOST_MONITORS]


def _watches(row: DeviceVariable) -> Iterator[Watch]:
    address = Address.of(row)
    if row.component == "TemperatureSensor" and row.variable == "Temperature":
        at_cable = row.connector > 0 or "cable" in row.component_instance.lower()
        at_cable = at_cable or "connector" in row.component_instance.lower()
        warn, bad = (CABLE_WARN_C, CABLE_STOP_C) if at_cable else (CABINET_WARN_C, CABINET_BAD_C)
        yield Watch(address, UPPER, warn, ERROR)
        yield Watch(address, UPPER, bad, DANGER if at_cable else ERROR)
        if at_cable:
            yield Watch(address, PERIODIC, PERIODIC_S, WARNING, only_in_transaction=True)
    elif row.component in PROBLEMS and row.variable in PROBLEM_VARIABLES:
        yield Watch(address, DELTA, 1, ERROR)


def most_at_once(station: Station) -> int:
    """Return how many monitors one call may set (N04.FR.09)."""
    limit = Address(
        "ItemsPerMessage", "MonitoringCtrlr", variable_instance="SetVariableMonitoring"
    )
    raw = variables.find_value(station, limit) or ""
    return max(1, min(int(raw), MOST_AT_ONCE)) if raw.isdecimal() and len(raw) < 6 else USUAL
