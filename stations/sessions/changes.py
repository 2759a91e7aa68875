"""What a batch will write, gathered while its frames are decided."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chargenet.core.events import Event, News
from stations.metering.facts import (
    BootFact,
    NoticeFact,
    Reading,
    ReportFact,
    StatusFact,
    StopFact,
)
from stations.metering.lifecycle import SessionState
from stations.sessions.arrivals import Arrival, Recorded
from stations.sessions.places import ConnectorView

# How often the sign of life is written; a frame of its own does not touch the station's row.
SEEN_EVERY = timedelta(seconds=10)


@dataclass(slots=True)
class Answered:
    """A business key, what it was answered, and the session it is about."""

    arrival: Arrival
    key: str
    recorded: Recorded
    session: SessionState | None


@dataclass(slots=True)
class Sampled:
    """A reading at a connector, in a session or outside one."""

    arrival: Arrival
    connector_id: int
    session: SessionState | None
    reading: Reading


@dataclass(slots=True)
class Noticed:
    """A notice, at a connector or at the station."""

    arrival: Arrival
    notice: NoticeFact
    connector_id: int | None


@dataclass(slots=True)
class Reported:
    """A status a station reported."""

    arrival: Arrival
    fact: StatusFact
    connector_id: int | None


@dataclass(slots=True)
class Changes:
    """The rows of one batch, by what they tell."""

    frames: list[tuple[Arrival, bytes]] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    duplicates: list[Arrival] = field(default_factory=list)
    conflicts: list[tuple[Arrival, str]] = field(default_factory=list)
    begun: list[SessionState] = field(default_factory=list)
    ended: list[SessionState] = field(default_factory=list)
    samples: list[Sampled] = field(default_factory=list)
    statuses: list[Reported] = field(default_factory=list)
    notices: list[Noticed] = field(default_factory=list)
    orphans: list[tuple[Arrival, StopFact]] = field(default_factory=list)
    boots: list[tuple[Arrival, BootFact]] = field(default_factory=list)
    reports: list[tuple[Arrival, ReportFact]] = field(default_factory=list)
    seen: dict[int, datetime] = field(default_factory=dict)

    def keep_exchange(self, arrival: Arrival, recorded: Recorded) -> None:
        """Keep the raw frame and its answer, and now and then that the station lives."""
        recorded.frame = arrival.wrap(recorded.answer)
        self.frames.append((arrival, recorded.frame))
        station, now = arrival.station, arrival.received_at
        if station.seen_at is None or now - station.seen_at >= SEEN_EVERY:
            station.seen_at = now
            self.seen[station.id] = now

    def answer_key(
        self, arrival: Arrival, recorded: Recorded, session: SessionState | None
    ) -> None:
        """Remember what a business key was answered; a frame set aside always has a row."""
        key = arrival.facts.key
        if not key and recorded.state == "set_aside":
            key = f"aside:{arrival.received_at.isoformat()}:{arrival.payload_hash.hex()}"
        if key:
            self.answered.append(Answered(arrival, key, recorded, session))

    def keep_conflict(self, arrival: Arrival) -> None:
        """Keep a frame that contradicts the one its key was answered for."""
        frame = arrival.raw.decode("utf-8", "replace").replace("\x00", "").replace("\\u0000", "")
        content = {"frame": frame, "received_at": arrival.received_at.isoformat()}
        self.conflicts.append((arrival, json.dumps(content)))

    def set_aside(self, arrival: Arrival) -> None:
        """Tell of a frame that could not be stored as what it means."""
        notice = NoticeFact(
            kind="frame_set_aside",
            occurred_at=arrival.received_at,
            detail={"action": arrival.action, "reason": arrival.failure[:200]},
        )
        self.notices.append(Noticed(arrival, notice, None))

    def sample(
        self,
        arrival: Arrival,
        connector_id: int,
        session: SessionState | None,
        readings: tuple[Reading, ...],
    ) -> None:
        """Add readings."""
        self.samples += [Sampled(arrival, connector_id, session, r) for r in readings]

    def status(self, arrival: Arrival, fact: StatusFact, view: ConnectorView | None) -> None:
        """Add a status, and let it be the present one unless a newer one is known."""
        self.statuses.append(Reported(arrival, fact, view.id if view else None))
        if view and (view.status_at is None or view.status_at <= fact.occurred_at):
            view.status, view.status_at = fact.status, fact.occurred_at

    def orphan(self, arrival: Arrival, fact: StopFact) -> None:
        """Keep a stop without a session, and tell of it."""
        self.orphans.append((arrival, fact))
        notice = NoticeFact(
            kind="orphan_stop",
            occurred_at=fact.occurred_at,
            source_id=arrival.facts.key[:80],
            detail={"transaction": fact.transaction},
        )
        self.notices.append(Noticed(arrival, notice, None))

    def boot(self, arrival: Arrival, fact: BootFact) -> None:
        """Keep what a station says it is, and that it started."""
        self.boots.append((arrival, fact))
        notice = NoticeFact(
            kind="boot",
            occurred_at=arrival.received_at,
            detail={"reason": fact.reason, "firmware": fact.firmware_version},
        )
        self.notices.append(Noticed(arrival, notice, None))

    def news(self) -> list[News]:
        """Return the nudges of this batch: of one kind at most one a station, or a session."""
        found: dict[tuple[Event, int], News] = {}
        for session in self.begun:
            ids = {"session_id": session.id, "station_id": session.station_id}
            found[Event.SESSION_STARTED, session.id] = (Event.SESSION_STARTED, ids)
        for session in self.ended:
            ids = {"session_id": session.id, "station_id": session.station_id}
            found[Event.SESSION_COMPLETED, session.id] = (Event.SESSION_COMPLETED, ids)
        for reported in self.statuses:
            station_id = reported.arrival.station.id
            found[Event.STATUS_CHANGED, station_id] = (
                Event.STATUS_CHANGED,
                {"station_id": station_id},
            )
        for noticed in self.notices:
            station_id = noticed.arrival.station.id
            found[Event.OBSERVATION_RECORDED, station_id] = (
                Event.OBSERVATION_RECORDED,
                {"station_id": station_id},
            )
        for arrival, _ in self.reports:
            station_id = arrival.station.id
            found[Event.STATION_REPORTED, station_id] = (
                Event.STATION_REPORTED,
                {"station_id": station_id},
            )
        return list(found.values())
