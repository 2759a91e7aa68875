"""What a gateway knows of makes and their quirks: read at the door, renewed by the sweep."""

from collections import defaultdict
from dataclasses import dataclass
from sys import intern
from typing import Any

from psycopg import AsyncConnection

from stations import quirks as verbs
from stations.metering import quirks
from stations.metering.facts import BootFact, StationView
from stations.metering.quirks import QuirkRule, Quirks

MAKES = """
SELECT s.id, s.vendor, s.model, s.firmware_version, l.timezone
FROM stations_station s LEFT JOIN stations_location l ON l.id = s.location_id
WHERE s.id = ANY(%s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Make:
    """What a station is, as it said at its last boot, and where it stands."""

    vendor: str
    model: str
    firmware: str
    time_zone: str


class QuirkBook:
    """The quirks of every operator, and the makes of the stations that came."""

    def __init__(self) -> None:
        self._common: tuple[QuirkRule, ...] | None = None
        self._own: dict[int, tuple[QuirkRule, ...]] = {}
        self._makes: dict[int, Make] = {}
        self._matched: dict[tuple[int, str, str, str], Quirks] = {}

    async def read_makes(self, connection: AsyncConnection[Any], station_ids: list[int]) -> None:
        """Learn the makes of stations that knock; the quirks too, when they are not known yet."""
        if self._common is None:
            await self.refresh(connection)
        rows = await connection.execute(MAKES, (station_ids,))
        for station_id, vendor, model, firmware, zone in await rows.fetchall():
            self._makes[station_id] = Make(
                intern(vendor), intern(model), intern(firmware), intern(zone or "UTC")
            )

    async def refresh(self, connection: AsyncConnection[Any]) -> None:
        """Read every quirk anew; a change an operator made holds from here on."""
        found: dict[int, list[QuirkRule]] = defaultdict(list)
        for operator_id, rule in await verbs.read_rules(connection):
            found[operator_id].append(rule)
        self._common = tuple(found.pop(0, ()))
        self._own = {operator_id: tuple(rules) for operator_id, rules in found.items()}
        self._matched.clear()

    def dress(self, view: StationView) -> None:
        """Give a station what its make is known for."""
        make = self._makes.get(view.id)
        if make is None:
            return
        view.time_zone = make.time_zone
        key = (view.operator_id, make.vendor, make.model, make.firmware)
        matched = self._matched.get(key)
        if matched is None:
            matched = self._matched[key] = quirks.match(
                self._own.get(view.operator_id, self._common or ()),
                vendor=make.vendor,
                model=make.model,
                firmware=make.firmware,
            )
        view.quirks = matched

    def learn(self, view: StationView, boot: BootFact) -> None:
        """Take what a station said at boot: new firmware may have other quirks."""
        before = self._makes.get(view.id)
        zone = before.time_zone if before else "UTC"
        self._makes[view.id] = Make(
            intern(boot.vendor), intern(boot.model), intern(boot.firmware_version), zone
        )
        self.dress(view)
