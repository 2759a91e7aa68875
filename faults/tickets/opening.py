"""Tickets that faults open, follow and close."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from chargenet.core import events
from chargenet.core.events import Event
from faults import notifications
from faults.models import Ticket, TicketNote
from faults.notifications import TELL_AT_ONCE, Told
from faults.queries import crew, suggestions
from faults.rules.vocabulary.meaning import SAFETY
from faults.tickets import promises, story, work

State = Ticket.State
# Danger; and the least that is given to somebody: S5 is for the weekly letter.
LEAST = 4
REOPEN_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class About:
    """What a ticket is about."""

    operator_id: int
    scope_key: str
    location_id: int | None = None
    station_id: int | None = None
    connector_id: int | None = None
    cable_id: int | None = None


def open_ticket(
    *,
    about: About,
    family: str,
    code: str,
    severity: int,
    as_of: datetime,
    actor_id: int | None = None,
) -> Ticket:
    """Return the open ticket of this scope and family; opens one, or reopens one closed today."""
    with transaction.atomic():
        story.lock_numbers(about.operator_id)
        same = Ticket.objects.select_for_update(no_key=True).filter(
            operator_id=about.operator_id, scope_key=about.scope_key, family=family
        )
        recent = same.filter(closed_at__gte=as_of - REOPEN_WITHIN).order_by("-pk")
        ticket = same.exclude(state=State.CLOSED).first() or recent.first()
        if ticket is None:
            return _create(about, family, code, severity, actor_id, as_of)
        if ticket.state in {State.CLOSED, State.RESOLVED}:
            step = story.Step("reopen", ticket.pk, actor_id, as_of)
            story.reopen(ticket, step, {"code": code})
            _tell_who_had_it(ticket, as_of)
        _raise_severity(ticket, code, severity, as_of)
        return ticket


def note_evidence(*, ticket: Ticket, key: str, detail: dict[str, Any], as_of: datetime) -> None:
    """Write what a rule found on the ticket; the same key twice is one line."""
    note = TicketNote(
        operator_id=ticket.operator_id,
        ticket=ticket,
        kind=TicketNote.Kind.EVIDENCE,
        detail=detail,
        idempotency_key=key[:40],
        at=as_of,
    )
    TicketNote.objects.bulk_create([note], ignore_conflicts=True)


def fault_cleared(*, ticket_id: int, as_of: datetime) -> None:
    """Follow a cleared fault: close what nobody began or somebody resolved, tell who is at it."""
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        if ticket.state == State.CLOSED or story.firing_faults(ticket).exists():
            return
        story.close_if_proven(ticket, as_of)
        if ticket.state == State.CLOSED:
            return
        ids = {"ticket_id": ticket.pk, "operator_id": ticket.operator_id}
        events.publish(Event.TICKET_CHANGED, **ids)
        if ticket.assignee_id is not None:
            told = Told(ticket, "cleared", f"{as_of:%Y%m%dT%H%M%S}")
            notifications.notify_person(told, user_id=ticket.assignee_id, as_of=as_of)


def _create(
    about: About, family: str, code: str, severity: int, actor_id: int | None, as_of: datetime
) -> Ticket:
    highest = Ticket.objects.filter(operator_id=about.operator_id).aggregate(n=Max("number"))["n"]
    ticket = Ticket(
        operator_id=about.operator_id,
        number=(highest or 0) + 1,
        scope_key=about.scope_key,
        family=family,
        code=code,
        severity=severity,
        location_id=about.location_id,
        station_id=about.station_id,
        connector_id=about.connector_id,
        cable_id=about.cable_id,
        opened_at=as_of,
    )
    policy = crew.policy_of(about.operator_id)
    promises.start_clocks(ticket, policy, as_of=as_of)
    ticket.save()
    story.write_down(ticket, story.Step("open", ticket.pk, actor_id, as_of), {"code": code})
    is_given = policy.assigns_by_itself and severity <= LEAST
    chosen = _give_away(ticket, as_of) if is_given else None
    if severity <= TELL_AT_ONCE and (chosen is None or severity == SAFETY):
        # of danger everybody on call hears, whoever was given it
        notifications.notify_crew(Told(ticket, "opened", "0"), as_of=as_of)
    return chosen or ticket


def _give_away(ticket: Ticket, as_of: datetime) -> Ticket | None:
    """Give a new ticket to who fits best; its clock runs on until they accept it."""
    best = suggestions.best_for(ticket, as_of=as_of)
    if best is None:
        return None
    return work.assign_ticket(
        ticket_id=ticket.pk, assignee_id=best.user.pk, actor_id=None, as_of=as_of
    )


def _raise_severity(ticket: Ticket, code: str, severity: int, as_of: datetime) -> None:
    if severity >= ticket.severity:
        return
    detail = {"from": ticket.severity, "to": severity, "code": code}
    ticket.severity, ticket.code = severity, code
    promises.tighten(ticket, crew.policy_of(ticket.operator_id), as_of=as_of)
    ticket.save(update_fields=["severity", "code", "acknowledge_by", "restore_by", "escalate_at"])
    story.write_down(ticket, story.Step("raise", ticket.pk, None, as_of), detail)
    if severity <= TELL_AT_ONCE:
        told = Told(ticket, "raised", f"{ticket.reopened}.{severity}")
        notifications.notify_crew(told, as_of=as_of)


def _tell_who_had_it(ticket: Ticket, as_of: datetime) -> None:
    """Tell the person who had a ticket that it is back; others are woken by danger alone."""
    told = Told(ticket, "reopened", str(ticket.reopened))
    if ticket.severity == SAFETY:
        notifications.notify_crew(told, as_of=as_of)
    if ticket.assignee_id is not None:
        notifications.notify_person(told, user_id=ticket.assignee_id, as_of=as_of)
