"""What a batch must know before it decides: read in two steps, set by set."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from stations.metering.facts import (
    AuthorizeFact,
    Fact,
    MeterFact,
    Place,
    StartFact,
    StatusFact,
    StopFact,
    TokenFact,
    TransactionFact,
)
from stations.metering.lifecycle import SessionState
from stations.registry import new_public_code
from stations.sessions import statements as sql
from stations.sessions.arrays import instants, integers, texts
from stations.sessions.arrivals import Arrival
from stations.sessions.places import ConnectorView, Places

Connection = AsyncConnection[Any]
SPEAKS_OF_SESSIONS = (StatusFact, StartFact, MeterFact, StopFact, TransactionFact)


@dataclass(slots=True)
class InboxRow:
    """What a business key was answered before."""

    payload_hash: bytes
    answer: bytes
    has_conflict: bool


@dataclass(slots=True)
class TokenRow:
    """A token of an operator."""

    id: int
    driver_id: int | None
    is_blocked: bool
    valid_until: datetime | None


@dataclass(slots=True)
class StationRow:
    """What the store says of a station now."""

    epoch: int
    registration: str


@dataclass(slots=True)
class Known:
    """Everything a batch decides from."""

    places: Places
    stations: dict[int, StationRow] = field(default_factory=dict)
    inbox: dict[tuple[int, str], InboxRow] = field(default_factory=dict)
    tokens: dict[tuple[int, str], TokenRow] = field(default_factory=dict)
    sessions: dict[tuple[int, str], SessionState] = field(default_factory=dict)
    cables: dict[tuple[int, datetime], int] = field(default_factory=dict)
    _at_connector: dict[int, list[SessionState]] = field(default_factory=dict)
    _of_station: dict[int, list[SessionState]] = field(default_factory=dict)

    def add(self, session: SessionState) -> None:
        """Know a session by its number, its connector and its station."""
        self.sessions[session.station_id, session.transaction] = session
        self._at_connector.setdefault(session.connector_id, []).append(session)
        self._of_station.setdefault(session.station_id, []).append(session)

    def open_at(self, connector_id: int) -> list[SessionState]:
        """Return the sessions that go on at a connector."""
        return [s for s in self._at_connector.get(connector_id, ()) if s.is_open]

    def open_of(self, station_id: int) -> list[SessionState]:
        """Return the sessions that go on at a station."""
        return [s for s in self._of_station.get(station_id, ()) if s.is_open]


def token_of(fact: Fact) -> TokenFact | None:
    """Return the token a fact presents."""
    if isinstance(fact, AuthorizeFact | StartFact | StopFact | TransactionFact):
        return fact.token
    return None


def place_of(fact: Fact) -> Place | None:
    """Return the place a fact speaks of."""
    if isinstance(fact, StatusFact | StartFact | MeterFact | TransactionFact):
        return fact.place
    return None


def transaction_of(fact: Fact) -> str:
    """Return the station's number of the session a fact speaks of."""
    if isinstance(fact, MeterFact | StopFact | TransactionFact):
        return fact.transaction
    return ""


async def read_known(connection: Connection, arrivals: list[Arrival], places: Places) -> Known:
    """Return what a batch must know; the stations' rows stay locked until it commits.

    A station whose row somebody else holds is left out: it must not make the others wait.
    """
    known = Known(places)
    await _read_first(connection, arrivals, known)
    await _make_missing_places(connection, arrivals, places)
    await _read_sessions(connection, arrivals, known)
    return known


