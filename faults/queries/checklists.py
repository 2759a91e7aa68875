"""What is to be done for a fault of a kind, and which parts it may take."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from faults.models import ChecklistItem, Ticket, TicketTick
from faults.rules import words

# What every visit begins and ends with, whatever the fault.
BEFORE = (words.gettext_noop("Take a photo of how it looked when you came."),)
AFTER = (
    words.gettext_noop("Charge for two minutes, or see somebody do it."),
    words.gettext_noop("Leave the place clean, and the QR label readable."),
)
# The parts most often behind a family of faults: a guess, for the van.
SPARES: dict[str, tuple[str, ...]] = {
    "cable": (words.gettext_noop("Charging cable"), words.gettext_noop("Plug latch or lock")),
    "power": (words.gettext_noop("Power module"), words.gettext_noop("Fan or filter")),
    "safety": (words.gettext_noop("Residual-current device"),),
    "reader": (words.gettext_noop("Card reader"),),
    "meter": (words.gettext_noop("Energy meter"),),
    "link": (words.gettext_noop("Modem and SIM"), words.gettext_noop("Antenna")),
    "grid": (words.gettext_noop("Fuses"),),
    "station": (words.gettext_noop("Controller board"),),
    "outcome": (words.gettext_noop("Charging cable"), words.gettext_noop("Card reader")),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a checklist; who ticked it and when, where somebody has."""

    key: str
    text: str
    by: str = ""
    at: datetime | None = None


def points_of(ticket: Ticket) -> list[Point]:
    """Return a ticket's checklist in the reader's language, the operator's own points last."""
    texts = [*BEFORE, *words.words_for(ticket.code).steps]
    shipped = [Point(f"{ticket.code}:{n}", gettext(text)) for n, text in enumerate(texts)]
    own = ChecklistItem.objects.filter(
        operator_id=ticket.operator_id, code__in=["", ticket.code], is_active=True
    )
    added = [Point(f"own:{one.pk}", one.text) for one in own.order_by("position", "pk")]
    last = [Point(f"end:{n}", gettext(text)) for n, text in enumerate(AFTER)]
    return [*shipped, *added, *last]


def ticked(ticket: Ticket) -> list[Point]:
    """Return a ticket's checklist with its ticks; a ticked point that is gone stays."""
    ticks = {
        tick.key: tick for tick in TicketTick.objects.filter(ticket=ticket).select_related("user")
    }
    found = []
    for point in points_of(ticket):
        tick = ticks.pop(point.key, None)
        found.append(Point(point.key, point.text, str(tick.user), tick.at) if tick else point)
    old = [Point(tick.key, tick.text, str(tick.user), tick.at) for tick in ticks.values()]
    return [*found, *old]


def spares_for(ticket: Ticket) -> list[str]:
    """Return the parts most often behind a ticket of this kind."""
    return [gettext(name) for name in SPARES.get(ticket.family, ())]
