"""A whole world from a seed: its network, its scenario, and everything that comes in, in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.bench.faults.world import arrivals, outages, places, scenario
from tests.bench.faults.world.line import Message
from tests.bench.faults.world.places import Connector, Site
from tests.bench.faults.world.scenario import Scenario, Trouble
from tests.bench.faults.world.stage import Stage

# Seeds below this tune; they draw their drivers from before the split of the real data.
FIRST_OTHER_SEED = 10
DAY = 86_400.0


@dataclass(slots=True)
class World:
    """A network and what happens to it; `is_clean` leaves out every trouble.

    `density` is how many times as much goes wrong as in the published worlds.
    """

    seed: int
    days: int
    size: int
    is_clean: bool = False
    density: float = 1.0
    begin: datetime = field(init=False)
    sites: list[Site] = field(init=False)
    scenario: Scenario = field(init=False)

    def __post_init__(self) -> None:
        """Draw the network and the scenario."""
        # the first Monday of 2024, a quarter later with each seed
        self.begin = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(weeks=13 * (self.seed % 4))
        self.sites = places.build(Random(f"{self.seed}:places"), self.size)
        self.scenario = Scenario([])
        if not self.is_clean:
            self.scenario = scenario.draw(
                Random(f"{self.seed}:scenario"),
                self.sites,
                seed=self.seed,
                days=self.days,
                density=self.density,
            )

    def messages(self) -> Iterator[Message]:
        """Yield everything that comes in, in the order of receipt."""
        book = arrivals.open_book(after_split=self.seed >= FIRST_OTHER_SEED)
        ours = outages.our_own(Random(f"{self.seed}:ours"), self.days)
        stages = [
            Stage(
                Random(f"{self.seed}:site:{site.id}"),
                site,
                self.scenario,
                book=book,
                begin=self.begin,
                days=self.days,
                ours=ours,
            )
            for site in self.sites
        ]
        waiting: list[Message] = []
        for day in range(self.days):
            for stage in stages:
                waiting += stage.day(day)
            # a station's line is behind by less than a second
            until = (day + 1) * DAY - 2
            waiting.sort(key=_order)
            index = _first_after(waiting, until)
            yield from waiting[:index]
            waiting = waiting[index:]

    def described(self) -> dict[str, Any]:
        """Return what an operator knows of a network beforehand."""
        return {
            "begin": self.begin.isoformat(),
            "stations": [
                {
                    "id": station.id,
                    "site": site.id,
                    "version": station.make.version,
                    "vendor": station.make.vendor,
                    "model": station.make.model,
                    "firmware": station.firmware,
                    "network": station.network,
                    "heartbeat_s": places.HEARTBEAT_S,
                    "shares_power": station.make.shares_power,
                    "connectors": [
                        {"id": one.id, "evse": one.evse, "power_w": one.power_w,
                         "is_dc": station.make.is_dc}
                        for one in station.connectors
                    ],
                }
                for site in self.sites
                for station in site.stations
            ],
        }  # fmt: skip

    def truth(self) -> dict[str, Any]:
        """Return what the judge must know; true once all messages were drawn."""
        troubles = [_told(one) for one in self.scenario.troubles]
        return {
            "troubles": sorted(troubles, key=lambda one: str(one["onset"])),
            "stations_of_site": {
                str(site.id): [station.id for station in site.stations] for site in self.sites
            },
            "rates": {str(one.id): len(one.attempts) / self.days for one in self._connectors()},
            "attempts": {
                str(one.id): [round(at) for at in one.attempts] for one in self._connectors()
            },
            "charged": {
                str(one.id): [[round(since), round(until)] for since, until in one.charged]
                for one in self._connectors()
            },
            "tries_of": {
                str(one.id): [[round(at), token, charged] for at, token, charged in one.tries]
                for one in self._connectors()
            },
            "sick": sorted(
                {driver.token for site in self.sites for driver in site.locals if driver.is_sick}
            ),
        }  # fmt: skip

    def _connectors(self) -> Iterator[Connector]:
        for site in self.sites:
            for station in site.stations:
                yield from station.connectors


def _order(message: Message) -> tuple[float, int, int]:
    return message[0], message[2], message[1]


def _first_after(waiting: list[Message], until: float) -> int:
    low, high = 0, len(waiting)
    while low < high:
        middle = (low + high) // 2
        if waiting[middle][0] < until:
            low = middle + 1
        else:
            high = middle
    return low


def _told(trouble: Trouble) -> dict[str, Any]:
    kind = trouble.kind
    return {
        "kind": kind.name,
        "code": kind.code,
        "codes": sorted(kind.codes),
        "also": sorted(kind.also),
        "row": kind.row,
        "severity": kind.severity,
        "blame": kind.blame,
        "is_held_out": kind.is_held_out,
        "scope": kind.scope,
        "scope_key": trouble.scope_key,
        "stations": _stations_of(trouble),
        "connectors": _connectors_of(trouble),
        "onset": trouble.onset,
        "end": trouble.end,
        "first_effect": trouble.first_effect,
        "shown": sorted(round(at) for at in trouble.shown)[:2000],
        "values": trouble.values,
        "is_dc": trouble.station.make.is_dc if trouble.station else None,
        "version": trouble.station.make.version if trouble.station else None,
    }


def _stations_of(trouble: Trouble) -> list[int]:
    if trouble.stations:
        return [station.id for station in trouble.stations]
    if trouble.station is not None:
        return [trouble.station.id]
    return [station.id for station in trouble.site.stations] if trouble.site else []


def _connectors_of(trouble: Trouble) -> list[int]:
    if trouble.connector is not None:
        return [trouble.connector.id]
    stations = trouble.stations or ([trouble.station] if trouble.station else [])
    if not stations and trouble.site is not None:
        stations = trouble.site.stations
    return [one.id for station in stations if station for one in station.connectors]
