"""How a ticket ends: repaired, with what was found; dismissed; proven by a charge."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from faults import notifications
from faults.models import (
    CAUSES,
    Action,
    Closing,
    Component,
    Downtime,
    Exclusion,
    Ticket,
    TicketNote,
    TicketPart,
    TicketPhoto,
)
from faults.notifications import Told
from faults.tickets import story
from faults.tickets.story import Refusal, TicketStateError

State = Ticket.State
DISMISSALS = (Closing.DUPLICATE, Closing.NO_FAULT_FOUND, Closing.WONT_FIX)


class FindingUnfit(Exception):
    """What was found is not told in full; `part` names what is missing. Nothing was changed."""

    def __init__(self, part: str) -> None:
        super().__init__(f"the finding lacks {part}")
        self.part = part


@dataclass(frozen=True, slots=True)
class Finding:
    """The cause tree of one repair: component, cause, action, and whose the downtime is.

    `reference` is what an auditor asks for where it is not ours: a case or notice number.
    """

    component: str
    cause: str
    action: str
    exclusion_class: str = Exclusion.NONE
    reference: str = ""
    # Spare parts that were used, by name.
    parts: tuple[str, ...] = ()


def resolve_ticket(
    *, ticket_id: int, actor_id: int, resolution: str, finding: Finding, as_of: datetime
) -> Ticket:
    """Say what was found and done; the ticket closes when a charge has proven it.

    Raises NotOfTheCrew, TicketStateError, FindingUnfit.
    """
    step = story.Step("resolve", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.resolved_at is not None:
            return ticket
        story.require_crew(ticket, actor_id)
        if ticket.state not in Ticket.UNDONE:
            raise TicketStateError(ticket, step.verb)
        if not resolution.strip():
            raise TicketStateError(ticket, step.verb, Refusal.UNTOLD)
        _take_over(ticket, finding, step)
        ticket.resolved_at, ticket.resolution = as_of, resolution.strip()[:255]
        story.move(ticket, State.RESOLVED, step, _told(finding), text=resolution.strip())
        notifications.notify_watchers(Told(ticket, "resolved", str(ticket.reopened)), as_of=as_of)
        story.close_if_proven(ticket, as_of)
        return ticket


def close_ticket(
    *,
    ticket_id: int,
    actor_id: int,
    as_of: datetime,
    resolution: str = "",
    finding: Finding | None = None,
) -> Ticket:
    """Close a ticket whose faults have cleared, unproven as it may be.

    One that was not resolved needs what was done and found. Raises TicketStateError, NotOfTheCrew,
    FindingUnfit.
    """
    step = story.Step("close", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state == State.CLOSED:
            return ticket
        story.require_crew(ticket, actor_id)
        if story.has_standing_fault(ticket):
            raise TicketStateError(ticket, step.verb, Refusal.STILL_HOLDS)
        ticket.resolution = (resolution.strip() or ticket.resolution)[:255]
        if not ticket.resolution:
            raise TicketStateError(ticket, step.verb, Refusal.UNTOLD)
        if finding is not None:
            _take_over(ticket, finding, step)
        elif not ticket.component:
            raise FindingUnfit("component")
        ticket.resolved_at, ticket.closed_at = ticket.resolved_at or as_of, as_of
        ticket.closing = Closing.VERIFIED if ticket.proof else Closing.UNVERIFIED
        detail = {"closing": ticket.closing, **(_told(finding) if finding else {})}
        story.move(ticket, State.CLOSED, step, detail, text=resolution.strip())
        return ticket


def dismiss_ticket(
    *,
    ticket_id: int,
    actor_id: int,
    closing: str,
    reason: str,
    as_of: datetime,
    duplicate_of: int | None = None,
) -> Ticket:
    """Close a ticket that is no repair: a duplicate (of which number), no fault, or not worth it.

    A safety fault that is still reported is never dismissed; one that is no longer only as no
    fault: inspected, and safe. Raises TicketStateError, NotOfTheCrew.
    """
    step = story.Step("dismiss", ticket_id, actor_id, as_of)
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state == State.CLOSED:
            return ticket
        story.require_crew(ticket, actor_id)
        if closing not in DISMISSALS or not reason.strip():
            raise TicketStateError(ticket, step.verb, Refusal.UNTOLD)
        _require_safe(ticket, closing)
        if closing == Closing.DUPLICATE:
            ticket.duplicate_of = _other(ticket, duplicate_of)
        ticket.closing, ticket.resolution, ticket.closed_at = closing, reason.strip()[:255], as_of
        detail = {"closing": closing}
        if ticket.duplicate_of is not None:
            detail["duplicate_of"] = str(ticket.duplicate_of.number)
        story.move(ticket, State.CLOSED, step, detail, text=reason.strip())
        return ticket


def declare_safe(*, ticket_id: int, actor_id: int, reason: str, as_of: datetime) -> Ticket:
    """Say that a danger that is over was inspected and is safe: the lock on its place goes.

    Raises TicketStateError, NotOfTheCrew.
    """
    return dismiss_ticket(
        ticket_id=ticket_id,
        actor_id=actor_id,
        closing=Closing.NO_FAULT_FOUND,
        reason=reason,
        as_of=as_of,
    )


def prove_repair(*, ticket_id: int, session_id: int, is_paid: bool, as_of: datetime) -> bool:
    """Take a charge after the repair as its proof; the first one counts. Closes if nothing holds.

    Returns whether it is this ticket's proof now.
    """
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state != State.RESOLVED or ticket.proof:
            return False
        ticket.proof, ticket.proof_session_id = "paid" if is_paid else "test", session_id
        ticket.save(update_fields=["proof", "proof_session"])
        step = story.Step("prove", ticket_id, None, as_of)
        story.write_down(ticket, step, {"proof": ticket.proof, "session_id": session_id})
        story.close_if_proven(ticket, as_of)
        return True


def _require_safe(ticket: Ticket, closing: str) -> None:
    """Refuse to dismiss a safety fault that is reported, or that nobody calls safe."""
    if ticket.severity > 1 or not story.firing_faults(ticket).exists():
        return
    if story.has_standing_fault(ticket):
        raise TicketStateError(ticket, "dismiss", Refusal.STILL_REPORTED)
    if closing != Closing.NO_FAULT_FOUND:
        # the lock on the place goes with the ticket: nobody has looked
        raise TicketStateError(ticket, "dismiss", Refusal.NOT_CALLED_SAFE)


def _take_over(ticket: Ticket, finding: Finding, step: story.Step) -> None:
    """Write a finding on the ticket and whose the downtime was on the ledger."""
    _require_whole(ticket, finding)
    assert step.actor_id is not None, "a person found it"
    used = [
        TicketPart(
            operator_id=ticket.operator_id,
            ticket=ticket,
            user_id=step.actor_id,
            name=name.strip()[:120],
            is_used=True,
            idempotency_key=f"finding:{ticket.reopened}:{number}",
            at=step.as_of,
        )
        for number, name in enumerate(finding.parts)
        if name.strip()
    ]
    TicketPart.objects.bulk_create(used, ignore_conflicts=True)
    ticket.component, ticket.cause = finding.component, finding.cause
    ticket.action, ticket.exclusion_class = finding.action, finding.exclusion_class
    ticket.exclusion_reference = finding.reference.strip()[:255]
    excluded = Downtime.objects.filter(fault__ticket=ticket)
    excluded.update(exclusion_class=finding.exclusion_class)


def _require_whole(ticket: Ticket, finding: Finding) -> None:
    if finding.component not in Component.values:
        raise FindingUnfit("component")
    if finding.cause not in CAUSES[finding.component]:
        raise FindingUnfit("cause")
    if finding.action not in Action.values:
        raise FindingUnfit("action")
    if finding.exclusion_class not in Exclusion.values:
        raise FindingUnfit("exclusion class")
    is_ours = finding.exclusion_class == Exclusion.NONE
    if not is_ours and not finding.reference.strip() and not _has_evidence(ticket):
        raise FindingUnfit("evidence")
    is_told = any(name.strip() for name in finding.parts)
    if finding.action == Action.REPLACED and not is_told and not _has_parts(ticket):
        raise FindingUnfit("parts")


def _has_evidence(ticket: Ticket) -> bool:
    return TicketPhoto.objects.filter(ticket=ticket).exists()


def _has_parts(ticket: Ticket) -> bool:
    """Say whether a part was used since the ticket was taken up for the last time."""
    used = TicketPart.objects.filter(ticket=ticket, is_used=True)
    if ticket.reopened:
        again = TicketNote.objects.filter(ticket=ticket, detail__verb="reopen").order_by("-pk")
        used = used.filter(at__gte=again.values("at")[:1])
    return used.exists()


def _told(finding: Finding) -> dict[str, str]:
    told = {
        "component": finding.component,
        "cause": finding.cause,
        "action": finding.action,
        "exclusion_class": finding.exclusion_class,
    }
    reference = finding.reference.strip()[:255]
    return {**told, "reference": reference} if reference else told


def _other(ticket: Ticket, number: int | None) -> Ticket:
    """Return the ticket a duplicate is of."""
    same = Ticket.objects.filter(operator_id=ticket.operator_id, number=number or 0)
    other = same.exclude(pk=ticket.pk).first()
    if other is None or other.duplicate_of_id == ticket.pk:
        raise TicketStateError(ticket, "dismiss", Refusal.NO_ORIGINAL)
    return other
