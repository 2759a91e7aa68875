"""Telling people of tickets: written with the deed, sent by a relay that may be late."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import formats, translation
from django.utils.translation import gettext

from chargenet.core.models import Membership, Outbox, Role, User
from faults import notifiers
from faults.models import Ticket
from faults.rules import words

logger = logging.getLogger(__name__)

# S1 to S3 are told at once; what is only degraded waits for somebody to look at the list.
TELL_AT_ONCE = 3
# A mail is given this long before another worker may take it for lost.
LEASE = timedelta(minutes=5)
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]

SUBJECTS = {
    "opened": words.gettext_noop("S%(severity)d %(fault)s: %(station)s"),
    "raised": words.gettext_noop("Now S%(severity)d %(fault)s: %(station)s"),
    "assigned": words.gettext_noop("Yours: %(fault)s at %(station)s"),
    "reopened": words.gettext_noop("Back again: %(fault)s at %(station)s"),
    "cleared": words.gettext_noop("No longer reported: %(fault)s at %(station)s"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell: what happened to which ticket; `turn` tells repetitions apart."""

    ticket: Ticket
    event: str
    turn: str


def notify_crew(told: Told, *, as_of: datetime) -> None:
    """Tell everybody who repairs or operates the ticket's site."""
    _write(told, _crew(told.ticket), as_of=as_of)


def notify_person(told: Told, *, user_id: int, as_of: datetime) -> None:
    """Tell one person."""
    _write(told, User.objects.filter(pk=user_id, is_active=True), as_of=as_of)


def relay_due(*, as_of: datetime, limit: int = 50) -> int:
    """Send what is due and return how much left the house.

    A row is leased before it is sent, so that two relays do not send it twice and a relay that
    dies loses nothing. What cannot be sent is tried again, ever more seldom, then given up.
    """
    sent = 0
    for row in _lease(as_of, limit):
        try:
            notifiers.NOTIFIERS[row.kind](row.payload, row.key)
        except notifiers.NotifierError as error:
            _put_back(row, error, as_of=as_of)
        else:
            Outbox.objects.filter(pk=row.pk).update(sent_at=as_of, last_error="")
            sent += 1
    return sent


def _lease(as_of: datetime, limit: int) -> list[Outbox]:
    with transaction.atomic():
        due = Outbox.objects.filter(
            kind__in=notifiers.NOTIFIERS,
            sent_at__isnull=True,
            failed_at__isnull=True,
            due_at__lte=as_of,
        )
        rows = list(due.order_by("due_at", "pk").select_for_update(skip_locked=True)[:limit])
        for row in rows:
            row.attempts += 1
            row.due_at = as_of + LEASE
            row.save(update_fields=["attempts", "due_at"])
    return rows


def _put_back(row: Outbox, error: notifiers.NotifierError, *, as_of: datetime) -> None:
    is_hopeless = error.permanent or row.attempts > len(BACK_OFF)
    logger.warning(
        "mail not sent outbox=%d attempt=%d final=%s error=%s",
        row.pk,
        row.attempts,
        is_hopeless,
        error,
    )
    if is_hopeless:
        Outbox.objects.filter(pk=row.pk).update(failed_at=as_of, last_error=str(error))
        return
    due_at = as_of + BACK_OFF[row.attempts - 1]
    Outbox.objects.filter(pk=row.pk).update(due_at=due_at, last_error=str(error))


def _crew(ticket: Ticket) -> list[User]:
    members = Membership.objects.filter(
        operator_id=ticket.operator_id,
        role__in=[Role.OPERATOR, Role.TECHNICIAN],
        user__is_active=True,
    ).select_related("user")
    here = [one for one in members if one.site_ids is None or ticket.location_id in one.site_ids]
    return list({one.user_id: one.user for one in here}.values())


def _write(told: Told, people: Iterable[User], *, as_of: datetime) -> None:
    rows = [
        Outbox(
            operator_id=told.ticket.operator_id,
            kind="email",
            key=f"ticket:{told.ticket.pk}:{told.event}:{told.turn}:{person.pk}",
            payload=_letter(told, person),
            created_at=as_of,
            due_at=as_of,
        )
        for person in people
    ]
    Outbox.objects.bulk_create(rows, ignore_conflicts=True)


def _letter(told: Told, person: User) -> dict[str, str]:
    ticket = told.ticket
    known = words.words_for(ticket.code)
    with translation.override(person.language):
        named = {
            "severity": ticket.severity,
            "fault": gettext(known.name),
            "station": ticket.station.name if ticket.station else gettext("the network"),
        }
        steps = [f"{n}. {gettext(step)}" for n, step in enumerate(known.steps, start=1)]
        lines = [
            gettext(known.cause),
            "",
            *_where(ticket),
            "",
            gettext("First steps:"),
            *steps,
            "",
            f"{settings.PUBLIC_URL}/tickets/{ticket.pk}/",
        ]
        subject = f"[#{ticket.number}] {gettext(SUBJECTS[told.event]) % named}"
    return {"to": person.email, "subject": " ".join(subject.split()), "text": "\n".join(lines)}


def _where(ticket: Ticket) -> list[str]:
    location = ticket.location
    zone = ZoneInfo(location.timezone if location else "UTC")
    opened = formats.date_format(ticket.opened_at.astimezone(zone), "SHORT_DATETIME_FORMAT")
    parts = (location.name, location.street, location.city) if location else ()
    said = [
        (gettext("Ticket"), f"#{ticket.number}, S{ticket.severity}, {ticket.code}"),
        (gettext("Site"), ", ".join(part for part in parts if part)),
        (gettext("Station"), ticket.station.name if ticket.station else ""),
        (gettext("Charge point"), str(ticket.connector.evse.number) if ticket.connector else ""),
        (gettext("Charging cable"), ticket.cable.serial_number if ticket.cable else ""),
        (gettext("Opened"), f"{opened} ({zone.key})"),
    ]
    return [f"{label}: {text}" for label, text in said if text]
