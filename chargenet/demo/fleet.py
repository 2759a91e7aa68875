"""The list of stations the simulator connects: the only place the demo's keys are kept."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chargenet.demo.plan import PlannedStation
from stations import registry
from stations.models import Station

Listed = tuple[PlannedStation, Station, list[str]]


def write_fleet(path: Path, listed: Iterable[Listed]) -> int:
    """Write the simulator's fleet file; returns how many stations it has.

    A station whose key in the file still fits keeps it: a fleet that runs stays connected.
    """
    known = _known_passwords(path)
    stations = [
        _station(planned, _password(station, known.get(station.identity, "")), tokens)
        for planned, station, tokens in listed
    ]
    write_private(path, {"format": 1, "stations": stations})
    return len(stations)


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file that only we may read, in one step."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    draft.replace(path)


def read_private(path: Path) -> dict[str, Any]:
    """Return such a file's content; nothing where it is missing or broken."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _known_passwords(path: Path) -> dict[str, str]:
    stations = read_private(path).get("stations", [])
    return {each["identity"]: each["password"] for each in stations}


def _password(station: Station, known: str) -> str:
    if known and registry.check_password(station.password_hash, known.encode()):
        return known
    password = registry.new_password()
    registry.set_password(station, password)
    return password


def _station(planned: PlannedStation, password: str, tokens: list[str]) -> dict[str, Any]:
    make = planned.make
    return {
        "identity": planned.identity,
        "password": password,
        "ocpp": planned.ocpp_version,
        "site": planned.site.name,
        "vendor": make.vendor,
        "model": make.model,
        "serial": planned.serial_number,
        "firmware": make.firmware,
        "tokens": tokens,
        "connectors": [
            {
                "number": number,
                "kind": "tethered" if cable_type else "socket",
                "current": make.current,
                "max_power_kw": make.power_kw,
                "phases": 3,
            }
            for number, (_, cable_type) in enumerate(make.connectors, start=1)
        ],
    }
