"""Sites, stations and connectors that a session list speaks of."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from chargenet.core.models import Operator
from stations import registry
from stations.metering.session_list import ListedSession
from stations.models import Connector, Evse, Location, Station

UNNAMED_SITE: Final = "Imported stations"
PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_.~*-]+", re.ASCII)
LONGEST_IDENTITY: Final = 48
BATCH: Final = 2000

PlaceKey = tuple[str, int]


class PlaceTaken(Exception):
    """Another operator already has a station of this identity."""


@dataclass
class Survey:
    """What a list is about, gathered row by row: places, customers and the time it spans."""

    rows: int = 0
    sites: dict[str, None] = field(default_factory=dict)
    # station of the list: (start of the row that said it, site, model)
    stations: dict[str, tuple[datetime, str, str]] = field(default_factory=dict)
    places: dict[PlaceKey, None] = field(default_factory=dict)
    customers: dict[str, None] = field(default_factory=dict)
    first_start: datetime | None = None
    last_end: datetime | None = None
    rounded: int = 0

    def add(self, row: ListedSession) -> None:
        """Take in one row: the latest one says where a station stands now."""
        site = row.site or UNNAMED_SITE
        self.rows += 1
        self.rounded += row.is_rounded
        self.sites.setdefault(site)
        self.places.setdefault((row.station, row.connector))
        known = self.stations.get(row.station)
        if known is None or row.started_at >= known[0]:
            self.stations[row.station] = (row.started_at, site, row.model)
        if row.customer:
            self.customers.setdefault(row.customer)
        last = max(row.started_at, row.ended_at or row.started_at)
        self.first_start = min(self.first_start or row.started_at, row.started_at)
        self.last_end = max(self.last_end or last, last)


@dataclass(frozen=True, slots=True)
class PlaceIds:
    """The rows that stand for one connector of a list."""

    station_id: int
    connector_id: int


def identity_of(operator: Operator, station: str) -> str:
    """Return the identity of a station we know only from a list.

    A slug has no dot, so two operators can never mean the same one.
    """
    plain = f"{operator.slug}.{station}"
    if len(plain) <= LONGEST_IDENTITY and PLAIN_ID.fullmatch(station):
        return plain
    digest = hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()
    return f"{operator.slug[:15]}.{digest}"


def find_stations(operator: Operator, names: Iterable[str]) -> dict[str, int]:
    """Return the station id of each name of a list that is known: registered, or imported."""
    wanted = {name: (name, identity_of(operator, name)) for name in names}
    identities = [identity for pair in wanted.values() for identity in pair]
    rows = Station.objects.filter(operator=operator, identity__in=identities)
    known = dict(rows.values_list("identity", "pk"))
    return {
        name: known.get(own) or known[listed]
        for name, (own, listed) in wanted.items()
        if own in known or listed in known
    }


def find_places(operator: Operator, survey: Survey) -> dict[PlaceKey, PlaceIds]:
    """Return the rows of every known place of a list."""
    stations = find_stations(operator, survey.stations)
    rows = Connector.objects.filter(station_id__in=stations.values(), number=1)
    connectors = {
        (station_id, number): pk
        for pk, station_id, number in rows.values_list("pk", "station_id", "evse__number")
    }
    return {
        (station, number): PlaceIds(stations[station], connectors[stations[station], number])
        for station, number in survey.places
        if (stations.get(station), number) in connectors
    }


@transaction.atomic
def make_places(*, operator: Operator, survey: Survey, time_zone: str) -> dict[PlaceKey, PlaceIds]:
    """Make the missing sites, stations, EVSEs and connectors of a list; return all its places.

    A station made here is inactive: it has books, but no socket that could fall silent. Raises
    PlaceTaken.
    """
    locations = _make_sites(operator, survey.sites, time_zone)
    _make_stations(operator, survey, locations)
    stations = find_stations(operator, survey.stations)
    for name in survey.stations:
        if name not in stations:
            raise PlaceTaken(f"{identity_of(operator, name)} is another operator's station")
    _make_connectors(operator, [(stations[name], number) for name, number in survey.places])
    places = find_places(operator, survey)
    assert len(places) == len(survey.places), "every place of the list has been made"
    return places


def _make_sites(operator: Operator, names: Iterable[str], time_zone: str) -> dict[str, int]:
    names = list(names)
    Location.objects.bulk_create(
        (
            Location(operator=operator, name=name, country=operator.country, timezone=time_zone)
            for name in names
        ),
        ignore_conflicts=True,
    )
    rows = Location.objects.filter(operator=operator, name__in=names)
    return dict(rows.values_list("name", "pk"))


def _make_stations(operator: Operator, survey: Survey, locations: Mapping[str, int]) -> None:
    known = find_stations(operator, survey.stations)
    Station.objects.bulk_create(
        (
            Station(
                operator=operator,
                location_id=locations[site],
                identity=identity_of(operator, name),
                name=name,
                model=model,
                is_active=False,
            )
            for name, (_, site, model) in survey.stations.items()
            if name not in known
        ),
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def _make_connectors(operator: Operator, places: Iterable[tuple[int, int]]) -> None:
    """Make an EVSE with one connector for each (station id, number) that has none."""
    places = list(places)
    Evse.objects.bulk_create(
        (Evse(operator=operator, station_id=pk, number=number) for pk, number in places),
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    bare = Evse.objects.filter(station_id__in={pk for pk, _ in places}, connectors__isnull=True)
    Connector.objects.bulk_create(
        (
            Connector(
                operator=operator,
                station_id=evse.station_id,
                evse=evse,
                number=1,
                public_code=registry.new_public_code(),
            )
            for evse in bare
        ),
        batch_size=BATCH,
    )
