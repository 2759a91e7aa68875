"""Sessions whose end is in doubt: a gap in the numbers, or no end at all."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from chargenet.core import events
from chargenet.core.events import Event
from stations import commands
from stations.metering import lifecycle
from stations.metering.lifecycle import GAP, GAPS_ACCEPTED, SessionState
from stations.models import Command, Inbox, Session, Station
from stations.models.places import Status

# How a question about a session is known again when it was answered.
ORIGIN: Final = "gap"
# A station short of line sends what it queued; only then is it asked.
GRACE: Final = timedelta(minutes=15)
# Nobody asks about an older session, and nobody about one that says nothing for less than this.
LOOKED_BACK: Final = timedelta(days=7)
SILENT: Final = timedelta(hours=24)
MOST_QUESTIONS: Final = 4
MOST_AT_ONCE: Final = 200
NEWER: Final = ("2.0.1", "2.1")
# What closing a session writes.
CLOSED: Final = (
    "state",
    "ended_at",
    "completed_at",
    "meter_stop_wh",
    "energy_wh",
    "parking_s",
    "parking_since",
    "stop_reason",
    "needs_review",
    "flags",
)


def sweep_endings(*, as_of: datetime) -> int:
    """Ask stations about sessions that are not whole; returns how many were asked about.

    A session whose missing numbers came meanwhile is whole; one asked about often enough without
    an answer is billed by its first and last register (OCPP 2.0.1 E04.FR.07, part 2 E §1.3.2).
    """
    asked = 0
    for session in [*_with_gaps(as_of), *_without_end(as_of)]:
        if session.state != Session.State.OPEN and not missing_numbers(session):
            _mark(session, drop=GAP)
        else:
            asked += _ask(session, as_of)
    return asked


def missing_numbers(session: Session) -> int:
    """Return how many events of a 2.x session never came, as far as its numbers tell."""
    prefix = f"event:{session.ocpp_transaction_id}:"
    keys = Inbox.objects.filter(station_id=session.station_id, key__startswith=prefix)
    numbers = set()
    for key in keys.values_list("key", flat=True):
        number = key.removeprefix(prefix).partition(":")[0]
        if number.lstrip("-").isdigit():
            numbers.add(int(number))
    if not numbers:
        return 0
    is_headless = "start_missing" in session.flags
    return max(numbers) - min(numbers) + 1 - len(numbers) + is_headless


def hear_transaction(command: Command, as_of: datetime) -> None:
    """Draw the end of a session from what its station says of it (GetTransactionStatus)."""
    number = command.origin.partition(":")[2]
    session = Session.objects.filter(pk=int(number)).select_related("station").first()
    answer = command.answer if isinstance(command.answer, dict) else {}
    if session is None or command.state != Command.State.ACCEPTED:
        return
    if answer.get("messagesInQueue") is not False:
        return  # it comes, or it will be asked again
    if session.state != Session.State.OPEN:
        _mark(session, drop=GAP, add=GAPS_ACCEPTED)
    elif answer.get("ongoingIndicator") is False:
        close_orphan(session_id=session.pk, as_of=as_of)


@transaction.atomic
def close_orphan(*, session_id: int, as_of: datetime) -> bool:
    """End a session whose station knows no end of it, at its last meter value; a person looks.

    Returns whether it was open.
    """
    session = _locked(session_id)
    if session.state != Session.State.OPEN:
        return False
    found = _state_of(session)
    lifecycle.close_without_stop(found, noticed_at=as_of, received_at=as_of, register_wh=None)
    lifecycle.mark(found, "orphaned")
    for name in CLOSED:
        setattr(session, name, getattr(found, name))
    session.save(update_fields=CLOSED)
    events.publish(Event.SESSION_COMPLETED, session_id=session.pk, station_id=session.station_id)
    return True


def _with_gaps(as_of: datetime) -> Iterator[Session]:
    ended = Session.objects.filter(
        completed_at__range=(as_of - LOOKED_BACK, as_of - GRACE), flags__contains=[GAP]
    )
    yield from _asked_of_newer(ended)


def _without_end(as_of: datetime) -> Iterator[Session]:
    """Yield open sessions whose station booted, or freed the connector, or fell silent since."""
    for session in _asked_of_newer(Session.objects.filter(state=Session.State.OPEN)):
        last = session.last_meter_at or session.started_at
        connector, booted_at = session.connector, session.station.last_boot_at
        signs = [booted_at, last + SILENT]
        if connector.status == Status.AVAILABLE:
            signs.append(connector.status_received_at)
        if any(sign is not None and last < sign <= as_of - GRACE for sign in signs):
            yield session


def _asked_of_newer(sessions: QuerySet[Session]) -> Iterator[Session]:
    found = sessions.filter(
        station__is_online=True, station__ocpp_version__in=NEWER, source="ocpp"
    )
    yield from found.select_related("station", "connector").order_by("id")[:MOST_AT_ONCE]


def _ask(session: Session, as_of: datetime) -> int:
    origin = f"{ORIGIN}:{session.pk}"
    asked = list(Command.objects.filter(station_id=session.station_id, origin=origin))
    if any(c.finished_at is None or c.finished_at > as_of - GRACE for c in asked):
        return 0
    if len(asked) >= MOST_QUESTIONS:
        if session.state != Session.State.OPEN:
            _mark(session, drop=GAP, add=GAPS_ACCEPTED)
        return 0
    commands.send_command(
        station=session.station,
        action=commands.TRANSACTION_STATUS,
        payload={"transaction": session.ocpp_transaction_id},
        as_of=as_of,
        origin=origin,
    )
    return 1


@transaction.atomic
def _mark(session: Session, *, drop: str, add: str = "") -> None:
    current = _locked(session.pk)
    flags = [flag for flag in current.flags if flag not in {drop, add}]
    current.flags = [*flags, add] if add else flags
    current.save(update_fields=["flags"])


def _locked(session_id: int) -> Session:
    """Return a session nobody else writes: the gateway holds its station's row while it does."""
    station_id = Session.objects.values_list("station_id", flat=True).get(pk=session_id)
    Station.objects.select_for_update(no_key=True).only("pk").get(pk=station_id)
    return Session.objects.select_related("connector").get(pk=session_id)


def _state_of(session: Session) -> SessionState:
    return SessionState(
        id=session.pk,
        operator_id=session.operator_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        transaction=session.ocpp_transaction_id,
        started_at=session.started_at,
        received_at=session.received_at,
        meter_start_wh=session.meter_start_wh,
        meter_stop_wh=session.meter_stop_wh,
        last_register_wh=session.last_register_wh,
        last_meter_at=session.last_meter_at,
        parking_s=session.parking_s,
        parking_since=session.parking_since,
        flags=list(session.flags),
        max_power_w=session.connector.max_power_w,
    )
