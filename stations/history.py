"""Charging that happened before us, or elsewhere: its places and its sessions."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from chargenet.core.models import Operator
from stations import registry
from stations.metering.session_list import ListedSession
from stations.models import CableFitting, Connector, Evse, Location, Session, Station, Token

SOURCE: Final = "import"
# Keeps list ids apart from what stations number themselves.
TRANSACTION_PREFIX: Final = "import:"
UNNAMED_SITE: Final = "Imported stations"
PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_.~*-]+", re.ASCII)
LONGEST_IDENTITY: Final = 48
BATCH: Final = 2000

PlaceKey = tuple[str, int]
# When a cable came to a connector, when it went, and which.
Fitting = tuple[datetime, datetime | None, int]


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


def make_tokens(*, operator: Operator, uids: Iterable[str]) -> dict[str, Token]:
    """Return a token for each customer id of a list, made where it is missing."""
    uids = list(uids)
    Token.objects.bulk_create(
        (Token(operator=operator, uid=uid, label=uid[:80]) for uid in uids),
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    keys = {uid.lower(): None for uid in uids}
    known = {
        token.uid_key: token
        for token in Token.objects.filter(operator=operator, uid_key__in=list(keys))
    }
    return {uid: known[uid.lower()] for uid in uids}


def count_known(rows: Sequence[ListedSession], places: Mapping[PlaceKey, PlaceIds]) -> int:
    """Return how many of these rows are stored already."""
    return len(_known(rows, places))


@transaction.atomic
def record_sessions(
    *,
    operator: Operator,
    rows: Sequence[ListedSession],
    flags: Mapping[int, str],
    places: Mapping[PlaceKey, PlaceIds],
    tokens: Mapping[str, Token],
    as_of: datetime,
) -> int:
    """Store rows of a list as sessions; return how many were stored already.

    A flagged row is kept as such and never billed. `flags` goes by line.
    """
    known = _known(rows, places)
    fittings = _fittings({places[row.station, row.connector].connector_id for row in rows})
    missing = []
    for row in rows:
        place = places[row.station, row.connector]
        if _key(place, row) not in known:
            session = _session(row, flags.get(row.line, ""), tokens.get(row.customer))
            session.operator, session.received_at = operator, as_of
            session.station_id, session.connector_id = place.station_id, place.connector_id
            session.cable_id = _cable_at(fittings.get(place.connector_id, ()), row.started_at)
            missing.append(session)
    Session.objects.bulk_create(missing, ignore_conflicts=True, batch_size=BATCH)
    return len(known)


def _key(place: PlaceIds, row: ListedSession) -> tuple[int, str]:
    return place.station_id, TRANSACTION_PREFIX + row.session


def _known(
    rows: Sequence[ListedSession], places: Mapping[PlaceKey, PlaceIds]
) -> set[tuple[int, str]]:
    keys = {
        _key(place, row)
        for row in rows
        if (place := places.get((row.station, row.connector))) is not None
    }
    found = Session.objects.filter(
        station_id__in={station_id for station_id, _ in keys},
        ocpp_transaction_id__in=[transaction_id for _, transaction_id in keys],
    )
    return keys & set(found.values_list("station_id", "ocpp_transaction_id"))


def _fittings(connector_ids: Iterable[int]) -> dict[int, list[Fitting]]:
    found: dict[int, list[Fitting]] = {}
    rows = CableFitting.objects.filter(connector_id__in=connector_ids)
    for fitting in rows:
        found.setdefault(fitting.connector_id, []).append(
            (fitting.fitted_at, fitting.removed_at, fitting.cable_id)
        )
    return found


def _cable_at(fittings: Iterable[Fitting], at: datetime) -> int | None:
    for fitted_at, removed_at, cable_id in fittings:
        if fitted_at <= at and (removed_at is None or at < removed_at):
            return cable_id
    return None


def _session(row: ListedSession, flag: str, token: Token | None) -> Session:
    is_whole = row.ended_at is not None and row.ended_at >= row.started_at
    ended_at = row.ended_at if is_whole else None
    return Session(
        token=token,
        driver_id=token.driver_id if token else None,
        id_tag=token.uid if token else "",
        ocpp_transaction_id=TRANSACTION_PREFIX + row.session,
        state=Session.State.FLAGGED if flag else Session.State.COMPLETED,
        started_at=row.started_at,
        ended_at=ended_at,
        # What the sweeps of today look at is today's: history was completed when it ended.
        completed_at=ended_at,
        energy_wh=row.energy_wh if (row.energy_wh or 0) >= 0 else None,
        flags=[flag] if flag else [],
        source=SOURCE,
    )


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
