"""Other open tickets near one: what can be done on the same journey."""

from dataclasses import dataclass
from datetime import datetime
from math import inf

from chargenet.core.access import Person
from faults.models import Ticket
from faults.queries import pages
from faults.queries.pages import TicketRow
from faults.queries.service import distance_km

MOST_LOOKED_AT, MOST_SHOWN = 500, 5
FARTHEST_KM = 60.0


@dataclass(frozen=True, slots=True)
class NearTicket:
    """One other ticket, and how far away its site is as the crow flies."""

    row: TicketRow
    distance_km: float
    is_same_site: bool


def tickets_near(person: Person, ticket: Ticket, *, as_of: datetime) -> list[NearTicket]:
    """Return the undone tickets nearest to one that a person may see: the same site first.

    `ticket` is read by `pages.tickets_for`.
    """
    if ticket.location is None:
        return []
    others = pages.tickets_for(person).filter(
        operator_id=ticket.operator_id, state__in=Ticket.UNDONE, location__isnull=False
    )
    found = []
    for other in others.exclude(pk=ticket.pk)[:MOST_LOOKED_AT]:
        assert other.location is not None, "only tickets of a site are read"
        is_here = other.location_id == ticket.location_id
        away = 0.0 if is_here else distance_km(ticket.location, other.location)
        if (inf if away is None else away) <= FARTHEST_KM:
            found.append((away or 0.0, other.severity, other.opened_at, other, is_here))
    found.sort(key=lambda one: one[:3])
    return [
        NearTicket(pages.ticket_row(other, as_of=as_of), away, is_here)
        for away, _severity, _at, other, is_here in found[:MOST_SHOWN]
    ]
