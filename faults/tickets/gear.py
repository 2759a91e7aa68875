"""What is done on the way: points of the checklist, spare parts."""

from datetime import datetime

from django.db import transaction

from chargenet.core import audit, events
from chargenet.core.events import Event
from faults.models import Ticket, TicketPart, TicketTick
from faults.queries import checklists
from faults.tickets import story

MOST_PARTS = 50
MOST_OF_A_PART = 999


class PartUnfit(Exception):
    """A part without a name or a count, or one too many; `why` says which. Nothing was kept."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not a part: {why}")
        self.why = why


def tick_item(*, ticket_id: int, actor_id: int, item: str, is_done: bool, as_of: datetime) -> None:
    """Tick a point of a ticket's checklist or take the tick back; raises NotOfTheCrew.

    A point the list does not have changes nothing.
    """
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        story.require_crew(ticket, actor_id)
        texts = {point.key: point.text for point in checklists.points_of(ticket)}
        if item not in texts:
            return
        if not is_done:
            TicketTick.objects.filter(ticket=ticket, key=item).delete()
        else:
            row = TicketTick(
                operator_id=ticket.operator_id,
                ticket=ticket,
                user_id=actor_id,
                key=item,
                text=texts[item][:255],
                at=as_of,
            )
            TicketTick.objects.bulk_create([row], ignore_conflicts=True)
        _note(ticket, actor_id, "tick" if is_done else "untick", {"item": item}, as_of)


def add_part(
    *,
    ticket_id: int,
    actor_id: int,
    name: str,
    number: str,
    quantity: int,
    is_used: bool,
    idempotency_key: str,
    as_of: datetime,
) -> None:
    """Note a spare part that is needed or was used; the same key twice is one part.

    Raises NotOfTheCrew, PartUnfit.
    """
    if not name.strip():
        raise PartUnfit("name")
    if not 0 < quantity <= MOST_OF_A_PART:
        raise PartUnfit("quantity")
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        story.require_crew(ticket, actor_id)
        kept = TicketPart.objects.filter(ticket=ticket)
        if kept.filter(idempotency_key=idempotency_key[:40]).exists():
            return
        if kept.count() >= MOST_PARTS:
            raise PartUnfit("many")
        row = TicketPart(
            operator_id=ticket.operator_id,
            ticket=ticket,
            user_id=actor_id,
            name=name.strip()[:120],
            number=number.strip()[:60],
            quantity=quantity,
            is_used=is_used,
            idempotency_key=idempotency_key[:40],
            at=as_of,
        )
        TicketPart.objects.bulk_create([row], ignore_conflicts=True)
        _note(ticket, actor_id, "part", {"name": row.name, "quantity": quantity}, as_of)


def use_part(*, ticket_id: int, actor_id: int, part_id: int, as_of: datetime) -> None:
    """Say that a part that was needed has been used; raises NotOfTheCrew."""
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        story.require_crew(ticket, actor_id)
        unused = TicketPart.objects.filter(ticket=ticket, pk=part_id, is_used=False)
        if unused.update(is_used=True) == 1:
            _note(ticket, actor_id, "use_part", {"part_id": part_id}, as_of)


def _note(
    ticket: Ticket, actor_id: int, verb: str, details: dict[str, object], as_of: datetime
) -> None:
    audit.record(
        operator_id=ticket.operator_id,
        user_id=actor_id,
        action=f"ticket.{verb}",
        object_type="ticket",
        object_id=ticket.pk,
        as_of=as_of,
        details=details,
    )
    ids = {"ticket_id": ticket.pk, "operator_id": ticket.operator_id}
    events.publish(Event.TICKET_CHANGED, **ids)
