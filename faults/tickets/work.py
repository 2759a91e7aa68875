"""Tickets in people's hands: each verb is one button, and pressed twice it is pressed once."""

from datetime import datetime

from django.db import IntegrityError, transaction

from chargenet.core import events
from chargenet.core.events import Event
from faults import notifications
from faults.models import Ticket, TicketNote
from faults.notifications import Told
from faults.tickets import story
from faults.tickets.story import TicketStateError

State = Ticket.State
BEFORE_WORK = (State.NEW, State.ASSIGNED, State.WAITING)
AT_WORK = (*BEFORE_WORK, State.EN_ROUTE, State.ON_SITE)


def assign_ticket(
    *, ticket_id: int, assignee_id: int, actor_id: int | None, as_of: datetime
) -> Ticket:
    """Give a ticket to a person of the crew; raises NotOfTheCrew, TicketStateError."""
    step = story.Step("assign", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.assignee_id == assignee_id and ticket.state != State.NEW:
            return ticket
        if ticket.state not in AT_WORK:
            raise TicketStateError(ticket, step.verb)
        for person_id in {assignee_id, actor_id or assignee_id}:
            story.require_crew(ticket, person_id)
        ticket.assignee_id, ticket.assigned_at = assignee_id, as_of
        story.move(ticket, State.ASSIGNED, step, {"assignee_id": assignee_id})
        if assignee_id != actor_id:
            told = Told(ticket, "assigned", f"{as_of:%Y%m%dT%H%M%S}")
            notifications.notify_person(told, user_id=assignee_id, as_of=as_of)
        return ticket


def start_travel(*, ticket_id: int, actor_id: int, as_of: datetime) -> Ticket:
    """Say that a person is on the way; an unassigned ticket becomes theirs."""
    step = story.Step("start_travel", ticket_id, actor_id, as_of)
    return _go(step, State.EN_ROUTE, BEFORE_WORK)


def arrive(*, ticket_id: int, actor_id: int, as_of: datetime) -> Ticket:
    """Say that a person is on site."""
    step = story.Step("arrive", ticket_id, actor_id, as_of)
    return _go(step, State.ON_SITE, (*BEFORE_WORK, State.EN_ROUTE))


def wait(*, ticket_id: int, actor_id: int, reason: str, as_of: datetime) -> Ticket:
    """Say that the work waits for a part or for somebody else; the reason is required."""
    step = story.Step("wait", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state == State.WAITING:
            return ticket
        story.require_crew(ticket, actor_id)
        if ticket.state not in AT_WORK or not reason.strip():
            raise TicketStateError(ticket, step.verb)
        story.move(ticket, State.WAITING, step, {}, text=reason.strip())
        return ticket


def resolve_ticket(*, ticket_id: int, actor_id: int, resolution: str, as_of: datetime) -> Ticket:
    """Say what was done; the ticket closes when its faults have cleared, at once if they have."""
    step = story.Step("resolve", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.resolved_at is not None:
            return ticket
        story.require_crew(ticket, actor_id)
        if ticket.state not in AT_WORK or not resolution.strip():
            raise TicketStateError(ticket, step.verb)
        ticket.resolved_at, ticket.resolution = as_of, resolution.strip()[:255]
        story.move(ticket, State.RESOLVED, step, {}, text=resolution.strip())
        story.close_if_proven(ticket, as_of)
        return ticket


def close_ticket(
    *, ticket_id: int, actor_id: int, as_of: datetime, resolution: str = ""
) -> Ticket:
    """Close a ticket whose faults have cleared; one that was not resolved needs a resolution."""
    step = story.Step("close", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state == State.CLOSED:
            return ticket
        story.require_crew(ticket, actor_id)
        if story.has_standing_fault(ticket):
            raise TicketStateError(ticket, step.verb, "the fault is still reported: resolve it")
        ticket.resolution = (resolution.strip() or ticket.resolution)[:255]
        if not ticket.resolution:
            raise TicketStateError(ticket, step.verb, "say what was done")
        ticket.resolved_at, ticket.closed_at = ticket.resolved_at or as_of, as_of
        story.move(ticket, State.CLOSED, step, {}, text=resolution.strip())
        return ticket


def reopen_ticket(*, ticket_id: int, actor_id: int, reason: str, as_of: datetime) -> Ticket:
    """Take a resolved or closed ticket up again; refused while another one is open for it."""
    step = story.Step("reopen", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state not in {State.RESOLVED, State.CLOSED}:
            return ticket
        story.require_crew(ticket, actor_id)
        try:
            with transaction.atomic():
                story.reopen(ticket, step, {}, text=reason.strip())
        except IntegrityError as error:
            # one open ticket per scope and family: the database forbids a second
            ticket.refresh_from_db()
            reason = "another ticket is open for the same fault"
            raise TicketStateError(ticket, step.verb, reason) from error
        return ticket


def add_note(
    *, ticket_id: int, actor_id: int, text: str, idempotency_key: str, as_of: datetime
) -> None:
    """Write what a person saw; the same key twice is one note."""
    ticket = Ticket.objects.get(pk=ticket_id)
    note = TicketNote(
        operator_id=ticket.operator_id,
        ticket=ticket,
        author_id=actor_id,
        kind=TicketNote.Kind.NOTE,
        text=text.strip(),
        idempotency_key=idempotency_key[:40],
        at=as_of,
    )
    TicketNote.objects.bulk_create([note], ignore_conflicts=True)
    ids = {"ticket_id": ticket.pk, "operator_id": ticket.operator_id}
    events.publish(Event.TICKET_CHANGED, **ids)


def _go(step: story.Step, to: str, allowed: tuple[str, ...]) -> Ticket:
    with transaction.atomic():
        ticket = story.locked(step.ticket_id)
        if ticket.state == to:
            return ticket
        if ticket.state not in allowed:
            raise TicketStateError(ticket, step.verb)
        assert step.actor_id is not None, "only a person travels"
        story.require_crew(ticket, step.actor_id)
        if ticket.assignee_id is None:
            ticket.assignee_id, ticket.assigned_at = step.actor_id, step.as_of
        if to == State.ON_SITE:
            ticket.on_site_at = step.as_of
        story.move(ticket, to, step, {})
        return ticket
