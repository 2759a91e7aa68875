"""What all baselines need: sessions put together from facts, and a book of tickets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from faults.engine.fleet import DisconnectFact, StationPlace
from stations.metering import facts


@dataclass(slots=True)
class Session:
    """A session as one may put it together; `place` is station and EVSE."""

    place: tuple[str, str]
    began: datetime
    token: str = ""
    first_wh: int | None = None
    last_wh: int | None = None
    ended: datetime | None = None
    most_w: int = 0
    hottest: float = -99.0
    reason: str = ""

    @property
    def energy_wh(self) -> int:
        """Return what the register says was given."""
        if self.first_wh is None or self.last_wh is None:
            return 0
        return self.last_wh - self.first_wh

    @property
    def seconds(self) -> float:
        """Return how long it lasted."""
        return (self.ended - self.began).total_seconds() if self.ended else 0.0


@dataclass(slots=True)
class Ticket:
    """What a baseline would have told somebody."""

    place: tuple[str, str]
    word: str
    opened: datetime
    closed: datetime | None = None


@dataclass
class Baseline:
    """A rule set that hears facts; its tickets have no severity: every one is told."""

    places: list[StationPlace]
    ids: dict[tuple[str, str], int]
    found: list[Ticket] = field(default_factory=list)
    running: dict[str, Session] = field(default_factory=dict)
    open: dict[tuple[tuple[str, str], str], Ticket] = field(default_factory=dict)
    NAME: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Set up what a rule set keeps."""

    def hear(self, heard: Iterable[tuple[datetime, str, Any, str]]) -> None:
        """Take a batch of facts."""
        for at, station, told, number in heard:
            if not isinstance(told, tuple) and not hasattr(told, "facts"):
                self._listed(station, told, at)
                continue
            for fact in getattr(told, "facts", told):
                kind = type(fact)
                if kind is facts.HeartbeatFact:
                    continue
                if kind is facts.StatusFact:
                    self.on_status(station, fact, at)
                elif kind is DisconnectFact:
                    self.on_gone(station, at)
                else:
                    self._session(station, fact, at, number)

    def on_status(self, station: str, fact: facts.StatusFact, at: datetime) -> None:
        """Take a state."""

    def on_gone(self, station: str, at: datetime) -> None:
        """Take that a socket closed."""

    def on_session(self, session: Session, at: datetime) -> None:
        """Take a session that ended."""

    def on_sample(self, session: Session, reading: facts.Reading, at: datetime) -> None:
        """Take one sample of a session."""

    def tell(self, place: tuple[str, str], word: str, at: datetime) -> None:
        """Open a ticket, unless the same is open."""
        if (place, word) not in self.open:
            self.open[place, word] = ticket = Ticket(place, word, at)
            self.found.append(ticket)

    def well(self, place: tuple[str, str], word: str, at: datetime) -> None:
        """Close a ticket."""
        ticket = self.open.pop((place, word), None)
        if ticket is not None:
            ticket.closed = at

    def tickets(self, begin: datetime) -> list[dict[str, Any]]:
        """Return what was told, in the judge's terms."""
        return [
            {
                "word": one.word,
                "scope_key": self._key(one.place),
                "opened": (one.opened - begin).total_seconds(),
                "closed": (one.closed - begin).total_seconds() if one.closed else None,
            }
            for one in self.found
        ]

    def _key(self, place: tuple[str, str]) -> str:
        found = self.ids.get(place)
        return f"connector:{found}" if found is not None else f"station:{place[0]}"

    def _listed(self, station: str, told: Any, at: datetime) -> None:
        place = (station, str(told.connector))
        one = Session(place, told.began, told.token, first_wh=0, last_wh=told.energy_wh)
        one.ended = told.ended
        self.on_session(one, at)

    def _session(self, station: str, fact: Any, at: datetime, number: str) -> None:
        if isinstance(fact, facts.StartFact):
            place = (station, str(fact.place.evse))
            key = f"{station}:{fact.place.evse}"
            self.running[key] = Session(place, at, fact.token.uid, first_wh=fact.register_wh)
        elif isinstance(fact, facts.MeterFact) and fact.transaction and fact.place:
            self._meter(f"{station}:{fact.place.evse}", fact.readings, at)
        elif isinstance(fact, facts.StopFact):
            for key in [one for one in self._of(station) if self._is_meant(one, fact)][:1]:
                self._ended(key, fact.register_wh, fact.reason, at)
        elif isinstance(fact, facts.TransactionFact) and fact.place:
            self._event(station, fact, at)

    def _event(self, station: str, fact: facts.TransactionFact, at: datetime) -> None:
        assert fact.place is not None, "asked only with a place"
        key = f"{station}:{fact.place.evse}"
        if fact.phase == "started":
            token = fact.token.uid if fact.token else ""
            self.running[key] = Session((station, str(fact.place.evse)), at, token)
        self._meter(key, fact.readings, at)
        if fact.phase == "ended" and key in self.running:
            self._ended(key, None, fact.stopped_reason, at)

    def _of(self, station: str) -> Iterator[str]:
        yield from (key for key in list(self.running) if key.startswith(f"{station}:"))

    def _is_meant(self, key: str, fact: facts.StopFact) -> bool:
        # a stop does not say where: the session whose register comes next before it
        last = self.running[key].last_wh or self.running[key].first_wh or 0
        return fact.register_wh is None or abs(fact.register_wh - last) < 20_000

    def _meter(self, key: str, readings: Iterable[facts.Reading], at: datetime) -> None:
        session = self.running.get(key)
        if session is None:
            return
        for reading in readings:
            if reading.energy_wh is not None:
                session.last_wh = reading.energy_wh
                session.first_wh = session.first_wh or reading.energy_wh
            session.most_w = max(session.most_w, reading.power_w or 0)
            if reading.temperature_c is not None:
                session.hottest = max(session.hottest, float(reading.temperature_c))
            self.on_sample(session, reading, at)

    def _ended(self, key: str, register_wh: int | None, reason: str, at: datetime) -> None:
        session = self.running.pop(key)
        session.last_wh = register_wh if register_wh is not None else session.last_wh
        session.ended, session.reason = at, reason
        self.on_session(session, at)
