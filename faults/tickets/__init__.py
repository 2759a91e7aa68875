"""Work for people: opened by faults, moved by hands, every step written down."""

from faults.tickets.opening import About, fault_cleared, note_evidence, open_ticket
from faults.tickets.story import NotOfTheCrew, TicketStateError
from faults.tickets.work import (
    add_note,
    arrive,
    assign_ticket,
    close_ticket,
    reopen_ticket,
    resolve_ticket,
    start_travel,
    wait,
)

__all__ = [
    "About",
    "NotOfTheCrew",
    "TicketStateError",
    "add_note",
    "arrive",
    "assign_ticket",
    "close_ticket",
    "fault_cleared",
    "note_evidence",
    "open_ticket",
    "reopen_ticket",
    "resolve_ticket",
    "start_travel",
    "wait",
]
