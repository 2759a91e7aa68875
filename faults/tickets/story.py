"""A ticket's row and its story: every move is a change, a note, an audit line and news."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from chargenet.core import audit, events, locks
from chargenet.core.events import Event
from chargenet.core.models import Membership, Role
from faults import notifications
from faults.models import Closing, Exclusion, Fault, Ticket, TicketNote
from faults.queries import crew
from faults.tickets import promises

State = Ticket.State
# Nobody has it in hand: what goes by itself here was never work.
BEFORE_HANDS = (State.NEW, State.TRIAGED)
MOVED = [
    "state",
    "assignee",
    "triaged_at",
    "assigned_at",
    "acknowledged_at",
    "en_route_at",
    "on_site_at",
    "resolved_at",
    "closed_at",
    "reopened",
    "resolution",
    "acknowledge_by",
    "restore_by",
    "wait_for",
    "waiting_since",
    "expected_on",
    "waited_s",
    "escalate_at",
    "escalation_step",
    "reminded_at",
    "closing",
    "duplicate_of",
    "component",
    "cause",
    "action",
    "exclusion_class",
    "exclusion_reference",
    "proof",
    "proof_session",
]
NUMBERS_LOCK = 4602
# Who repairs: a ticket goes to a person with one of these roles, at a site they may enter.
CREW = (Role.OPERATOR, Role.TECHNICIAN)


class Refusal(StrEnum):
    """Why a step is not done, where the ticket's state alone does not say it."""

    STILL_REPORTED = "a safety fault is still reported"
    STILL_HOLDS = "the fault is still reported: resolve it"
    NOT_CALLED_SAFE = "say that it was inspected and is safe"
    UNTOLD = "say what was done, or why"
    NO_ORIGINAL = "of which ticket is it a duplicate?"
    ANOTHER_OPEN = "another ticket is open for the same fault"
    TAKEN = "somebody else has taken it meanwhile"


class TicketStateError(Exception):
    """The ticket's state does not allow this step; nothing was changed."""

    def __init__(self, ticket: Ticket, verb: str, why: Refusal | None = None) -> None:
        super().__init__(why or f"ticket #{ticket.number} is {ticket.state}: cannot {verb}")
        self.state, self.verb, self.why = ticket.state, verb, why


class NotOfTheCrew(Exception):
    """The person may not work on this ticket: another operator, another site, another role."""


@dataclass(frozen=True, slots=True)
class Step:
    """Who does what to which ticket, and when."""

    verb: str
    ticket_id: int
    actor_id: int | None
    as_of: datetime


def locked(ticket_id: int) -> Ticket:
    """Return a ticket nobody else may move until we are done."""
    return Ticket.objects.select_for_update(no_key=True).get(pk=ticket_id)


def lock_numbers(operator_id: int) -> None:
    """Let only one of us open tickets of an operator, until we are done."""
    locks.hold(NUMBERS_LOCK, operator_id)


def move(ticket: Ticket, to: str, step: Step, detail: dict[str, Any], text: str = "") -> None:
    """Bring a ticket to a state and write down how."""
    detail = {"from": ticket.state, "to": to, **detail}
    if to == State.WAITING:
        promises.pause(ticket, as_of=step.as_of)
    elif to in {State.RESOLVED, State.CLOSED}:
        promises.stop_clocks(ticket, as_of=step.as_of)
    else:
        promises.go_on(ticket, as_of=step.as_of)
        ticket.wait_for, ticket.expected_on = "", None
    ticket.state = to
    ticket.save(update_fields=MOVED)
    write_down(ticket, step, detail, text)


def reopen(ticket: Ticket, step: Step, detail: dict[str, Any], text: str = "") -> None:
    """Take a ticket up again, for the person who had it; what was found before stays its story."""
    ticket.reopened += 1
    ticket.resolved_at = ticket.closed_at = ticket.en_route_at = ticket.on_site_at = None
    ticket.closing, ticket.duplicate_of = "", None
    ticket.proof, ticket.proof_session = "", None
    ticket.resolution = ticket.component = ticket.cause = ticket.action = ""
    ticket.exclusion_class, ticket.exclusion_reference = Exclusion.NONE, ""
    promises.start_clocks(ticket, crew.policy_of(ticket.operator_id), as_of=step.as_of)
    to = State.ASSIGNED if ticket.assignee_id else State.NEW
    move(ticket, to, step, {**detail, "reopened": ticket.reopened}, text=text)


def close_if_proven(ticket: Ticket, as_of: datetime) -> None:
    """Close what nobody began and what a charge has proven, once none of its faults holds."""
    if firing_faults(ticket).exists():
        return
    if ticket.state in BEFORE_HANDS:
        ticket.closing, verb = Closing.GONE, "gone"
    elif ticket.state == State.RESOLVED and (ticket.proof or ticket.location_id is None):
        # nobody charges at a network: that its faults went is all the proof there is
        ticket.closing, verb = Closing.VERIFIED, "verify"
    else:
        return
    ticket.closed_at = as_of
    move(ticket, State.CLOSED, Step(verb, ticket.pk, None, as_of), {"closing": ticket.closing})


def write_down(ticket: Ticket, step: Step, detail: dict[str, Any], text: str = "") -> None:
    """Write one change on the ticket, for the audit and for who listens."""
    note = TicketNote.objects.create(
        operator_id=ticket.operator_id,
        ticket=ticket,
        author_id=step.actor_id,
        kind=TicketNote.Kind.CHANGE,
        text=text,
        detail={"verb": step.verb, **detail},
        at=step.as_of,
    )
    if step.actor_id is not None:
        audit.record(
            operator_id=ticket.operator_id,
            user_id=step.actor_id,
            action=f"ticket.{step.verb}",
            object_type="ticket",
            object_id=ticket.pk,
            as_of=step.as_of,
            details=detail,
        )
    notifications.tell_machines(ticket, verb=step.verb, turn=note.pk, as_of=step.as_of)
    nudge = {"ticket_id": ticket.pk, "operator_id": ticket.operator_id}
    if ticket.station_id is not None:
        nudge["station_id"] = ticket.station_id
    events.publish(Event.TICKET_CHANGED, **nudge)


def firing_faults(ticket: Ticket) -> QuerySet[Fault]:
    """Return the faults of a ticket that hold."""
    return Fault.objects.filter(ticket=ticket, state=Fault.State.FIRING)


def has_standing_fault(ticket: Ticket) -> bool:
    """Return whether a fault of the ticket still holds; a safety fault may hold in name only."""
    return firing_faults(ticket).exclude(evidence__has_key="ended_at").exists()


def require_crew(ticket: Ticket, user_id: int) -> None:
    """Raise NotOfTheCrew unless a person may work on this ticket."""
    members = Membership.objects.filter(
        operator_id=ticket.operator_id, user_id=user_id, role__in=CREW, user__is_active=True
    )
    if not any(one.site_ids is None or ticket.location_id in one.site_ids for one in members):
        raise NotOfTheCrew(f"user {user_id} is not of the crew of ticket #{ticket.number}")
