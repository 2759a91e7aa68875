"""What a batch must know before it decides: read in two steps, set by set."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

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
Cursor = AsyncCursor[Any]
# The numbers of EVSEs and connectors are 16-bit columns.
MOST_PLACES = 2**15
SPEAKS_OF_SESSIONS = (StatusFact, StartFact, MeterFact, StopFact, TransactionFact)


@dataclass(slots=True)
class InboxRow:
    """What a business key was answered before."""

    payload_hash: bytes
    answer: bytes


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

    def move(self, session: SessionState, connector_id: int) -> None:
        """Know a session at another connector."""
        self._at_connector[session.connector_id].remove(session)
        session.connector_id = connector_id
        self._at_connector.setdefault(connector_id, []).append(session)

    def free_place(self, station_id: int) -> ConnectorView | None:
        """Return where a session without a place most likely begins: not where one goes on."""
        taken = {s.connector_id for s in self.open_of(station_id)}
        return self.places.guess(station_id, taken=taken)

    def is_current(self, arrival: Arrival) -> bool:
        """Say whether a frame came over the newest connection of its station."""
        row = self.stations.get(arrival.station.id)
        return row is not None and row.epoch == arrival.station.epoch

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

    A station whose row somebody else holds is left out: it must not make the others wait. The
    statements leave together where the connectors are known already, which is nearly always.
    """
    known = Known(places)
    station_ids = sorted({arrival.station.id for arrival in arrivals})
    locked = await connection.execute(sql.LOCK_STATIONS, (integers(station_ids),))
    await _read_places(connection, set(station_ids), places)
    strange = [(a, place) for a in arrivals for place in _unknown_places(a, places)]
    if strange:
        await _read_stations(locked, known)
        for arrival, place in strange:
            if known.is_current(arrival):
                await _make_place(connection, arrival, place, places)
    inbox = await _ask_inbox(connection, arrivals)
    tokens = await _ask_tokens(connection, arrivals)
    sessions = await _ask_sessions(connection, arrivals, known)
    cables = await _ask_cables(connection, arrivals, known)
    await _read_stations(locked, known)
    await _read_answers(inbox, tokens, known)
    if sessions:
        await _read_sessions(sessions, known)
    if cables:
        for connector_id, occurred_at, cable_id in await cables.fetchall():
            known.cables[connector_id, occurred_at] = cable_id
    return known


async def _read_answers(inbox: Cursor | None, tokens: Cursor | None, known: Known) -> None:
    if inbox:
        for station_id, key, payload_hash, answer in await inbox.fetchall():
            known.inbox[station_id, key] = InboxRow(payload_hash, answer.encode())
    if tokens:
        for operator_id, uid_key, *rest in await tokens.fetchall():
            known.tokens[operator_id, uid_key] = TokenRow(*rest)


async def _read_stations(locked: Cursor, known: Known) -> None:
    for station_id, epoch, registration in await locked.fetchall():
        known.stations[station_id] = StationRow(epoch, registration)


async def _read_places(connection: Connection, station_ids: set[int], places: Places) -> None:
    unread = places.missing(station_ids)
    if not unread:
        return
    rows = await connection.execute(sql.READ_PLACES, (integers(unread),))
    found = await rows.fetchall()
    for station_id in unread:
        places.remember(station_id, None)
    for station_id, *rest in found:
        places.remember(station_id, ConnectorView(*rest))


def _unknown_places(arrival: Arrival, places: Places) -> Iterator[Place]:
    """Yield places a frame speaks of and nobody registered: a fact must have a home."""
    station_id = arrival.station.id
    for fact in arrival.facts.facts:
        place = place_of(fact)
        if place is None and isinstance(fact, TransactionFact) and not places.of(station_id):
            place = Place(1)
        if place is None or place.is_station or places.find(station_id, place):
            continue
        if place.evse < MOST_PLACES and 0 < (place.connector or 1) < MOST_PLACES:
            yield place


async def _make_place(
    connection: Connection, arrival: Arrival, place: Place, places: Places
) -> None:
    row = await connection.execute(
        sql.MAKE_PLACE,
        {
            "operator": arrival.station.operator_id,
            "station": arrival.station.id,
            "evse": place.evse,
            "number": place.connector or 1,
            "code": new_public_code(),
        },
    )
    made = await row.fetchone()
    if made is not None and places.find(arrival.station.id, place) is None:
        places.remember(arrival.station.id, ConnectorView(*made))


async def _ask_inbox(connection: Connection, arrivals: list[Arrival]) -> Cursor | None:
    keyed = [a for a in arrivals if a.facts.key]
    if not keyed:
        return None
    values = (integers([a.station.id for a in keyed]), texts([a.facts.key for a in keyed]))
    return await connection.execute(sql.READ_INBOX, values)


async def _ask_tokens(connection: Connection, arrivals: list[Arrival]) -> Cursor | None:
    tokens = {
        (a.station.operator_id, token.uid.lower())
        for a in arrivals
        for fact in a.facts.facts
        if (token := token_of(fact)) and token.uid
    }
    if not tokens:
        return None
    values = (integers([key[0] for key in tokens]), texts([key[1] for key in tokens]))
    return await connection.execute(sql.READ_TOKENS, values)


async def _ask_sessions(
    connection: Connection, arrivals: list[Arrival], known: Known
) -> Cursor | None:
    connectors = [
        view.id
        for arrival in arrivals
        if any(isinstance(fact, SPEAKS_OF_SESSIONS) for fact in arrival.facts.facts)
        for view in known.places.of(arrival.station.id)
    ]
    named = [
        (arrival.station.id, transaction)
        for arrival in arrivals
        for fact in arrival.facts.facts
        if (transaction := transaction_of(fact))
    ]
    if not connectors and not named:
        return None
    values = (
        integers(connectors),
        integers([station_id for station_id, _ in named]),
        texts([transaction for _, transaction in named]),
    )
    return await connection.execute(sql.READ_SESSIONS, values)


async def _read_sessions(rows: Cursor, known: Known) -> None:
    for row in await rows.fetchall():
        session = SessionState(**dict(zip(sql.SESSION_COLUMNS, row, strict=True)))
        view = known.places.by_id(session.station_id, session.connector_id)
        session.max_power_w = view.max_power_w if view else None
        known.add(session)


async def _ask_cables(
    connection: Connection, arrivals: list[Arrival], known: Known
) -> Cursor | None:
    fitted = _starts(arrivals, known)
    if not fitted:
        return None
    values = (integers([c for c, _ in fitted]), instants([at for _, at in fitted]))
    return await connection.execute(sql.READ_CABLES, values)


def _may_begin(fact: StartFact | TransactionFact) -> bool:
    """Say whether a fact may say where a session begins: at its start, or when plugged in."""
    if isinstance(fact, StartFact):
        return True
    return fact.phase == "started" or fact.trigger == "CablePluggedIn"


def _starts(arrivals: list[Arrival], known: Known) -> list[tuple[int, datetime]]:
    """Return where and when sessions begin: the cable fitted then is theirs."""
    found = []
    for arrival in arrivals:
        for fact in arrival.facts.facts:
            if isinstance(fact, StartFact | TransactionFact) and fact.place:
                view = known.places.find(arrival.station.id, fact.place)
                if view and _may_begin(fact):
                    found.append((view.id, fact.occurred_at))
    return found
