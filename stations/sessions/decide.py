"""What becomes of each frame of a batch: stored, repeated, contradicted, set aside."""

from stations.metering import lifecycle
from stations.metering.facts import (
    BootFact,
    ClockFact,
    Fact,
    MeterFact,
    NoticeFact,
    Outcome,
    ReportFact,
    StartFact,
    StatusFact,
    StopFact,
    TokenFact,
    TokenVerdict,
    TransactionFact,
    registration_of,
)
from stations.sessions import apply, remarks
from stations.sessions.apply import Frame
from stations.sessions.arrivals import Arrival, Recorded
from stations.sessions.changes import Changes, Noticed
from stations.sessions.known import Known, TokenRow
from stations.sessions.needs import token_of

# The standard's word for "nobody has to present anything" (OCPP 2.0.1 C02).
NO_TOKEN_KIND = "NoAuthorization"  # noqa: S105
# What was not believed as it was sent is kept for a person.
SET_ASIDE = ("sample_", "register_jump", "register_negative", "handler_failed")


def decide(arrival: Arrival, known: Known, changes: Changes) -> Recorded:
    """Return what becomes of a frame, and add what it changes to the batch's changes."""
    row = known.stations.get(arrival.station.id)
    if row is None:
        return Recorded("later")
    if row.epoch != arrival.station.epoch:
        return Recorded("superseded")
    arrival.station.registration = registration_of(row.registration, arrival.station.version)
    before = known.inbox.get((arrival.station.id, arrival.facts.key))
    if before is None:
        return _store(arrival, known, changes, is_conflict=False)
    if before.payload_hash == arrival.payload_hash:
        changes.duplicates.append(arrival)
        recorded = Recorded("duplicate", before.answer)
    else:
        changes.keep_conflict(arrival)
        fact = arrival.facts.facts[0] if arrival.facts.facts else None
        if isinstance(fact, TransactionFact):
            _note_reuse(arrival, known, fact)
        if isinstance(fact, TransactionFact) and fact.phase == "updated":
            return _store(arrival, known, changes, is_conflict=True)
        recorded = Recorded("conflict", before.answer, ("conflict",))
    changes.keep_exchange(arrival, recorded)
    return recorded


def _note_reuse(arrival: Arrival, known: Known, fact: TransactionFact) -> None:
    """Have a person look where a session's numbers come again for what happened after its end."""
    session = known.sessions.get((arrival.station.id, fact.transaction))
    if session is None or session.ended_at is None or "stop_missing" in session.flags:
        return
    if fact.occurred_at > session.ended_at and "transaction_reused" not in session.flags:
        lifecycle.mark(session, "transaction_reused")


def _store(arrival: Arrival, known: Known, changes: Changes, *, is_conflict: bool) -> Recorded:
    frame = Frame(arrival, known, changes, list(arrival.facts.flags))
    if arrival.failure:
        frame.state = "set_aside"
        frame.transaction = apply.new_transaction()
        changes.set_aside(arrival)
    else:
        _move_starts(frame)
        for fact in arrival.facts.facts:
            _apply(frame, fact)
        if any(flag.startswith(SET_ASIDE) for flag in frame.flags) and frame.state == "stored":
            frame.state = "set_aside"
    outcome = Outcome(
        arrival.received_at, frame.transaction, arrival.station.registration, frame.token
    )
    recorded = Recorded(
        "conflict" if is_conflict else frame.state,
        arrival.render(outcome),
        tuple(dict.fromkeys(frame.flags)),
        frame.transaction,
    )
    changes.keep_exchange(arrival, recorded)
    if not is_conflict:
        changes.answer_key(arrival, recorded, frame.session)
    return recorded


def _apply(frame: Frame, fact: Fact) -> None:
    _present(frame, fact)
    match fact:
        case MeterFact():
            apply.apply_meter(frame, fact)
        case StatusFact():
            apply.apply_status(frame, fact)
        case StartFact():
            apply.apply_start(frame, fact)
        case StopFact():
            apply.apply_stop(frame, fact)
        case TransactionFact():
            apply.apply_event(frame, fact)
        case BootFact():
            _boot(frame, fact)
        case NoticeFact():
            view = apply.find_place(frame, fact.place)
            frame.changes.notices.append(Noticed(frame.arrival, fact, view.id if view else None))
        case ReportFact():
            frame.changes.reports.append((frame.arrival, fact))


def _present(frame: Frame, fact: Fact) -> None:
    """Judge the token a fact presents, if it does, and tell of one that may not charge."""
    token = token_of(fact)
    if token is None:
        return
    frame.token = _judge(frame, token, fact)
    if frame.token.word == "accepted":
        return
    place = fact.place if isinstance(fact, StartFact | TransactionFact) else None
    view = apply.find_place(frame, place)
    remarks.note_refusal(
        frame.arrival, frame.known, frame.changes, token, frame.token, view.id if view else None
    )


def _move_starts(frame: Frame) -> None:
    """Put sessions further back where the frame shows how far its station's clock is off."""
    last = frame.arrival.facts.facts[-1:]
    if last and isinstance(last[0], ClockFact):
        for session in frame.known.open_of(frame.station_id):
            lifecycle.move_start(session, last[0].shift, last[0].since)


def _boot(frame: Frame, fact: BootFact) -> None:
    station = frame.arrival.station
    frame.changes.boot(frame.arrival, fact)
    station.booted_at = frame.received_at
    if station.registration == "new":
        station.registration = "accepted"


def _judge(frame: Frame, token: TokenFact, fact: Fact) -> TokenVerdict:
    """Return whether a token may charge; its value counts, not the kind a station calls it."""
    if token.kind == NO_TOKEN_KIND:
        return TokenVerdict("accepted")
    row = frame.known.tokens.get((frame.arrival.station.operator_id, token.uid.lower()))
    if row is None:
        return TokenVerdict("invalid")
    if row.is_blocked:
        return TokenVerdict("blocked")
    if row.valid_until is not None and row.valid_until <= frame.received_at:
        return TokenVerdict("expired", row.valid_until)
    if _charges_elsewhere(frame, row, fact):
        return TokenVerdict("concurrent", row.valid_until, row.group)
    return TokenVerdict("accepted", row.valid_until, row.group)


def _charges_elsewhere(frame: Frame, row: TokenRow, fact: Fact) -> bool:
    """Say whether a start is a token's second session, where its operator forbids that."""
    if not row.charges_at:
        return False
    if isinstance(fact, TransactionFact):
        if (frame.station_id, fact.transaction) in frame.known.sessions:
            return False
    elif not isinstance(fact, StartFact):
        return False
    view = apply.find_place(frame, fact.place)
    return view is None or set(row.charges_at) != {view.id}
