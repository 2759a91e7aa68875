"""What one fact does to the sessions and places it speaks of: no statement here."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from stations.metering import lifecycle
from stations.metering.facts import (
    MeterFact,
    Place,
    Reading,
    StartFact,
    StatusFact,
    StopFact,
    TokenFact,
    TokenVerdict,
    TransactionFact,
)
from stations.metering.lifecycle import SessionState
from stations.sessions import remarks, starts, stops
from stations.sessions.arrivals import Arrival, State
from stations.sessions.changes import Changes
from stations.sessions.known import Known
from stations.sessions.places import ConnectorView

# What a frame's oddity means for the session it speaks of.
SESSION_FLAGS = ("clock_", "time_missing", "time_unreadable", "duplicate_keys", "handler_failed")


@dataclass(slots=True)
class Frame:
    """One arrival while it is decided."""

    arrival: Arrival
    known: Known
    changes: Changes
    flags: list[str]
    state: State = "stored"
    transaction: str = ""
    token: TokenVerdict | None = None
    session: SessionState | None = None

    @property
    def station_id(self) -> int:
        """Return the station of the frame."""
        return self.arrival.station.id

    @property
    def received_at(self) -> datetime:
        """Return when the frame came."""
        return self.arrival.received_at


def find_place(frame: Frame, place: Place | None) -> ConnectorView | None:
    """Return the connector of a place, or None for the station itself and the unknown."""
    if place is None or place.is_station:
        return None
    return frame.known.places.find(frame.station_id, place)


def new_transaction() -> str:
    """Return a number for a session that nobody can guess."""
    # Random over 31 bits: nobody can name a session by counting (OCPP 1.6 errata 3.54).
    return str(secrets.randbelow(2**31 - 1) + 1)


def apply_status(frame: Frame, fact: StatusFact) -> None:
    """Apply a new state; in 1.6 an available connector ends what still seems to charge."""
    view = find_place(frame, fact.place)
    frame.changes.status(frame.arrival, fact, view)
    if view is None:
        return
    for session in frame.known.open_at(frame.station_id, view.id):
        lifecycle.note_state(session, fact.status, fact.occurred_at)
        is_over = fact.status == "Available" and frame.arrival.station.version == "1.6"
        if is_over and fact.occurred_at >= (session.last_meter_at or session.started_at):
            # In 1.6 nothing charges at an available connector: the stop got lost, or is queued.
            lifecycle.close_without_stop(
                session,
                noticed_at=fact.occurred_at,
                received_at=frame.received_at,
                register_wh=None,
            )
            frame.changes.ended.append(session)


def apply_start(frame: Frame, fact: StartFact) -> None:
    """Begin a 1.6 session."""
    view = find_place(frame, fact.place) or frame.known.places.guess(frame.station_id)
    frame.transaction = new_transaction()
    if view is None:
        frame.flags.append("place_unknown")
        frame.state = "set_aside"
        return
    again = starts.find_resent(
        frame.known.open_at(frame.station_id, view.id), fact, frame.received_at
    )
    if again is not None:
        frame.session, frame.transaction = again, again.transaction
        lifecycle.mark(again, "start_resent")
        return
    _close_open(frame, view, fact.occurred_at, fact.register_wh)
    session = _new_session(frame, view, frame.transaction, fact.occurred_at)
    session.meter_start_wh = fact.register_wh
    _present(frame, session, fact.token)
    _keep_flags(frame, session)


def _close_open(
    frame: Frame, view: ConnectorView, occurred_at: datetime, register_wh: int | None
) -> None:
    """End what still seems to go on at a connector where a newer session begins."""
    for session in frame.known.open_at(frame.station_id, view.id):
        if session.started_at <= occurred_at:
            lifecycle.close_without_stop(
                session,
                noticed_at=occurred_at,
                received_at=frame.received_at,
                register_wh=register_wh,
            )
            frame.changes.ended.append(session)


def _new_session(
    frame: Frame, view: ConnectorView, transaction: str, started_at: datetime
) -> SessionState:
    session = SessionState(
        operator_id=frame.arrival.station.operator_id,
        station_id=frame.station_id,
        connector_id=view.id,
        transaction=transaction,
        started_at=started_at,
        received_at=frame.received_at,
        cable_id=frame.known.cables.get((view.id, started_at)),
        max_power_w=view.max_power_w,
    )
    frame.known.add(session)
    frame.session = session
    frame.changes.begun.append(session)
    return session


def _present(frame: Frame, session: SessionState, token: TokenFact | None) -> None:
    """Bind a session to the token it was started with; the first one counts."""
    if token is None or session.id_tag:
        return
    session.id_tag = token.uid
    row = frame.known.tokens.get((session.operator_id, token.uid.lower()))
    if row is not None:
        session.token_id, session.driver_id = row.id, row.driver_id
    if frame.token is not None and frame.token.word != "accepted":
        lifecycle.mark(session, f"token_{frame.token.word}")


def _keep_flags(frame: Frame, session: SessionState) -> None:
    odd = [flag for flag in frame.flags if flag.startswith(SESSION_FLAGS)]
    if odd:
        lifecycle.mark(session, *odd)


def apply_meter(frame: Frame, fact: MeterFact) -> None:
    """Apply samples to the session they name, or to the one at their connector."""
    view = find_place(frame, fact.place)
    session = frame.known.sessions.get((frame.station_id, fact.transaction))
    if session is None and view is not None:
        open_here = frame.known.open_at(frame.station_id, view.id)
        session = open_here[0] if open_here else None
        if session is None and fact.transaction and view.status == "Charging" and fact.readings:
            session = _new_session(frame, view, fact.transaction, fact.readings[0].occurred_at)
            lifecycle.mark(session, "recovered", "start_missing")
        elif fact.transaction:
            frame.flags.append("transaction_unknown")
    _samples(frame, session, view, fact.readings)


def _samples(
    frame: Frame,
    session: SessionState | None,
    view: ConnectorView | None,
    readings: tuple[Reading, ...],
) -> None:
    """Keep samples, and apply them to the session they belong to while it goes on."""
    if session is not None:
        frame.session = session
        if session.is_open:
            frame.flags += lifecycle.take_readings(session, readings)
        elif readings:
            frame.flags.append("after_stop")
    connector_id = session.connector_id if session else view.id if view else None
    if connector_id is not None:
        remarks.keep_samples(
            frame.arrival, frame.known, frame.changes, connector_id, session, readings
        )


def apply_stop(frame: Frame, fact: StopFact) -> None:
    """End a 1.6 session, or keep the stop as an orphan."""
    session = frame.known.sessions.get((frame.station_id, fact.transaction))
    if session is None:
        session = _match_stop(frame, fact)
    if session is None:
        frame.state = "orphan"
        frame.changes.orphan(frame.arrival, fact)
        return
    frame.session, frame.transaction = session, session.transaction
    _samples(frame, session, None, fact.readings)
    _end(frame, session, fact)


def _match_stop(frame: Frame, fact: StopFact) -> SessionState | None:
    """Return the one open session a stop without a known number can mean, or None.

    A number somebody else owns, or nobody, needs the token to agree; no number, only no conflict.
    """
    uid = fact.token.uid.lower() if fact.token else ""
    candidates = frame.known.open_of(frame.station_id)
    if uid:
        candidates = [s for s in candidates if s.id_tag.lower() == uid]
    elif fact.transaction:
        return None
    if len(candidates) != 1:
        return None
    frame.flags.append("stop_matched")
    lifecycle.mark(candidates[0], "stop_matched")
    return candidates[0]


def _end(frame: Frame, session: SessionState, fact: StopFact) -> None:
    is_news = session.is_open or "stop_missing" in session.flags
    lifecycle.stop(
        session,
        register_wh=fact.register_wh,
        ended_at=fact.occurred_at,
        received_at=frame.received_at,
        reason=fact.reason,
    )
    _keep_flags(frame, session)
    if is_news:
        stops.tell_end(frame.arrival, frame.changes, session, fact.reason)


def apply_event(frame: Frame, fact: TransactionFact) -> None:
    """Apply a 2.x event; the first one heard of a session begins it."""
    session = frame.known.sessions.get((frame.station_id, fact.transaction))
    if session is None:
        session = _session_of_event(frame, fact)
    elif "place_unknown" in session.flags:
        _settle_place(frame, session, fact)
    if session is None:
        frame.flags.append("place_unknown")
        frame.state = "set_aside"
        return
    frame.session, frame.transaction = session, fact.transaction
    was_over = not session.is_open and "stop_missing" not in session.flags
    _present(frame, session, fact.token)
    _keep_flags(frame, session)
    frame.flags += remarks.apply_event(frame.arrival, frame.known, frame.changes, session, fact)
    if fact.phase == "ended" and not was_over:
        said = fact.stopped_reason, fact.trigger
        stops.tell_end(frame.arrival, frame.changes, session, *said)
    elif fact.phase == "started" and not session.is_open:
        frame.changes.ended.append(session)


def _session_of_event(frame: Frame, fact: TransactionFact) -> SessionState | None:
    """Begin the session of an event that is the first we hear of it."""
    view = find_place(frame, fact.place)
    is_guess = view is None
    view = view or frame.known.free_place(frame.station_id)
    if view is None:
        return None
    if fact.phase == "started" and not is_guess:
        _close_open(frame, view, fact.occurred_at, None)
    session = _new_session(frame, view, fact.transaction, fact.occurred_at)
    if fact.phase != "started":
        lifecycle.mark(session, "start_missing")
    if is_guess:
        lifecycle.mark(session, "place_unknown")
    return session


def _settle_place(frame: Frame, session: SessionState, fact: TransactionFact) -> None:
    """Move a session that began before its place was known to where it turns out to be."""
    view = find_place(frame, fact.place)
    if view is None:
        return
    lifecycle.unmark(session, {"place_unknown"})
    if view.id != session.connector_id:
        _close_open(frame, view, session.started_at, None)
        session.max_power_w = view.max_power_w
        session.cable_id = frame.known.cables.get((view.id, fact.occurred_at))
        frame.known.move(session, view.id)
