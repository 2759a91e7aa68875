"""Tickets in people's hands: each verb is one button, and pressed twice it is pressed once."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from faults import notifications
from faults.models import Ticket, WaitFor
from faults.notifications import Told
from faults.tickets import promises, story
from faults.tickets.story import Refusal, TicketStateError

State = Ticket.State
BEFORE_WORK = (
    State.NEW,
    State.TRIAGED,
    State.ASSIGNED,
    State.ACKNOWLEDGED,
    State.WAITING,
)
AT_WORK = (*BEFORE_WORK, State.EN_ROUTE, State.ON_SITE)


def assign_ticket(
    *,
    ticket_id: int,
    assignee_id: int,
    actor_id: int | None,
    as_of: datetime,
    seen_assignee_id: int | None = None,
) -> Ticket:
    """Give a ticket to a person of the crew; raises NotOfTheCrew, TicketStateError.

    `seen_assignee_id` is whose it was on the page of who decides, 0 for nobody's.
    """
    step = story.Step("assign", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        _require_as_seen(ticket, step, seen_assignee_id, {assignee_id, actor_id})
        if ticket.assignee_id == assignee_id and ticket.state not in story.BEFORE_HANDS:
            return ticket
        if ticket.state not in AT_WORK:
            raise TicketStateError(ticket, step.verb)
        for person_id in {assignee_id, actor_id or assignee_id}:
            story.require_crew(ticket, person_id)
        before_id, ticket.assignee_id, ticket.assigned_at = ticket.assignee_id, assignee_id, as_of
        if assignee_id == actor_id:
            # who takes a ticket has accepted it
            promises.accept(ticket, as_of=as_of)
        to = State.ACKNOWLEDGED if assignee_id == actor_id else State.ASSIGNED
        story.move(ticket, to, step, {"assignee_id": assignee_id})
        if assignee_id != actor_id:
            told = Told(ticket, "assigned", f"{as_of:%Y%m%dT%H%M%S}")
            notifications.notify_person(told, user_id=assignee_id, as_of=as_of)
        if before_id not in {None, assignee_id, actor_id}:
            # who had it must not drive there too
            told = Told(ticket, "handed_over", f"{as_of:%Y%m%dT%H%M%S}")
            notifications.notify_person(told, user_id=before_id, as_of=as_of)
        return ticket


def start_travel(
    *, ticket_id: int, actor_id: int, as_of: datetime, seen_assignee_id: int | None = None
) -> Ticket:
    """Say that a person is on the way; the ticket becomes theirs, as for every step by hand.

    Somebody else's is taken over only from who is named as its owner, and they are told.
    """
    step = story.Step("start_travel", ticket_id, actor_id, as_of)
    with transaction.atomic():
        _make_theirs(step, actor_id, seen_assignee_id, BEFORE_WORK)
        return _go(step, State.EN_ROUTE, BEFORE_WORK)


def arrive(
    *, ticket_id: int, actor_id: int, as_of: datetime, seen_assignee_id: int | None = None
) -> Ticket:
    """Say that a person is on site; the ticket becomes theirs."""
    step = story.Step("arrive", ticket_id, actor_id, as_of)
    allowed = (*BEFORE_WORK, State.EN_ROUTE)
    with transaction.atomic():
        _make_theirs(step, actor_id, seen_assignee_id, allowed)
        return _go(step, State.ON_SITE, allowed)


def triage_ticket(*, ticket_id: int, actor_id: int, as_of: datetime) -> Ticket:
    """Say that somebody has looked at a new ticket, and that it is work."""
    step = story.Step("triage", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state != State.NEW:
            return ticket
        story.require_crew(ticket, actor_id)
        ticket.triaged_at = as_of
        story.move(ticket, State.TRIAGED, step, {})
        return ticket


def acknowledge_ticket(
    *, ticket_id: int, actor_id: int, as_of: datetime, seen_assignee_id: int | None = None
) -> Ticket:
    """Accept a ticket: the clock of the answer stops, and it becomes theirs."""
    step = story.Step("acknowledge", ticket_id, actor_id, as_of)
    allowed = (State.NEW, State.TRIAGED, State.ASSIGNED)
    with transaction.atomic():
        _make_theirs(step, actor_id, seen_assignee_id, allowed)
        return _go(step, State.ACKNOWLEDGED, allowed, done=(State.EN_ROUTE, State.ON_SITE))


def wait(
    *,
    ticket_id: int,
    actor_id: int,
    reason: str,
    as_of: datetime,
    wait_for: str = WaitFor.THIRD_PARTY,
    expected_on: date | None = None,
) -> Ticket:
    """Say that the work waits for a part or for somebody else; the reason is required.

    The clock of the repair stands still meanwhile, and the page says for how long.
    """
    step = story.Step("wait", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state == State.WAITING:
            return ticket
        story.require_crew(ticket, actor_id)
        if ticket.state not in AT_WORK or wait_for not in WaitFor.values:
            raise TicketStateError(ticket, step.verb)
        if not reason.strip():
            raise TicketStateError(ticket, step.verb, Refusal.UNTOLD)
        promises.accept(ticket, as_of=as_of)
        ticket.wait_for, ticket.expected_on = wait_for, expected_on
        detail = {"wait_for": wait_for}
        if expected_on is not None:
            detail["expected_on"] = expected_on.isoformat()
        story.move(ticket, State.WAITING, step, detail, text=reason.strip())
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
            raise TicketStateError(ticket, step.verb, Refusal.ANOTHER_OPEN) from error
        return ticket


def _make_theirs(
    step: story.Step, actor_id: int, seen_id: int | None, allowed: tuple[str, ...]
) -> None:
    """Take a ticket over from who is known to have it; raises TicketStateError for a surprise."""
    ticket = story.locked(step.ticket_id)
    _require_as_seen(ticket, step, seen_id or 0, {actor_id})
    if ticket.assignee_id not in {None, actor_id} and ticket.state in allowed:
        assign_ticket(
            ticket_id=ticket.pk, assignee_id=actor_id, actor_id=actor_id, as_of=step.as_of
        )


def _require_as_seen(
    ticket: Ticket, step: story.Step, seen_id: int | None, wished: set[int | None]
) -> None:
    """Refuse to take a ticket from who got it after it was looked at; raises TicketStateError.

    One that has become theirs whom the step is for is as it should be: it was pressed twice.
    """
    now_id = ticket.assignee_id
    if seen_id is not None and now_id not in {None, seen_id or None, *wished}:
        raise TicketStateError(ticket, step.verb, Refusal.TAKEN)


def _go(step: story.Step, to: str, allowed: tuple[str, ...], done: tuple[str, ...] = ()) -> Ticket:
    with transaction.atomic():
        ticket = story.locked(step.ticket_id)
        if ticket.state == to or ticket.state in done:
            return ticket
        if ticket.state not in allowed:
            raise TicketStateError(ticket, step.verb)
        assert step.actor_id is not None, "only a person travels"
        story.require_crew(ticket, step.actor_id)
        if ticket.assignee_id is None:
            ticket.assignee_id, ticket.assigned_at = step.actor_id, step.as_of
        promises.accept(ticket, as_of=step.as_of)
        if to == State.EN_ROUTE:
            ticket.en_route_at = step.as_of
        elif to == State.ON_SITE:
            ticket.on_site_at = step.as_of
        story.move(ticket, to, step, {})
        return ticket
