"""How a station is asked for its settings and told new ones, in its version's words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from stations.models import OcppVersion, Station
from stations.variables.address import Address
from stations.variables.rows import find_value

Call = tuple[str, dict[str, Any]]
# What every station takes at once; some of 2.x say that they take fewer.
MOST_VARIABLES, MOST_KEYS = 10, 20
LONGEST_VALUE: Final = 1000
LONGEST_KEY_VALUE: Final = 500
LONGEST_KEY: Final = 50


class CannotSay(ValueError):
    """A setting that the station's version has no words for."""


def set_call(station: Station, address: Address, value: str) -> Call:
    """Return the call that changes a setting; raises CannotSay."""
    if station.ocpp_version == OcppVersion.V16:
        if address.component or len(address.variable) > LONGEST_KEY:
            raise CannotSay(_("OCPP 1.6 knows keys of at most 50 characters, and no components."))
        if len(value) > LONGEST_KEY_VALUE:
            raise CannotSay(_("OCPP 1.6 takes values of at most 500 characters."))
        return "ChangeConfiguration", {"key": address.variable, "value": value}
    if not address.component:
        raise CannotSay(_("OCPP 2 wants the component of a variable."))
    if len(value) > LONGEST_VALUE:
        raise CannotSay(_("OCPP 2 takes values of at most 1000 characters."))
    row: dict[str, Any] = {
        "attributeValue": value,
        "component": address.component_payload(),
        "variable": address.variable_payload(),
    }
    if address.attribute != "Actual":
        row["attributeType"] = address.attribute
    return "SetVariables", {"setVariableData": [row]}


def read_calls(station: Station, addresses: Sequence[Address]) -> Iterator[Call]:
    """Yield the calls that read settings, each no longer than the station takes (B06.FR.05)."""
    if station.ocpp_version == OcppVersion.V16:
        for part in _parts(addresses, _limit(station, "GetConfigurationMaxKeys", MOST_KEYS)):
            yield "GetConfiguration", {"key": [each.variable for each in part]}
        return
    for part in _parts(addresses, _limit(station, "ItemsPerMessage", MOST_VARIABLES)):
        yield "GetVariables", {"getVariableData": [_asked(each) for each in part]}


def report_call(station: Station, request_id: int) -> Call:
    """Return the call that makes a station tell everything it is set to (B07)."""
    if station.ocpp_version == OcppVersion.V16:
        return "GetConfiguration", {}
    return "GetBaseReport", {"requestId": request_id, "reportBase": "FullInventory"}


def _asked(address: Address) -> dict[str, Any]:
    row: dict[str, Any] = {
        "component": address.component_payload(),
        "variable": address.variable_payload(),
    }
    return row | ({"attributeType": address.attribute} if address.attribute != "Actual" else {})


def _limit(station: Station, name: str, most: int) -> int:
    """Return how many settings one call may name, as the station itself says."""
    if station.ocpp_version == OcppVersion.V16:
        raw = find_value(station, Address(name))
    else:
        limit = Address(name, component="DeviceDataCtrlr", variable_instance="GetVariables")
        raw = find_value(station, limit)
    return max(1, min(int(raw), most)) if raw and raw.isdecimal() and len(raw) < 6 else most


def _parts(addresses: Iterable[Address], size: int) -> Iterator[list[Address]]:
    rest = iter(addresses)
    while part := list(islice(rest, size)):
        yield part
