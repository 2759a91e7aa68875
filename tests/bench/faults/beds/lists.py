"""Real session lists, as a network and its sessions in the order they ended."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.faults.world.arrivals import PKC, QUALICHARGE, SHARED

WORKPLACE = SHARED / "workplace_sessions_2014-11_2015-10.csv.gz"
SPLIT = datetime(2018, 9, 1, tzinfo=UTC)
# A sample of one in ten sessions: only the busiest can be watched at all.
MOST_EVSES = 300


@dataclass(frozen=True, slots=True)
class Listed:
    """One session of a list."""

    site: str
    station: str
    connector: int
    began: datetime
    ended: datetime
    energy_wh: int
    token: str = ""
    model: str = ""

    @property
    def place(self) -> tuple[str, int]:
        """Return its connector."""
        return self.station, self.connector


def read(name: str, *, after_split: bool) -> list[Listed]:
    """Return the sessions of a list; raises FileNotFoundError where it is not at hand."""
    rows = {"pkc": _pkc, "qualicharge": _qualicharge, "workplace": _workplace}[name]()
    found = sorted(rows, key=lambda one: (one.ended, one.station, one.connector))
    if name == "pkc":
        found = [one for one in found if (one.began >= SPLIT) is after_split]
        # the last days hold three rows of the year after
        found = [one for one in found if one.ended < datetime(2019, 9, 1, tzinfo=UTC)]
    return found


def _pkc() -> Iterator[Listed]:
    for row in _rows(PKC):
        if not row["end"] or not row["kwh"]:
            continue
        yield from _whole(
            Listed(
                site=row["site"],
                station=row["station_id"],
                connector=int(row["connector_id"] or 1),
                began=_at(row["start"]),
                ended=_at(row["end"]),
                energy_wh=round(float(row["kwh"]) * 1000),
                model=row["model"],
            )
        )


def _qualicharge() -> Iterator[Listed]:
    rows = list(_rows(QUALICHARGE))
    busiest = dict(Counter(row["evse_id"] for row in rows).most_common(MOST_EVSES))
    for row in rows:
        if row["evse_id"] in busiest:
            energy_wh = round(float(row["kwh"]) * 1000)
            evse, began, ended = row["evse_id"], _at(row["start"]), _at(row["end"])
            yield from _whole(Listed(evse, evse, 1, began, ended, energy_wh))


def _workplace() -> Iterator[Listed]:
    for row in _rows(WORKPLACE):
        energy_wh = round(float(row["kwh"]) * 1000)
        began, ended = _at(row["start"]), _at(row["end"])
        station, token = row["station_id"], row["user_id"]
        yield from _whole(Listed(row["site"], station, 1, began, ended, energy_wh, token))


def _whole(one: Listed) -> Iterator[Listed]:
    if one.began.year >= 2014 and one.ended >= one.began and one.energy_wh >= 0:
        yield replace(one, ended=min(one.ended, one.began + timedelta(days=7)))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") as lines:
        yield from csv.DictReader(lines)


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def network(sessions: list[Listed]) -> dict[str, Any]:
    """Return what an operator knows of the places of a list."""
    places: dict[str, dict[str, Any]] = {}
    numbers = connector_ids(sessions)
    for one in sessions:
        station = places.setdefault(
            one.station,
            {
                "id": one.station, "site": one.site, "version": "1.6", "vendor": "",
                "model": one.model, "firmware": "", "network": "", "heartbeat_s": 300,
                "shares_power": False, "connectors": {},
            },
        )  # fmt: skip
        rated = _rated(one.model)
        station["connectors"][one.connector] = {
            "id": numbers[one.place], "evse": one.connector, "power_w": rated,
            "is_dc": "Rapid" in one.model,
        }  # fmt: skip
    stations = [{**one, "connectors": list(one["connectors"].values())} for one in places.values()]
    return {"begin": sessions[0].began.isoformat(), "stations": stations}


def connector_ids(sessions: list[Listed]) -> dict[tuple[str, int], int]:
    """Return a number for each connector of a list."""
    return {place: 1 + number for number, place in enumerate(sorted({s.place for s in sessions}))}


def _rated(model: str) -> int | None:
    if "Rapid" in model:
        return 50_000
    return 22_000 if "22" in model else 7_400 if model else None