async def _read_first(connection: Connection, arrivals: list[Arrival], known: Known) -> None:
    station_ids = sorted({arrival.station.id for arrival in arrivals})
    keyed = [a for a in arrivals if a.facts.key]
    tokens = {
        (a.station.operator_id, token.uid.lower())
        for a in arrivals
        for fact in a.facts.facts
        if (token := token_of(fact)) and token.uid
    }
    unread = known.places.missing(set(station_ids))
    async with connection.pipeline():
        stations = await connection.execute(sql.LOCK_STATIONS, (integers(station_ids),))
        inbox = keyed and await connection.execute(
            sql.READ_INBOX,
            (integers([a.station.id for a in keyed]), texts([a.facts.key for a in keyed])),
        )
        found = tokens and await connection.execute(
            sql.READ_TOKENS,
            (integers([key[0] for key in tokens]), texts([key[1] for key in tokens])),
        )
        connectors = unread and await connection.execute(sql.READ_PLACES, (integers(unread),))
    for station_id, epoch, registration in await stations.fetchall():
        known.stations[station_id] = StationRow(epoch, registration)
    if inbox:
        for station_id, key, payload_hash, answer, conflict in await inbox.fetchall():
            known.inbox[station_id, key] = InboxRow(payload_hash, answer.encode(), conflict)
    if found:
        for operator_id, uid_key, *rest in await found.fetchall():
            known.tokens[operator_id, uid_key] = TokenRow(*rest)
    if connectors:
        for station_id in unread:
            known.places.remember(station_id, None)
        for station_id, *rest in await connectors.fetchall():
            known.places.remember(station_id, ConnectorView(*rest))


async def _make_missing_places(
    connection: Connection, arrivals: list[Arrival], places: Places
) -> None:
    """Make rows for places a station speaks of and nobody registered: a fact has a home."""
    for arrival in arrivals:
        for fact in arrival.facts.facts:
            place = place_of(fact)
            station_id = arrival.station.id
            needs_any = isinstance(fact, TransactionFact) and place is None
            if needs_any and not places.of(station_id):
                place = Place(1)
            if place is None or place.is_station or places.find(station_id, place):
                continue
            number = place.connector or 1
            if not (0 < place.evse < 2**15 and 0 < number < 2**15):
                continue
            row = await connection.execute(
                sql.MAKE_PLACE,
                {
                    "operator": arrival.station.operator_id,
                    "station": station_id,
                    "evse": place.evse,
                    "number": number,
                    "code": new_public_code(),
                },
            )
            made = await row.fetchone()
            if made is not None:
                places.remember(station_id, ConnectorView(*made))


def _starts(arrivals: list[Arrival], known: Known) -> list[tuple[int, datetime]]:
    """Return where and when sessions begin: the cable fitted then is theirs."""
    found = []
    for arrival in arrivals:
        for fact in arrival.facts.facts:
            if isinstance(fact, StartFact | TransactionFact) and fact.place:
                view = known.places.find(arrival.station.id, fact.place)
                if view and (isinstance(fact, StartFact) or fact.phase == "started"):
                    found.append((view.id, fact.occurred_at))
    return found


async def _read_sessions(connection: Connection, arrivals: list[Arrival], known: Known) -> None:
    connectors = {
        view.id: view
        for arrival in arrivals
        if any(isinstance(fact, SPEAKS_OF_SESSIONS) for fact in arrival.facts.facts)
        for view in known.places.of(arrival.station.id)
    }
    named = [
        (arrival.station.id, transaction)
        for arrival in arrivals
        for fact in arrival.facts.facts
        if (transaction := transaction_of(fact))
    ]
    fitted = _starts(arrivals, known)
    if not connectors and not named:
        return
    async with connection.pipeline():
        rows = await connection.execute(
            sql.READ_SESSIONS,
            (
                integers(list(connectors)),
                integers([station_id for station_id, _ in named]),
                texts([transaction for _, transaction in named]),
            ),
        )
        cables = fitted and await connection.execute(
            sql.READ_CABLES,
            (integers([c for c, _ in fitted]), instants([at for _, at in fitted])),
        )
    for row in await rows.fetchall():
        session = SessionState(**dict(zip(sql.SESSION_COLUMNS, row, strict=True)))
        view = connectors.get(session.connector_id)
        session.max_power_w = view.max_power_w if view else None
        known.add(session)
    if cables:
        for connector_id, occurred_at, cable_id in await cables.fetchall():
            known.cables[connector_id, occurred_at] = cable_id
