"""What a batch must know before it decides: asked in one step, set by set."""

from dataclasses import dataclass, field
from datetime import datetime

from stations.metering.facts import Place
from stations.metering.lifecycle import SessionState
from stations.registry import new_public_code
from stations.sessions import statements as sql
from stations.sessions.arrivals import Arrival
from stations.sessions.needs import Needs, find_needs
from stations.sessions.packed import bigints, instants, texts
from stations.sessions.places import ConnectorView, Places
from stations.sessions.talk import Asked, Talk


@dataclass(slots=True)
class InboxRow:
    """What a business key was answered before."""

    payload_hash: bytes
    answer: bytes


@dataclass(slots=True)
class TokenRow:
    """A token of an operator; `charges_at` are connectors, where a second session is forbidden."""

    id: int
    driver_id: int | None
    is_blocked: bool
    valid_until: datetime | None
    group: str = ""
    charges_at: list[int] | None = None


@dataclass(slots=True)
class StationRow:
    """What the store says of a station now."""

    epoch: int
    registration: str


@dataclass(slots=True)
class Known:
    """Everything a batch decides from; `mark` is what rows written by it will bear."""

    places: Places
    mark: int = 0
    stations: dict[int, StationRow] = field(default_factory=dict)
    inbox: dict[tuple[int, str], InboxRow] = field(default_factory=dict)
    tokens: dict[tuple[int, str], TokenRow] = field(default_factory=dict)
    sessions: dict[tuple[int, str], SessionState] = field(default_factory=dict)
    cables: dict[tuple[int, datetime], int] = field(default_factory=dict)
    _of_station: dict[int, list[SessionState]] = field(default_factory=dict)

    def add(self, session: SessionState) -> None:
        """Know a session by its number and its station."""
        self.sessions[session.station_id, session.transaction] = session
        self._of_station.setdefault(session.station_id, []).append(session)

    def move(self, session: SessionState, connector_id: int) -> None:
        """Know a session at another connector."""
        session.connector_id = connector_id

    def free_place(self, station_id: int) -> ConnectorView | None:
        """Return where a session without a place most likely begins: not where one goes on."""
        taken = {s.connector_id for s in self.open_of(station_id)}
        return self.places.guess(station_id, taken=taken)

    def settle(self) -> None:
        """Remember the open sessions as they are written now."""
        for station_id, sessions in self._of_station.items():
            for session in sessions:
                if session.is_changed or session.is_metered:
                    session.mark = self.mark
                    session.is_changed = session.is_metered = False
            self.places.sessions[station_id] = [s for s in sessions if s.is_open]

    def is_current(self, arrival: Arrival) -> bool:
        """Say whether a frame came over the newest connection of its station."""
        row = self.stations.get(arrival.station.id)
        return row is not None and row.epoch == arrival.station.epoch

    def open_at(self, station_id: int, connector_id: int) -> list[SessionState]:
        """Return the sessions that go on at a connector."""
        known = self._of_station.get(station_id, ())
        return [s for s in known if s.connector_id == connector_id and s.is_open]

    def open_of(self, station_id: int) -> list[SessionState]:
        """Return the sessions that go on at a station."""
        return [s for s in self._of_station.get(station_id, ()) if s.is_open]


@dataclass(slots=True)
class Questions:
    """What was asked, to be read once it is answered."""

    locked: Asked
    inbox: Asked | None = None
    tokens: Asked | None = None
    cables: Asked | None = None
    marks: Asked | None = None
    # Stations whose sessions are compared with what we believe, and those read in full.
    fresh: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)


async def read_known(
    talk: Talk, arrivals: list[Arrival], places: Places, *, is_careful: bool
) -> Known:
    """Return what a batch must know; the stations' rows stay locked until it commits.

    A station whose row somebody else holds is left out: it must not make the others wait. A
    careful batch also asks what was answered before; otherwise that is asked only for the first
    frames of a connection, and a repetition among the others shows when its key is written twice.
    """
    station_ids = sorted({arrival.station.id for arrival in arrivals})
    places.refresh(station_ids)
    known = Known(places)
    questions = Questions(talk.ask(sql.LOCK_STATIONS, (bigints(station_ids),)))
    await _read_places(talk, set(station_ids), places)
    needs = find_needs(arrivals, places, is_careful=is_careful)
    if needs.strange:
        await talk.hear()
        _read_stations(talk, questions.locked, known)
        for arrival, place in needs.strange:
            if known.is_current(arrival):
                await _make_place(talk, arrival, place, places)
        needs = find_needs(arrivals, places, is_careful=is_careful)
    _ask(talk, needs, places, questions)
    await talk.hear()
    if not known.stations:
        _read_stations(talk, questions.locked, known)
    _read_answers(talk, questions, known)
    stale = [*questions.stale, *_read_marks(talk, questions, known)]
    if stale:
        asked = _ask_sessions(talk, {s: needs.stations[s] for s in stale}, places)
        await talk.hear()
        _read_sessions(talk, asked, known, stale)
    return known


