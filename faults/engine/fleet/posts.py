"""One station of a trial: what its facts made of it, and what no rule has counted yet."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from faults.engine.fleet import readings
from faults.engine.fleet.attendance import Attendance
from faults.engine.fleet.news import News, Once, device_event, emergency
from faults.engine.fleet.places import (
    ConnectFact,
    ConnectorPlace,
    DisconnectFact,
    Spot,
    StationPlace,
    card_of,
)
from faults.engine.fleet.talks import Talk, Talks, outcome_of, whole_station
from faults.engine.looking import Key
from faults.engine.memory import Held, Memories
from faults.rules import instants
from faults.rules.facts import Card, Notice, Probe, StatusSign
from faults.rules.measuring import measure
from stations.metering.facts import (
    BootFact,
    Fact,
    MeterFact,
    NoticeFact,
    Place,
    Reading,
    StartFact,
    StatusFact,
    StopFact,
    TransactionFact,
)
from stations.metering.lifecycle import GAP

DEVICE_EVENT = "device_event"
EMERGENCY = "EmergencyStop"
ABNORMAL_STOPS = frozenset({EMERGENCY, "GroundFault", "OvercurrentFault", "PowerQuality"})
Told = Fact | ConnectFact | DisconnectFact


@dataclass(slots=True, eq=False)
class Post:
    """One station: its present state, its sessions, and what its rules remember."""

    id: int
    place: StationPlace
    numbers: Iterator[int]
    site_id: int = 0
    operator_id: int = 0
    spots: dict[tuple[int, int], Spot] = field(default_factory=dict)
    card: Card = field(default_factory=Card)
    status: str = ""
    is_online: bool = False
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    power_lost_at: datetime | None = None
    history: list[Held] = field(default_factory=list)
    last_seen_at: datetime | None = None
    heartbeat_interval_s: int = 300
    probe: Probe | None = None
    attendance: Attendance = field(default_factory=Attendance)
    news: News = field(default_factory=News)
    memories: Memories = field(default_factory=Memories)
    conditions: dict[Key, Held] = field(default_factory=dict)
    due: datetime | None = None
    usage_at: datetime | None = None
    skews: deque[timedelta] = field(default_factory=lambda: deque(maxlen=10))
    _delays: deque[timedelta] = field(default_factory=lambda: deque(maxlen=10))
    once: Once = field(default_factory=Once)
    talks: Talks = field(init=False)

    def __post_init__(self) -> None:
        """Set up the connectors that are known beforehand."""
        self.talks = Talks(self.id, self.numbers)
        self.card = card_of(self.place, None)
        self.heartbeat_interval_s = self.place.heartbeat_interval_s
        for connector in self.place.connectors:
            self._add(connector)

    def take(self, fact: Told, received_at: datetime) -> str:
        """Apply one fact; returns our number of the session it began, if it began one."""
        if not isinstance(fact, DisconnectFact):
            self._heard(received_at)
        handle = _HANDLERS.get(type(fact))
        return (handle(self, fact, received_at) if handle else None) or ""

    def spot(self, place: Place | None) -> Spot | None:
        """Return the connector of a place, None for the station itself; unknown ones are added."""
        if whole_station(place) or place is None:
            return None
        if place.connector is None:
            at_evse = [one for one in self.spots.values() if one.evse == place.evse]
            if at_evse:
                return at_evse[0]
        number = place.connector or 1
        found = self.spots.get((place.evse, number))
        return found or self._add(ConnectorPlace(evse=place.evse, connector=number))

    def spot_at(self, number: int) -> Spot:
        """Return the connector of a number that counts a station's connectors through."""
        spot = self.spot(Place(number))
        assert spot is not None, "a connector's number is 1 or more"
        return spot

    def spot_of(self, connector_id: int) -> Spot | None:
        """Return the connector of an id."""
        return next((one for one in self.spots.values() if one.id == connector_id), None)

    def is_clock_trusted(self) -> bool:
        """Return whether the station's clock orders its own facts."""
        return instants.is_clock_trusted(list(self._delays))

    def cards(self) -> Mapping[int | None, Card]:
        """Return what is written on the station and its connectors."""
        return {None: self.card, **{spot.id: spot.card for spot in self.spots.values()}}

    def take_news(self) -> News:
        """Return what no rule has counted, and count from anew."""
        news, self.news = self.news, News()
        return news

    def note(
        self, kind: str, spot: Spot | None, at: datetime, received_at: datetime, **detail: object
    ) -> None:
        """Add a notice of our own."""
        self.news.notices.append(
            Notice(
                id=next(self.numbers),
                kind=kind,
                connector_id=spot.id if spot else None,
                detail=detail,
                occurred_at=at,
                received_at=received_at,
            )
        )

    def fit_cable(self, spot: Spot, at: datetime) -> None:
        """Fit another cable: the baselines of the one before count no more."""
        spot.card = replace(spot.card, cable_id=next(self.numbers), cable_since=at)

    def _add(self, place: ConnectorPlace) -> Spot:
        spot = Spot(next(self.numbers), place.evse, place.connector, card_of(self.place, place))
        self.spots[place.evse, place.connector] = spot
        return spot

    def _heard(self, received_at: datetime) -> None:
        if self.last_seen_at is None or received_at > self.last_seen_at:
            self.last_seen_at = received_at
        if not self.is_online:
            # a recording need not say that a socket opened
            self.is_online, self.connected_at = True, received_at
            self.news.is_other = True

    def _connect(self, _: ConnectFact, at: datetime) -> None:
        self.is_online, self.connected_at = True, at
        self.note("connected", None, at, at)

    def _disconnect(self, fact: DisconnectFact, at: datetime) -> None:
        if self.is_online:
            self.is_online, self.disconnected_at = False, at
            self.note("disconnected", None, at, at, code=fact.code)

    def _boot(self, fact: BootFact, at: datetime) -> None:
        self.card = replace(
            self.card,
            vendor=fact.vendor or self.card.vendor,
            model=fact.model or self.card.model,
            firmware=fact.firmware_version or self.card.firmware,
        )
        for spot in self.spots.values():
            spot.card = replace(
                spot.card,
                vendor=self.card.vendor,
                model=self.card.model,
                firmware=self.card.firmware,
            )
        self.note("boot", None, at, at, reason=fact.reason, firmware=fact.firmware_version)

    def _status(self, fact: StatusFact, received_at: datetime) -> None:
        spot = self.spot(fact.place)
        self._delays.append(received_at - fact.occurred_at)
        if not instants.was_queued(fact.occurred_at, received_at, self.connected_at):
            self.skews.append(received_at - fact.occurred_at)
        self.news.signs.append(
            StatusSign(
                id=next(self.numbers),
                connector_id=spot.id if spot else None,
                status=fact.status,
                error_code=fact.error_code,
                vendor_error_code=fact.vendor_error_code,
                vendor_id=fact.vendor_id,
                detail=fact.info,
                occurred_at=fact.occurred_at,
                received_at=received_at,
            )
        )
        if spot is None:
            self.status = fact.status
            return
        if spot.status_at is None or spot.status_at <= fact.occurred_at:
            spot.status, spot.status_at = fact.status, fact.occurred_at
        is_16 = self.place.version == "1.6"
        self.talks.note_status(spot.id, fact.status, fact.occurred_at, is_16=is_16, at=received_at)
        self._take_ended()

    def _start(self, fact: StartFact, received_at: datetime) -> str:
        spot = self.spot(fact.place) or self.spot(Place(1))
        assert spot is not None, "evse 1 is no station"
        number = self.talks.start(fact, spot.id, spot.card.max_power_w, received_at)
        self.news.is_other = True
        self._take_ended()
        return number

    def _meter(self, fact: MeterFact, received_at: datetime) -> None:
        spot = self.spot(fact.place)
        talk = self.talks.meter(fact.transaction, spot.id if spot else None, fact.readings)
        self._look_at(fact.readings, spot, talk, received_at)

    def _stop(self, fact: StopFact, received_at: datetime) -> None:
        self._ended(self.talks.stop(fact, received_at), fact.reason, received_at)

    def _event(self, fact: TransactionFact, received_at: datetime) -> None:
        if fact.seq_no is not None and self.once.is_repeated(
            f"event:{fact.transaction}:{fact.seq_no}:{fact.phase}:{fact.occurred_at}"
        ):
            return
        known = self.talks.known.get(fact.transaction)
        spot = self.spot(fact.place)
        if spot is None and known is not None:
            spot = self.spot_of(known.state.connector_id)
        spot = spot or next(iter(self.spots.values()), None) or self.spot(Place(1))
        assert spot is not None, "evse 1 is no station"
        was_open, stood = known is not None and known.state.is_open, known.stands if known else ""
        had_gap = known is not None and GAP in known.state.flags
        talk = self.talks.event(fact, spot.id, spot.card.max_power_w, received_at)
        self._look_at(fact.readings, spot, talk, received_at)
        if GAP in talk.state.flags and not had_gap:
            self.note(GAP, spot, fact.occurred_at, received_at, transaction=fact.transaction)
        self.news.is_other |= fact.phase == "started" or talk.stands != stood
        if fact.phase == "ended" and was_open:
            self._ended(talk, fact.stopped_reason, received_at)
        else:
            self._take_ended()

    def _ended(self, talk: Talk | None, reason: str, received_at: datetime) -> None:
        if talk is not None and reason in ABNORMAL_STOPS:
            at = talk.state.ended_at or received_at
            spot = self.spot_of(talk.state.connector_id)
            self.note("abnormal_stop", spot, at, received_at, reason=reason)
            if reason == EMERGENCY:
                self.news.events += emergency(self.numbers, at, received_at)
        self._take_ended()

    def _take_ended(self) -> None:
        for talk in self.talks.take_ended():
            outcome = outcome_of(talk)
            spot = self.spot_of(talk.state.connector_id)
            if outcome is not None and spot is not None:
                measures = measure(talk.samples, spot.card) if talk.samples else None
                self.news.sessions.append(replace(outcome, measures=measures))
            talk.samples.clear()

    def _look_at(
        self, taken: tuple[Reading, ...], spot: Spot | None, talk: Talk | None, at: datetime
    ) -> None:
        if spot is None and talk is not None:
            spot = self.spot_of(talk.state.connector_id)
        found = readings.told(taken, spot, talk, at) if spot is not None else None
        if found is not None:
            self.note(readings.READING, spot, found[0], at, **found[1])

    def _notice(self, fact: NoticeFact, received_at: datetime) -> None:
        spot = self.spot(fact.place)
        if fact.source_id and self.once.is_repeated(f"notice:{fact.kind}:{fact.source_id}"):
            return
        self.attendance.note(fact, received_at)
        if fact.kind != DEVICE_EVENT:
            self.note(fact.kind, spot, fact.occurred_at, received_at, **dict(fact.detail))
            return
        event = device_event(next(self.numbers), spot.id if spot else None, fact, received_at)
        self.news.events.append(event)
        self.talks.warm(event)


_HANDLERS: Mapping[type, Callable[[Post, Any, datetime], str | None]] = {
    MeterFact: Post._meter,
    StatusFact: Post._status,
    StartFact: Post._start,
    StopFact: Post._stop,
    TransactionFact: Post._event,
    NoticeFact: Post._notice,
    BootFact: Post._boot,
    ConnectFact: Post._connect,
    DisconnectFact: Post._disconnect,
}
