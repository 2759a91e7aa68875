"""Tickets that turn out to be one: of a site and its stations, of a station's connectors."""

from datetime import datetime

from django.db import transaction

from faults.models import Closing, Ticket
from faults.rules.vocabulary.meaning import SAFETY
from faults.tickets import story

State = Ticket.State
# Nobody has set out for these: they may go without a word to anybody on the road.
NOBODY_AT_WORK = frozenset({State.NEW, State.TRIAGED, State.ASSIGNED})


def join_ticket(*, ticket_id: int, wider_id: int, as_of: datetime) -> bool:
    """Close a ticket as part of a wider one, unless somebody is at work on it; says if it did.

    Nothing explains danger: a ticket with a safety fault is left to a person.
    """
    with transaction.atomic():
        ticket, wider = story.locked(ticket_id), Ticket.objects.get(pk=wider_id)
        if ticket.state not in NOBODY_AT_WORK or ticket.pk == wider.pk:
            return False
        if ticket.severity == SAFETY or story.firing_faults(ticket).filter(severity=SAFETY):
            return False
        ticket.closed_at, ticket.closing, ticket.duplicate_of = as_of, Closing.DUPLICATE, wider
        step = story.Step("join", ticket.pk, None, as_of)
        story.move(ticket, State.CLOSED, step, {"duplicate_of": str(wider.number)})
        story.write_down(
            wider, story.Step("absorb", wider.pk, None, as_of), {"ticket": str(ticket.number)}
        )
        return True


def widen_ticket(*, ticket_id: int, scope_key: str, as_of: datetime) -> bool:
    """Make a connector's ticket its station's; says if it is, or was already."""
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.scope_key == scope_key:
            return True
        taken = Ticket.objects.filter(
            operator_id=ticket.operator_id, scope_key=scope_key, family=ticket.family
        )
        if ticket.state == State.CLOSED or taken.exclude(state=State.CLOSED).exists():
            return False
        before = ticket.scope_key
        ticket.scope_key, ticket.connector_id = scope_key, None
        ticket.save(update_fields=["scope_key", "connector"])
        step = story.Step("widen", ticket.pk, None, as_of)
        story.write_down(ticket, step, {"from": before, "to": scope_key})
        return True
