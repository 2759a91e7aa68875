"""Stations of a trial as a file has them: JSON to places, refused by name."""

from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from faults.engine.fleet.places import ConnectorPlace, StationPlace

VERSIONS = ("1.6", "2.0.1", "2.1")
WORDS = {str: "a text", int: "a whole number of 0 or more", bool: "true or false"}


class PlacesRefused(ValueError):
    """A list of stations cannot be read: which value, and what is wrong with it."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.path = path


def read_places(written: object) -> list[StationPlace]:
    """Return the stations of a JSON list; raises PlacesRefused.

    [{"name", "site"?, "operator"?, "network"?, "version"?, "vendor"?, "model"?, "firmware"?,
    "time_zone"?, "heartbeat_interval_s"?, "has_shared_power"?, "connectors"?: [{"evse",
    "connector"?, "max_power_w"?, "is_dc"?, "has_cable"?}]}]
    """
    if not isinstance(written, list):
        raise PlacesRefused("$", "a list of stations is wanted")
    places = [_station(one, f"[{number}]") for number, one in enumerate(written)]
    names = [place.name for place in places]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise PlacesRefused(f"[{number}].name", f"{name!r} stands twice")
    return places


def _station(written: object, path: str) -> StationPlace:
    said = _object(written, StationPlace, path)
    sockets = said.pop("connectors", [])
    if not isinstance(sockets, list):
        raise PlacesRefused(f"{path}.connectors", "a list is wanted")
    connectors = tuple(
        ConnectorPlace(**_object(one, ConnectorPlace, f"{path}.connectors[{number}]"))
        for number, one in enumerate(sockets)
    )
    if not said.get("name"):
        raise PlacesRefused(f"{path}.name", "is missing")
    if said.get("version", "1.6") not in VERSIONS:
        raise PlacesRefused(f"{path}.version", f"is none of {', '.join(VERSIONS)}")
    try:
        ZoneInfo(said.get("time_zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PlacesRefused(f"{path}.time_zone", "is unknown") from error
    return StationPlace(**said, connectors=connectors)


def _object(written: object, kind: type[Any], path: str) -> dict[str, Any]:
    if not isinstance(written, dict):
        raise PlacesRefused(path, "an object is wanted")
    known = {one.name: one for one in fields(kind)}
    said: dict[str, Any] = {}
    for name, value in written.items():
        if name not in known:
            raise PlacesRefused(f"{path}.{name}", f"is unknown; known: {', '.join(known)}")
        default = known[name].default
        if name != "connectors":
            _check(value, _kind(name, default), f"{path}.{name}")
        said[name] = value
    if kind is ConnectorPlace and "evse" not in said:
        raise PlacesRefused(f"{path}.evse", "is missing")
    return said


def _kind(name: str, default: object) -> type:
    if isinstance(default, bool):
        return bool
    return int if isinstance(default, int) or name in {"evse", "max_power_w"} else str


def _check(value: object, kind: type, path: str) -> None:
    is_right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not is_right or (isinstance(value, int) and value < 0):
        raise PlacesRefused(path, f"{WORDS[kind]} is wanted")
