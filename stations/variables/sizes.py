"""How much a station takes in one call, as it says itself (B05.FR.11, B06.FR.05, N04.FR.09)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from stations.models import OcppVersion, Station
from stations.variables.address import Address
from stations.variables.rows import find_value

# By action: the list that counts, and the component that limits it.
LISTS: Final = {
    "GetVariables": ("getVariableData", "DeviceDataCtrlr"),
    "SetVariables": ("setVariableData", "DeviceDataCtrlr"),
    "GetReport": ("componentVariable", "DeviceDataCtrlr"),
    "SetVariableMonitoring": ("setMonitoringData", "MonitoringCtrlr"),
    "ClearVariableMonitoring": ("id", "MonitoringCtrlr"),
    "GetMonitoringReport": ("componentVariable", "MonitoringCtrlr"),
}


def too_much(station: Station, action: str, payload: Mapping[str, Any]) -> list[str]:
    """Return why a call is more than its station takes, if it is; OCPP's own actions.

    What the station never said is no limit.
    """
    if station.ocpp_version == OcppVersion.V16:
        limit = _said(station, Address("GetConfigurationMaxKeys"))
        return _more(payload.get("key"), limit) if action == "GetConfiguration" else []
    if action not in LISTS:
        return []
    name, component = LISTS[action]
    items = Address("ItemsPerMessage", component=component, variable_instance=action)
    size = Address("BytesPerMessage", component=component, variable_instance=action)
    most_bytes = _said(station, size)
    length = len(json.dumps(payload, separators=(",", ":")).encode())
    if most_bytes is not None and length > most_bytes:
        text = _("The station takes %(most)d bytes in one call, this one has %(count)d.")
        return [text % {"most": most_bytes, "count": length}]
    return _more(payload.get(name), _said(station, items))


def _more(items: object, most: int | None) -> list[str]:
    if most is None or not isinstance(items, list) or len(items) <= most:
        return []
    text = _("The station takes %(most)d items in one call, not %(count)d.")
    return [text % {"most": most, "count": len(items)}]


def _said(station: Station, address: Address) -> int | None:
    raw = find_value(station, address) or ""
    return max(1, int(raw)) if raw.isdecimal() and len(raw) < 9 else None
