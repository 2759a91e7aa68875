"""Telling somebody else when nobody answers, and everybody once more while nobody does."""

from datetime import datetime

from django.db import transaction

from faults import notifications
from faults.models import Rank, Ticket
from faults.notifications import Told
from faults.queries import crew
from faults.tickets import promises, story

AT_ONCE = 200
# S5 is for the weekly letter.
LEAST = 4
DONE = (Ticket.State.RESOLVED, Ticket.State.CLOSED)


def escalate_due(*, as_of: datetime) -> int:
    """Tell, for each ticket whose hour has come, who is next; returns for how many."""
    due = Ticket.objects.filter(escalate_at__lte=as_of).order_by("escalate_at")
    told = 0
    for ticket_id in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        told += _escalate(ticket_id, as_of)
    return told


def _escalate(ticket_id: int, as_of: datetime) -> bool:
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.escalate_at is None or ticket.escalate_at > as_of:
            return False
        if ticket.state in DONE or ticket.state == Ticket.State.WAITING:
            ticket.escalate_at = None
        elif ticket.acknowledged_at is not None:
            _tell_overdue(ticket, as_of)
        else:
            _tell_next(ticket, as_of)
        ticket.save(update_fields=["escalate_at", "escalation_step", "reminded_at"])
        return True


def _tell_overdue(ticket: Ticket, as_of: datetime) -> None:
    """Tell whose it is and who leads that it is not restored in time: once."""
    told = Told(ticket, "overdue", str(ticket.reopened))
    people = {one.pk: one for one in crew.of_rank(ticket, Rank.LEAD)}
    if ticket.assignee is not None:
        people[ticket.assignee.pk] = ticket.assignee
    notifications.write(told, people.values(), as_of=as_of)
    ticket.escalate_at = None


def _tell_next(ticket: Ticket, as_of: datetime) -> None:
    """Tell the lead at half of the promised time, the manager at all of it, and repeat."""
    assert ticket.acknowledge_by is not None, "a ticket that rings has its clocks"
    policy = crew.policy_of(ticket.operator_id)
    repeat = promises.repeat_after(ticket, policy)
    began = ticket.reminded_at or ticket.opened_at
    half = ticket.acknowledge_by - promises.promise_for(ticket, policy).acknowledge / 2
    if ticket.severity <= LEAST:
        if as_of >= began + repeat:
            turn = f"{ticket.reopened}.{as_of:%Y%m%dT%H%M}"
            notifications.notify_crew(Told(ticket, "again", turn), as_of=as_of)
            ticket.reminded_at = began = as_of
        if ticket.escalation_step == 0 and as_of >= half:
            _tell_rank(ticket, Rank.LEAD, "lead", as_of)
            ticket.escalation_step = 1
        if ticket.escalation_step == 1 and as_of >= ticket.acknowledge_by:
            _tell_rank(ticket, Rank.MANAGER, "manager", as_of)
            ticket.escalation_step = 2
    moments = [began + repeat, *([half], [ticket.acknowledge_by], [])[ticket.escalation_step]]
    is_told = ticket.severity <= LEAST
    ticket.escalate_at = min(moments) if is_told else None


def _tell_rank(ticket: Ticket, rank: Rank, event: str, as_of: datetime) -> None:
    told = Told(ticket, event, str(ticket.reopened))
    notifications.write(told, crew.of_rank(ticket, rank), as_of=as_of)
