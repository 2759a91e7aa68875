"""What people are to be told, and when: at once, together, after the quiet hours or a window."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from chargenet.core.models import Membership, Outbox, Role, User
from faults.models import Notice, TellingChoice, Ticket, TicketWatcher, WayOut
from faults.notifications import gathering
from faults.notifications.letters import Told, address
from faults.queries import crew
from faults.rules.vocabulary.meaning import SAFETY

# S1 and S2 may wake somebody, whatever the hour.
WAKES = 2
# What is meant for one person goes without waiting for company.
DIRECT = frozenset({"assigned", "handed_over", "reopened", "mention"})


def notify_crew(told: Told, *, as_of: datetime) -> None:
    """Tell who is on call for the ticket's site; everybody who repairs there if nobody is."""
    write(told, crew.on_duty(told.ticket, as_of=as_of), as_of=as_of)


def notify_person(told: Told, *, user_id: int, as_of: datetime) -> None:
    """Tell one person."""
    write(told, User.objects.filter(pk=user_id, is_active=True), as_of=as_of)


def notify_watchers(told: Told, *, as_of: datetime, but: Collection[int] = ()) -> None:
    """Tell who watches a ticket, except who knows it already."""
    watching = TicketWatcher.objects.filter(ticket=told.ticket, user__is_active=True)
    people = [one.user for one in watching.select_related("user") if one.user_id not in but]
    write(told, people, as_of=as_of)


def write(told: Told, people: Iterable[User], *, as_of: datetime) -> None:
    """Write down whom to tell, once each; what is due already is sent on."""
    named = list(people)
    if not named:
        return
    due = _due_of(told, named, as_of)
    rows = [
        Notice(
            operator_id=told.ticket.operator_id,
            user=person,
            ticket=told.ticket,
            event=told.event,
            turn=told.turn[:40],
            severity=told.ticket.severity,
            group=f"{person.pk}:{told.ticket.location_id or 0}",
            created_at=as_of,
            due_at=due[person.pk],
        )
        for person in named
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if min(due.values()) <= as_of:
        gathering.gather(Notice.objects.filter(ticket=told.ticket), as_of=as_of)


def tell_machines(ticket: Ticket, *, verb: str, turn: int, as_of: datetime) -> None:
    """Put what happened to a ticket before the operator's webhooks, each once."""
    ways = WayOut.objects.filter(
        operator_id=ticket.operator_id,
        kind=WayOut.Kind.WEBHOOK,
        is_active=True,
        least__gte=ticket.severity,
    )
    rows = [
        Outbox(
            operator_id=ticket.operator_id,
            kind="webhook",
            key=f"hook:{way.pk}:{turn}",
            payload={"way_id": way.pk, "at": as_of.isoformat(), "body": _body(ticket, verb)},
            created_at=as_of,
            due_at=as_of,
        )
        for way in ways
    ]
    Outbox.objects.bulk_create(rows, ignore_conflicts=True)


def digest_readers(operator_id: int) -> list[User]:
    """Return who operates the whole network and has not declined the weekly letter."""
    heads = Membership.objects.filter(
        operator_id=operator_id, role=Role.OPERATOR, site_ids__isnull=True, user__is_active=True
    ).select_related("user")
    declined = TellingChoice.objects.filter(operator_id=operator_id, wants_digest=False)
    no = set(declined.values_list("user_id", flat=True))
    return [one.user for one in heads if one.user_id not in no]


def _due_of(told: Told, people: Sequence[User], as_of: datetime) -> dict[int, datetime]:
    """Return when each person is told: not in their own quiet hours, unless it wakes."""
    due_at = _due_at(told, as_of)
    due = {person.pk: due_at for person in people}
    if told.ticket.severity <= WAKES:
        return due
    sleeping = TellingChoice.objects.filter(
        operator_id=told.ticket.operator_id, user_id__in=list(due), quiet_from__isnull=False
    )
    for choice in sleeping:
        end = crew.quiet_end(choice, zone=_zone(told.ticket), as_of=due_at)
        due[choice.user_id] = end or due_at
    return due


def _zone(ticket: Ticket) -> str:
    return ticket.location.timezone if ticket.location else "UTC"


def _due_at(told: Told, as_of: datetime) -> datetime:
    ticket = told.ticket
    if ticket.severity == SAFETY:
        # neither the night nor a window hides danger
        return as_of
    policy = crew.policy_of(ticket.operator_id)
    wait = timedelta(0) if told.event in DIRECT else timedelta(seconds=policy.group_wait_s)
    due_at = as_of + wait
    silenced_until = crew.window_end(ticket, as_of=as_of)
    if silenced_until is not None and told.event not in DIRECT:
        due_at = max(due_at, silenced_until)
    if ticket.severity > WAKES:
        due_at = crew.quiet_end(policy, zone=_zone(ticket), as_of=due_at) or due_at
    return due_at


def _body(ticket: Ticket, verb: str) -> dict[str, object]:
    return {
        "event": f"ticket.{verb}",
        "ticket": {
            "id": ticket.pk,
            "number": ticket.number,
            "state": ticket.state,
            "severity": ticket.severity,
            "code": ticket.code,
            "closing": ticket.closing,
            "location_id": ticket.location_id,
            "station_id": ticket.station_id,
            "connector_id": ticket.connector_id,
            "cable_id": ticket.cable_id,
            "opened_at": ticket.opened_at.isoformat(),
            "url": address(ticket),
        },
    }
