"""A work order's words: what a technician takes along."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from faults.models import Ticket, TicketNote, TicketPart
from faults.queries import checklists, pages
from faults.queries.checklists import Point
from faults.rules import words

MOST_NOTES = 12


@dataclass(frozen=True, slots=True)
class Order:
    """One ticket as a work order, in the reader's language."""

    ticket: Ticket
    title: str
    cause: str
    url: str
    facts: list[tuple[str, str]]
    checklist: list[Point]
    parts: list[str]
    notes: list[str]
    language: str


def order_of(ticket: Ticket) -> Order:
    """Return a ticket, read by `pages.tickets_for`, as a work order."""
    row = pages.ticket_row(ticket)
    where = row.where
    said = [
        (gettext("Severity"), f"S{ticket.severity}"),
        (gettext("Site"), ", ".join(part for part in (where.site, where.address) if part)),
        (gettext("Station"), where.station),
        (gettext("Charge point"), where.point),
        (gettext("Charging cable"), where.cable),
        (gettext("Assigned to"), row.assignee),
    ]
    notes = TicketNote.objects.filter(ticket=ticket).exclude(text="").select_related("author")
    parts = TicketPart.objects.filter(ticket=ticket).order_by("at", "pk")
    return Order(
        ticket=ticket,
        title=row.title,
        cause=gettext(words.words_for(ticket.code).cause),
        url=f"{settings.PUBLIC_URL}/tickets/{ticket.pk}/",
        facts=[(word, value) for word, value in said if value],
        checklist=checklists.ticked(ticket),
        parts=[f"{one.quantity} {one.name} {one.number}".strip() for one in parts],
        notes=[
            f"{one.author or ''} {one.text}".strip() for one in notes.order_by("-at")[:MOST_NOTES]
        ],
        language=translation.get_language() or "sv",
    )
