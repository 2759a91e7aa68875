"""Configuration keys of 1.6 and variables of 2.x (blocks B05, B06)."""

from collections.abc import Mapping
from typing import Any, Final

from stations import commands
from stations.ocpp.calls.said import Payload, Said, Words, given, of_both


def _get_16(payload: Payload, _: int) -> Said:
    keys = [str(key) for key in payload.get("keys") or ()]
    return "GetConfiguration", {"key": keys} if keys else {}


def _get_2(payload: Payload, _: int) -> Said:
    return "GetVariables", {"getVariableData": [_variable(one) for one in payload["variables"]]}


def _set_16(payload: Payload, _: int) -> Said:
    return "ChangeConfiguration", {"key": str(payload["key"]), "value": _said(payload["value"])}


def _set_2(payload: Payload, _: int) -> Said:
    data = [
        {**_variable(one), "attributeValue": _said(one["value"])} for one in payload["variables"]
    ]
    return "SetVariables", {"setVariableData": data}


def _said(value: object) -> str:
    """Return a value as the wire has it: every one is text there."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _variable(one: Mapping[str, Any]) -> Payload:
    evse = one.get("evse")
    place = given(id=int(evse), connectorId=one.get("connector")) if evse else None
    return given(
        component=given(name=one["component"], instance=one.get("instance"), evse=place),
        variable=given(name=one["variable"], instance=one.get("variable_instance")),
        attributeType=one.get("attribute"),
    )


WORDS: Final[Words] = {
    **of_both(commands.GET_CONFIGURATION, _get_16, _get_2),
    **of_both(commands.SET_CONFIGURATION, _set_16, _set_2),
}
