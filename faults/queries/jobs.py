"""What a ticket's page shows of the work: clocks, checklist, parts, photos, who watches, proof."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.models import (
    Action,
    Cause,
    Component,
    Exclusion,
    Ticket,
    TicketPart,
    TicketPhoto,
    TicketWatcher,
    WaitFor,
)
from faults.queries import checklists, clocks
from faults.queries.checklists import Point
from faults.queries.clocks import Clock
from faults.queries.proofs import WITHIN


@dataclass(frozen=True, slots=True)
class Job:
    """The work of one ticket."""

    answer: Clock | None
    restore: Clock | None
    waited: timedelta
    waits_for: str
    checklist: tuple[Point, ...]
    parts: tuple[TicketPart, ...]
    spares: tuple[str, ...]
    photos: tuple[TicketPhoto, ...]
    watchers: tuple[str, ...]
    is_watching: bool
    finding: tuple[str, ...]
    exclusion: str
    prove_by: datetime | None


def job_of(ticket: Ticket, *, user_id: int, as_of: datetime) -> Job:
    """Return the work of a ticket as its page shows it, in a fixed number of queries."""
    watching = TicketWatcher.objects.filter(ticket=ticket).select_related("user")
    watchers = list(watching.order_by("user__name"))
    waited = timedelta(seconds=ticket.waited_s)
    if ticket.waiting_since is not None:
        waited += as_of - ticket.waiting_since
    photos = TicketPhoto.objects.filter(ticket=ticket).defer("picture").select_related("author")
    return Job(
        answer=clocks.answer_of(ticket, as_of=as_of),
        restore=clocks.restore_of(ticket, as_of=as_of),
        waited=waited,
        waits_for=str(WaitFor(ticket.wait_for).label) if ticket.wait_for else "",
        checklist=tuple(checklists.ticked(ticket)),
        parts=tuple(TicketPart.objects.filter(ticket=ticket).order_by("at", "pk")),
        spares=tuple(checklists.spares_for(ticket)),
        photos=tuple(photos.order_by("at", "pk")),
        watchers=tuple(str(one.user) for one in watchers),
        is_watching=any(one.user_id == user_id for one in watchers),
        finding=finding_words(ticket.component, ticket.cause, ticket.action),
        exclusion=_exclusion(ticket),
        prove_by=ticket.resolved_at + WITHIN if ticket.resolved_at else None,
    )


def finding_words(component: str, cause: str, action: str) -> tuple[str, ...]:
    """Return a finding in words, nothing where there is none."""
    if not component:
        return ()
    return str(Component(component).label), str(Cause(cause).label), str(Action(action).label)


def _exclusion(ticket: Ticket) -> str:
    if ticket.exclusion_class == Exclusion.NONE:
        return ""
    return str(Exclusion(ticket.exclusion_class).label)