# --- asking and reading --------------------------------------------------------------------


def _ask(talk: Talk, needs: Needs, places: Places, questions: Questions) -> None:
    if needs.keyed:
        values = (
            bigints([a.station.id for a in needs.keyed]),
            texts([a.facts.key for a in needs.keyed]),
        )
        questions.inbox = talk.ask(sql.READ_INBOX, values)
    if needs.tokens:
        tokens = list(needs.tokens)
        values = (bigints([key[0] for key in tokens]), texts([key[1] for key in tokens]))
        questions.tokens = talk.ask(sql.READ_TOKENS, values)
    if needs.starts:
        at = (bigints([c for c, _ in needs.starts]), instants([at for _, at in needs.starts]))
        questions.cables = talk.ask(sql.READ_CABLES, at)
    connectors: list[int] = []
    for station_id, named in needs.stations.items():
        cached = places.sessions.get(station_id)
        if cached is None or not {s.transaction for s in cached}.issuperset(named):
            questions.stale.append(station_id)
        else:
            questions.fresh.append(station_id)
            connectors += [view.id for view in places.of(station_id)]
    if connectors:
        questions.marks = talk.ask(sql.READ_MARKS, (bigints(connectors),))


def _read_stations(talk: Talk, locked: Asked, known: Known) -> None:
    for station_id, epoch, registration, mark in talk.rows(locked):
        known.stations[station_id] = StationRow(epoch, registration)
        known.mark = mark


def _read_answers(talk: Talk, questions: Questions, known: Known) -> None:
    for station_id, key, payload_hash, answer in talk.rows(questions.inbox):
        known.inbox[station_id, key] = InboxRow(payload_hash, answer.encode())
    for operator_id, uid_key, *rest in talk.rows(questions.tokens):
        known.tokens[operator_id, uid_key] = TokenRow(*rest)
    for connector_id, occurred_at, cable_id in talk.rows(questions.cables):
        known.cables[connector_id, occurred_at] = cable_id


def _read_marks(talk: Talk, questions: Questions, known: Known) -> list[int]:
    """Believe the cached sessions whose rows nobody else wrote; returns the other stations."""
    found: dict[int, dict[int, int]] = {}
    for station_id, session_id, mark in talk.rows(questions.marks):
        found.setdefault(station_id, {})[session_id] = mark
    stale = []
    for station_id in questions.fresh:
        cached = known.places.sessions.get(station_id, [])
        if {s.id: s.mark for s in cached} == found.get(station_id, {}):
            for session in cached:
                known.add(session)
        else:
            stale.append(station_id)
    return stale


async def _read_places(talk: Talk, station_ids: set[int], places: Places) -> None:
    unread = places.missing(station_ids)
    if not unread:
        return
    asked = talk.ask(sql.READ_PLACES, (bigints(unread),))
    await talk.hear()
    for station_id in unread:
        places.remember(station_id, None)
    for station_id, *rest in talk.rows(asked):
        places.remember(station_id, ConnectorView(*rest))


async def _make_place(talk: Talk, arrival: Arrival, place: Place, places: Places) -> None:
    station = arrival.station
    made = talk.ask(
        sql.MAKE_PLACE,
        (
            str(station.operator_id),
            str(station.id),
            str(place.evse),
            str(place.connector or 1),
            new_public_code(),
        ),
    )
    await talk.hear()
    for row in talk.rows(made):
        if places.find(station.id, place) is None:
            places.remember(station.id, ConnectorView(*row))


def _ask_sessions(talk: Talk, needed: dict[int, list[str]], places: Places) -> Asked:
    connectors = [view.id for station_id in needed for view in places.of(station_id)]
    named = [(station_id, name) for station_id, names in needed.items() for name in names]
    values = (
        bigints(connectors),
        bigints([station_id for station_id, _ in named]),
        texts([name for _, name in named]),
    )
    return talk.ask(sql.READ_SESSIONS, values)


def _read_sessions(talk: Talk, asked: Asked, known: Known, stations: list[int]) -> None:
    for station_id in stations:
        known.places.sessions[station_id] = []
    for *row, mark in talk.rows(asked):
        session = SessionState(**dict(zip(sql.SESSION_COLUMNS, row, strict=True)))
        session.mark = mark
        view = known.places.by_id(session.station_id, session.connector_id)
        session.max_power_w = view.max_power_w if view else None
        known.add(session)
