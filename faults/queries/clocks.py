"""What a ticket promises, and how that stands: accepted in time, restored in time."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, DateTimeField, F, Q, When

from faults.models import Closing, Ticket

# A repair that nobody has charged at yet, or never did.
UNPROVEN = Q(state=Ticket.State.RESOLVED) | Q(closing=Closing.UNVERIFIED)
UNDONE = Q(state__in=Ticket.UNDONE)


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise: until when, and how it stands: running, late, kept, missed or paused."""

    by: datetime
    state: str


def answer_of(ticket: Ticket, *, as_of: datetime) -> Clock | None:
    """Return how the promise to accept a ticket stands."""
    done_at = ticket.acknowledged_at or ticket.resolved_at or ticket.closed_at
    return _clock(ticket.acknowledge_by, done_at, as_of)


def restore_of(ticket: Ticket, *, as_of: datetime) -> Clock | None:
    """Return how the promise to restore stands; it stands still while the work waits."""
    if ticket.restore_by is not None and ticket.waiting_since is not None:
        return Clock(ticket.restore_by + (as_of - ticket.waiting_since), "paused")
    return _clock(ticket.restore_by, ticket.resolved_at or ticket.closed_at, as_of)


def next_of(ticket: Ticket, *, as_of: datetime) -> Clock | None:
    """Return the promise a list shows: the first that still runs, None once all is done."""
    if ticket.state in {Ticket.State.RESOLVED, Ticket.State.CLOSED}:
        return None
    restore = restore_of(ticket, as_of=as_of)
    if ticket.acknowledged_at is not None or (restore and restore.state in {"late", "paused"}):
        return restore
    return answer_of(ticket, as_of=as_of) or restore


def late(as_of: datetime) -> Q:
    """Return the condition of tickets that broke a promise and are not done yet."""
    unanswered = Q(acknowledged_at__isnull=True, acknowledge_by__lt=as_of)
    unrestored = Q(restore_by__lt=as_of)
    return UNDONE & Q(waiting_since__isnull=True) & (unanswered | unrestored)


def due_at() -> Case:
    """Return until when the next promise of a ticket is to be kept, for the database to sort."""
    first = Case(
        When(acknowledged_at__isnull=True, then=F("acknowledge_by")),
        default=F("restore_by"),
        output_field=DateTimeField(),
    )
    return Case(When(UNDONE, then=first), output_field=DateTimeField())


def _clock(by: datetime | None, done_at: datetime | None, as_of: datetime) -> Clock | None:
    if by is None:
        return None
    if done_at is not None:
        return Clock(by, "kept" if done_at <= by else "missed")
    return Clock(by, "running" if as_of <= by else "late")
