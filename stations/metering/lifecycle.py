"""A session from its start to its end, whatever order its facts arrive in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stations.metering import registers
from stations.metering.facts import Reading, TransactionFact

OPEN, COMPLETED, FLAGGED = "open", "completed", "flagged"
BEGIN, END = "Transaction.Begin", "Transaction.End"
# A number of a 2.x session is missing; the station says it has no more to send (E04.FR.07).
GAP, GAPS_ACCEPTED = "seq_gap", "complete_with_gaps"

# What the registers said; judged anew whenever a register is learnt.
ENERGY_FLAGS = {
    "start_register_missing",
    "stop_register_missing",
    "register_backwards",
    "register_rollover",
    "above_max_power",
    "stop_below_sample",
    "ends_before_start",
}
# A person looks before such a session is billed.
REVIEW_FLAGS = ENERGY_FLAGS | {
    "clock_unset",
    "clock_wrong",
    "clock_repaired",
    "time_missing",
    "time_unreadable",
    "start_missing",
    "stop_missing",
    "recovered",
    "place_unknown",
    "duplicate_keys",
    "handler_failed",
    "signature_bad",
    "start_repeated",
    "transaction_reused",
    "late_event",
    "orphaned",
}
# The vehicle asks for no more power and still stands there.
PAUSED_STATES = {"SuspendedEV", "Finishing", "Idle"}
MAX_PARKING_S = 2**31 - 1


@dataclass(slots=True, kw_only=True)
class SessionState:
    """A session while facts are applied to it: the columns of its row, and if they changed."""

    id: int = 0
    operator_id: int
    station_id: int
    connector_id: int
    transaction: str
    started_at: datetime
    received_at: datetime
    cable_id: int | None = None
    token_id: int | None = None
    driver_id: int | None = None
    id_tag: str = ""
    state: str = OPEN
    ended_at: datetime | None = None
    completed_at: datetime | None = None
    meter_start_wh: int | None = None
    meter_stop_wh: int | None = None
    last_register_wh: int | None = None
    last_power_w: int | None = None
    last_soc_percent: int | None = None
    last_meter_at: datetime | None = None
    energy_wh: int | None = None
    parking_s: int = 0
    parking_since: datetime | None = None
    stop_reason: str = ""
    needs_review: bool = False
    flags: list[str] = field(default_factory=list)
    last_seq_no: int | None = None
    remote_start_id: int | None = None
    max_power_w: int | None = None
    is_changed: bool = False
    # Only the meter moved on: a smaller write.
    is_metered: bool = False
    # Which version of its row this is; another one in the store means that somebody else wrote.
    mark: int = 0

    @property
    def is_open(self) -> bool:
        """Return whether the session goes on."""
        return self.state == OPEN


def mark(session: SessionState, *flags: str) -> None:
    """Add flags to a session; some of them make a person look."""
    for flag in flags:
        if flag not in session.flags:
            session.flags.append(flag)
    session.needs_review = not REVIEW_FLAGS.isdisjoint(session.flags)
    session.is_changed = True


def unmark(session: SessionState, flags: set[str]) -> None:
    """Take flags away that no longer hold."""
    session.flags = [flag for flag in session.flags if flag not in flags]
    mark(session)


def take_readings(session: SessionState, readings: tuple[Reading, ...]) -> list[str]:
    """Apply samples, oldest first; returns why samples were not believed."""
    doubts: list[str] = []
    for reading in readings:
        doubt = _take_register(session, reading)
        if doubt:
            reading.flags.append(doubt)
            doubts.append(doubt)
        if session.last_meter_at is None or reading.occurred_at >= session.last_meter_at:
            session.last_meter_at = reading.occurred_at
            if reading.power_w is not None:
                session.last_power_w = reading.power_w
            if reading.soc_percent is not None:
                session.last_soc_percent = reading.soc_percent
        session.is_metered = True
    return doubts


def _take_register(session: SessionState, reading: Reading) -> str:
    energy_wh = reading.energy_wh
    if energy_wh is None:
        return ""
    if reading.context == BEGIN:
        if session.meter_start_wh is None:
            session.meter_start_wh = energy_wh
            session.is_changed = True
        return ""
    last_wh = session.last_register_wh
    doubt = registers.sample_flag(
        energy_wh=energy_wh,
        occurred_at=reading.occurred_at,
        last_wh=session.meter_start_wh if last_wh is None else last_wh,
        last_at=session.last_meter_at or session.started_at,
        max_power_w=session.max_power_w,
    )
    if not doubt and (
        session.last_meter_at is None or reading.occurred_at >= session.last_meter_at
    ):
        session.last_register_wh = energy_wh
    return doubt


def move_start(session: SessionState, shift: timedelta, since: datetime | None) -> None:
    """Put the start of a session further back whose station counted from a clock nobody set."""
    if since is None or session.received_at < since or "clock_unset" not in session.flags:
        return
    session.started_at -= shift
    unmark(session, {"clock_unset"})
    mark(session, "clock_repaired")


def note_state(session: SessionState, state: str, occurred_at: datetime) -> None:
    """Count parking: the time a vehicle stands without asking for power, until the end."""
    if not session.is_open:
        return
    if state in PAUSED_STATES:
        if session.parking_since is None:
            session.parking_since = max(occurred_at, session.started_at)
            session.is_changed = True
    elif state == "Charging" and session.parking_since is not None:
        _end_parking(session, occurred_at)


def _end_parking(session: SessionState, occurred_at: datetime) -> None:
    if session.parking_since is not None:
        seconds = int((occurred_at - session.parking_since).total_seconds())
        session.parking_s = min(session.parking_s + max(seconds, 0), MAX_PARKING_S)
        session.parking_since = None
        session.is_changed = True


def stop(
    session: SessionState,
    *,
    register_wh: int | None,
    ended_at: datetime,
    received_at: datetime,
    reason: str,
) -> None:
    """End a session; one that was closed only because its stop was missing gets its true end.

    Any other ended session stays as it is.
    """
    if not session.is_open and "stop_missing" not in session.flags:
        return
    _end_parking(session, ended_at)
    session.meter_stop_wh = register_wh
    session.ended_at = ended_at
    session.completed_at = received_at
    session.stop_reason = reason
    unmark(session, {"stop_missing"})
    settle(session)


def close_without_stop(
    session: SessionState, *, noticed_at: datetime, received_at: datetime, register_wh: int | None
) -> None:
    """End a session whose stop never came, at its last sign of life; a person looks.

    `register_wh` is the register of the next session at the same place, where one began.
    """
    last = session.last_meter_at or noticed_at
    stop(
        session,
        register_wh=register_wh,
        ended_at=max(session.started_at, min(last, noticed_at)),
        received_at=received_at,
        reason="",
    )
    mark(session, "stop_missing")


def settle(session: SessionState) -> None:
    """Work out the energy of an ended session and whether it is whole."""
    if session.ended_at is None:
        return
    verdict = registers.session_energy(
        start_wh=session.meter_start_wh,
        stop_wh=session.meter_stop_wh,
        last_wh=session.last_register_wh,
        duration=max(session.ended_at - session.started_at, timedelta(0)),
        max_power_w=session.max_power_w,
    )
    unmark(session, ENERGY_FLAGS)
    session.energy_wh = verdict.energy_wh
    mark(session, *verdict.flags)
    if session.ended_at < session.started_at:
        mark(session, "ends_before_start")
    is_whole = session.energy_wh is not None and session.ended_at >= session.started_at
    session.state = COMPLETED if is_whole else FLAGGED


def apply_event(session: SessionState, fact: TransactionFact, received_at: datetime) -> list[str]:
    """Apply one 2.x event to its session, whenever it comes; returns doubts about its samples.

    Numbers may have gaps: a station short of memory drops updates (OCPP 2.0.1 E04.FR.07).
    """
    _count(session, fact.seq_no)
    if fact.phase == "started":
        _begin(session, fact)
    elif fact.phase == "updated" and GAPS_ACCEPTED in session.flags:
        # Its gaps were accepted and it may be billed: what comes now is looked at, not billed.
        mark(session, "late_event")
    doubts = take_readings(session, fact.readings)
    if fact.remote_start_id is not None:
        session.remote_start_id = fact.remote_start_id
    if fact.charging_state:
        note_state(session, fact.charging_state, fact.occurred_at)
    if fact.phase == "ended":
        stop(
            session,
            register_wh=_end_register(session, fact.readings),
            ended_at=fact.occurred_at,
            received_at=received_at,
            reason=fact.stopped_reason or "Local",
        )
    elif fact.phase == "started":
        settle(session)
    return doubts


def _count(session: SessionState, seq_no: int | None) -> None:
    if seq_no is None:
        return
    if session.last_seq_no is not None and seq_no > session.last_seq_no + 1:
        mark(session, GAP)
    session.last_seq_no = max(seq_no, session.last_seq_no or 0)
    session.is_changed = True


def _begin(session: SessionState, fact: TransactionFact) -> None:
    """Take the start, unless the session has one already: a second one moves nothing."""
    if session.id and "start_missing" not in session.flags:
        if fact.occurred_at != session.started_at:
            mark(session, "start_repeated")
        return
    session.started_at = fact.occurred_at
    unmark(session, {"start_missing"})
    if session.meter_start_wh is None:
        session.meter_start_wh = next(
            (r.energy_wh for r in fact.readings if r.energy_wh is not None), None
        )


def _end_register(session: SessionState, readings: tuple[Reading, ...]) -> int | None:
    """Return the closing register: the one so named, else the event's last, else none."""
    found = [r for r in readings if r.energy_wh is not None and r.context != BEGIN]
    named = [r for r in found if r.context == END]
    last = (named or found)[-1:]
    return last[0].energy_wh if last else session.meter_stop_wh
