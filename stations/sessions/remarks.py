"""What of a frame is worth a word for the rules: odd readings, gaps, refused tokens."""

from datetime import datetime

from stations.metering import lifecycle, remarkable
from stations.metering.facts import (
    NoticeFact,
    Reading,
    TokenFact,
    TokenVerdict,
    TransactionFact,
)
from stations.metering.lifecycle import GAP, SessionState
from stations.metering.tokens import token_word
from stations.sessions.arrivals import Arrival
from stations.sessions.changes import Changes, Noticed
from stations.sessions.known import Known
from stations.sessions.places import ConnectorView


def keep_samples(
    arrival: Arrival,
    known: Known,
    changes: Changes,
    connector_id: int,
    session: SessionState | None,
    readings: tuple[Reading, ...],
) -> None:
    """Keep samples, and tell of one that is out of the ordinary."""
    changes.sample(arrival, connector_id, session, readings)
    view = known.places.by_id(arrival.station.id, connector_id)
    if readings and view is not None:
        _note_readings(arrival, changes, view, session, readings)


def apply_event(
    arrival: Arrival, known: Known, changes: Changes, session: SessionState, fact: TransactionFact
) -> list[str]:
    """Apply a 2.x event to its session and keep its samples; returns doubts about these."""
    had_gap = GAP in session.flags
    doubts = lifecycle.apply_event(session, fact, arrival.received_at)
    if not had_gap and GAP in session.flags:
        _note_gap(arrival, changes, session, fact.occurred_at)
    keep_samples(arrival, known, changes, session.connector_id, session, fact.readings)
    return doubts


def _note_readings(
    arrival: Arrival,
    changes: Changes,
    view: ConnectorView,
    session: SessionState | None,
    readings: tuple[Reading, ...],
) -> None:
    is_open = session is not None and session.is_open
    found = remarkable.pick(
        view.watch,
        readings,
        received_at=arrival.received_at,
        is_dc=view.is_dc,
        ended_at=session.ended_at if session is not None else None,
        is_open=is_open,
    )
    if found is None:
        return
    reading, words = found
    notice = NoticeFact(
        kind=remarkable.READING,
        occurred_at=reading.occurred_at,
        detail=remarkable.detail_of(reading, words, in_session=is_open),
    )
    changes.notices.append(Noticed(arrival, notice, view.id))


def _note_gap(
    arrival: Arrival, changes: Changes, session: SessionState, occurred_at: datetime
) -> None:
    notice = NoticeFact(
        kind=GAP,
        occurred_at=occurred_at,
        source_id=session.transaction[-80:],
        detail={"transaction": session.transaction, "seq_no": session.last_seq_no},
    )
    changes.notices.append(Noticed(arrival, notice, session.connector_id))


def note_refusal(
    arrival: Arrival,
    known: Known,
    changes: Changes,
    token: TokenFact,
    verdict: TokenVerdict,
    connector_id: int | None,
) -> None:
    """Tell of a token that may not charge, once a minute: many a reader asks without end."""
    row = known.tokens.get((arrival.station.operator_id, token.uid.lower()))
    word = token_word(row.id if row is not None else None, token.uid)
    notice = NoticeFact(
        kind="token_refused",
        occurred_at=arrival.received_at,
        source_id=f"{word}:{verdict.word}:{arrival.received_at:%Y%m%dT%H%M}"[-80:],
        detail={"word": verdict.word, "token": word, "action": arrival.action},
    )
    changes.notices.append(Noticed(arrival, notice, connector_id))
