"""What goes wrong in one world, drawn from its seed: the truth, which only the judge is given."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.bench.faults.world.kinds import KINDS, Kind
from tests.bench.faults.world.places import Connector, Site, Station

HOUR, DAY = 3600.0, 86_400.0
TEST_SEEDS = 100
EASY_SHARE = 0.6


@dataclass(slots=True)
class Trouble:
    """One thing that goes wrong: where, from when to when (seconds), and how badly."""

    kind: Kind
    site: Site | None
    station: Station | None
    connector: Connector | None
    onset: float
    end: float
    values: dict[str, float] = field(default_factory=dict)
    # Stations it holds where it is wider than a site.
    stations: tuple[Station, ...] = ()
    first_effect: float | None = None
    # Each time it could be seen from outside.
    shown: list[float] = field(default_factory=list)

    def shows(self, second: float) -> None:
        """Note when it can be seen from outside."""
        self.first_effect = second if self.first_effect is None else min(second, self.first_effect)
        self.shown.append(second)

    def holds(self, second: float) -> bool:
        """Return whether it is wrong at an instant."""
        return self.onset <= second < self.end

    @property
    def scope_key(self) -> str:
        """Return the place as a word."""
        if self.connector is not None:
            return f"connector:{self.connector.id}"
        if self.station is not None:
            return f"station:{self.station.id}"
        return f"site:{self.site.id}" if self.site is not None else self.kind.scope

    def touches(self, station: Station) -> bool:
        """Return whether a station is in it."""
        if self.stations:
            return station in self.stations
        if self.station is not None:
            return self.station is station
        return self.site is station.site


@dataclass(slots=True)
class Scenario:
    """All troubles of a world, and where to find those of one place."""

    troubles: list[Trouble]

    def of_station(self, station: Station) -> list[Trouble]:
        """Return what goes wrong at a station, wherever it comes from."""
        return [one for one in self.troubles if one.touches(station)]


def draw(
    rng: Random, sites: list[Site], *, seed: int, days: int, density: float = 1.0
) -> Scenario:
    """Return the scenario of a seed; `days` of the world are played, `density` times as bad."""
    is_test = seed >= TEST_SEEDS
    size = sum(len(station.connectors) for site in sites for station in site.stations)
    scale = density * size / 200 * days / 60
    troubles: list[Trouble] = []
    wanted = sorted(_wanted(rng, is_test=is_test, scale=scale), key=_hardest_to_place)
    for kind in wanted:
        trouble = _placed(rng, kind, sites, troubles, days)
        if trouble is not None:
            trouble.values = {
                name: _drawn(rng, bounds, is_test=is_test) for name, bounds in kind.ranges.items()
            }
            troubles.append(trouble)
    return Scenario(troubles)


def _hardest_to_place(kind: Kind) -> tuple[bool, bool, str]:
    return (kind.scope not in {"network", "cohort"}, kind.scope != "site", kind.need)


def _wanted(rng: Random, *, is_test: bool, scale: float) -> Iterator[Kind]:
    for kind in KINDS:
        if kind.is_held_out and not is_test:
            continue
        count = kind.share * scale
        yield from [kind] * (int(count) + (rng.random() < count % 1))


def _drawn(rng: Random, bounds: tuple[float, float], *, is_test: bool) -> float:
    easy, hard = bounds
    share = rng.uniform(EASY_SHARE, 1.0) if is_test else rng.uniform(0.0, EASY_SHARE)
    return easy + share * (hard - easy)


def _placed(
    rng: Random, kind: Kind, sites: list[Site], others: list[Trouble], days: int
) -> Trouble | None:
    """Return a trouble where and when nothing else is wrong, None if no such place is found."""
    for _ in range(60):
        where = _place(rng, kind, sites)
        if where is None:
            continue
        site, station, connector, stations = where
        # baselines of sixty sessions need time; what is reported may come on the second day
        first = 0.04 if kind.early else 0.4
        onset = rng.uniform(first, 0.62 if kind.hours[1] > 200 else 0.9) * days * DAY
        end = onset + rng.uniform(*kind.hours) * HOUR
        trouble = Trouble(kind, site, station, connector, onset, end, stations=stations)
        if not any(_collides(trouble, other) for other in others):
            return trouble
    return None


Where = tuple[Site | None, Station | None, Connector | None, tuple[Station, ...]]


def _place(rng: Random, kind: Kind, sites: list[Site]) -> Where | None:
    everywhere = [station for site in sites for station in site.stations]
    if kind.scope == "network":
        carried = rng.choice(sorted({station.network for station in everywhere}))
        held = tuple(one for one in everywhere if one.network == carried)
        return (None, None, None, held) if len(held) >= 8 else None
    if kind.scope == "cohort":
        model = rng.choice(everywhere)
        told = model.make, model.firmware
        held = tuple(one for one in everywhere if (one.make, one.firmware) == told)
        return (None, None, None, held) if len(held) >= 6 else None
    site = rng.choice(sites)
    if kind.scope == "site":
        return (site, None, None, ()) if len(site.stations) >= 2 else None
    station = rng.choice(site.stations)
    connector = rng.choice(station.connectors)
    if not _suits(kind, site, station, connector):
        return None
    return site, station, connector if kind.scope == "connector" else None, ()


def _suits(kind: Kind, site: Site, station: Station, connector: Connector) -> bool:
    rate = site.a_day / sum(len(one.connectors) for one in site.stations)
    make = station.make
    return {
        "": True,
        "site": True,
        "busy": rate >= 2.0,
        "used": rate >= 0.8,
        "temperature": make.has_temperature and rate >= 1.2 and (make.is_dc or kind.code != "F22"),
        "modules": make.is_dc and make.modules > 1 and rate >= 1.0 and not make.hides_codes,
        "phases": not make.is_dc and rate >= 1.2,
        "finishing": make.has_finishing and make.version == "1.6",
        # in 1.6 a start does not say by which door it came
        "app": make.version != "1.6" and rate >= 2.0,
    }[kind.need]


def _collides(one: Trouble, other: Trouble) -> bool:
    """Return whether two troubles could be taken for each other; a day of peace lies between."""
    rest = DAY
    if one.end + rest < other.onset or other.end + rest < one.onset:
        return False
    mine, theirs = _stations(one), _stations(other)
    if not mine & theirs:
        return False
    is_same_kind_of_place = one.connector is not None and other.connector is not None
    return one.connector is other.connector if is_same_kind_of_place else True


def _stations(one: Trouble) -> set[int]:
    if one.stations:
        return {station.id for station in one.stations}
    if one.station is not None:
        return {one.station.id}
    return {station.id for station in one.site.stations} if one.site is not None else set()
