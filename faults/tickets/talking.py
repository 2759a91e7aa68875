"""What people say on a ticket, whom they name, and who wants to hear it."""

import re
from datetime import datetime

from django.db import transaction

from chargenet.core import events
from chargenet.core.events import Event
from chargenet.core.models import User
from faults import notifications
from faults.models import Ticket, TicketNote, TicketWatcher
from faults.notifications import Told
from faults.queries import crew
from faults.tickets import story

# "@Dag" or "@dag.larsson": the name, or what stands before the @ of the address.
MENTION = re.compile(r"(?<![\w@])@([\w.+-]{1,60})")


def add_note(
    *, ticket_id: int, actor_id: int, text: str, idempotency_key: str, as_of: datetime
) -> TicketNote:
    """Write what a person saw; the same key twice is one note. Who is named is told, and watches.

    Raises NotOfTheCrew for a person who is neither of the crew nor sees the ticket.
    """
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        key = idempotency_key[:40]
        same = TicketNote.objects.filter(ticket=ticket, idempotency_key=key) if key else None
        before = same.first() if same is not None else None
        if before is not None:
            return before
        named = mentioned(ticket, text)
        note = TicketNote.objects.create(
            operator_id=ticket.operator_id,
            ticket=ticket,
            author_id=actor_id,
            kind=TicketNote.Kind.NOTE,
            text=text.strip(),
            detail={"mentions": [person.pk for person in named]} if named else {},
            idempotency_key=key,
            at=as_of,
        )
        for person in named:
            _add_watcher(ticket, person.pk, as_of)
        told = Told(ticket, "mention", str(note.pk))
        notifications.write(told, [one for one in named if one.pk != actor_id], as_of=as_of)
        told = Told(ticket, "noted", str(note.pk))
        heard = {actor_id, *(person.pk for person in named)}
        notifications.notify_watchers(told, as_of=as_of, but=heard)
        notifications.tell_machines(ticket, verb="note", turn=note.pk, as_of=as_of)
        ids = {"ticket_id": ticket.pk, "operator_id": ticket.operator_id}
        events.publish(Event.TICKET_CHANGED, **ids)
        return note


def mentioned(ticket: Ticket, text: str) -> list[User]:
    """Return who of a ticket's crew a text names; a name two people have is neither."""
    wanted = {name.casefold().rstrip(".") for name in MENTION.findall(text)}
    if not wanted:
        return []
    people = crew.crew_of(operator_id=ticket.operator_id, location_id=ticket.location_id)
    by_name: dict[str, list[User]] = {}
    for person in people:
        for name in _names(person):
            by_name.setdefault(name, []).append(person)
    found = {
        by_name[name][0].pk: by_name[name][0] for name in wanted if len(by_name.get(name, [])) == 1
    }
    return sorted(found.values(), key=str)


def watch(*, ticket_id: int, user_id: int, as_of: datetime) -> None:
    """Let a person hear what happens to a ticket."""
    _add_watcher(Ticket.objects.get(pk=ticket_id), user_id, as_of)


def unwatch(*, ticket_id: int, user_id: int) -> None:
    """Let a person hear no more of a ticket."""
    TicketWatcher.objects.filter(ticket_id=ticket_id, user_id=user_id).delete()


def _add_watcher(ticket: Ticket, user_id: int, as_of: datetime) -> None:
    row = TicketWatcher(operator_id=ticket.operator_id, ticket=ticket, user_id=user_id, at=as_of)
    TicketWatcher.objects.bulk_create([row], ignore_conflicts=True)


def _names(person: User) -> set[str]:
    full = person.name.casefold().strip()
    names = {person.email.partition("@")[0].casefold(), full.replace(" ", "."), full.split(" ")[0]}
    return names - {""}
