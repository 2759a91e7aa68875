"""Work for people: opened by faults, moved by hands, every step written down."""

from faults.tickets.endings import (
    DISMISSALS,
    Finding,
    FindingUnfit,
    close_ticket,
    declare_safe,
    dismiss_ticket,
    prove_repair,
    resolve_ticket,
)
from faults.tickets.escalation import escalate_due
from faults.tickets.gear import PartUnfit, add_part, tick_item, use_part
from faults.tickets.joining import join_ticket, widen_ticket
from faults.tickets.opening import About, fault_cleared, note_evidence, open_ticket
from faults.tickets.photos import PhotoUnfit, add_photo
from faults.tickets.story import NotOfTheCrew, Refusal, TicketStateError
from faults.tickets.talking import add_note, unwatch, watch
from faults.tickets.work import (
    acknowledge_ticket,
    arrive,
    assign_ticket,
    reopen_ticket,
    start_travel,
    triage_ticket,
    wait,
)

__all__ = [
    "DISMISSALS",
    "About",
    "Finding",
    "FindingUnfit",
    "NotOfTheCrew",
    "PartUnfit",
    "PhotoUnfit",
    "Refusal",
    "TicketStateError",
    "acknowledge_ticket",
    "add_note",
    "add_part",
    "add_photo",
    "arrive",
    "assign_ticket",
    "close_ticket",
    "declare_safe",
    "dismiss_ticket",
    "escalate_due",
    "fault_cleared",
    "join_ticket",
    "note_evidence",
    "open_ticket",
    "prove_repair",
    "reopen_ticket",
    "resolve_ticket",
    "start_travel",
    "tick_item",
    "triage_ticket",
    "unwatch",
    "use_part",
    "wait",
    "watch",
    "widen_ticket",
]
