"""What a letter says: one ticket with its first steps, or several of a site in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext, ngettext

from chargenet.core.models import User
from faults.models import Ticket
from faults.rules import words

SUBJECTS = {
    "opened": words.gettext_noop("S%(severity)d %(fault)s: %(station)s"),
    "raised": words.gettext_noop("Now S%(severity)d %(fault)s: %(station)s"),
    "assigned": words.gettext_noop("Yours: %(fault)s at %(station)s"),
    "handed_over": words.gettext_noop("%(who)s has it now: %(fault)s at %(station)s"),
    "reopened": words.gettext_noop("Back again: %(fault)s at %(station)s"),
    "cleared": words.gettext_noop("No longer reported: %(fault)s at %(station)s"),
    "again": words.gettext_noop("Nobody has it yet: S%(severity)d %(fault)s: %(station)s"),
    "lead": words.gettext_noop("Not accepted so far: S%(severity)d %(fault)s: %(station)s"),
    "manager": words.gettext_noop("Not accepted in time: S%(severity)d %(fault)s: %(station)s"),
    "overdue": words.gettext_noop("Not restored in time: %(fault)s at %(station)s"),
    "mention": words.gettext_noop("You are mentioned: %(fault)s at %(station)s"),
    "noted": words.gettext_noop("New note: %(fault)s at %(station)s"),
    "resolved": words.gettext_noop("Repaired, to be proven: %(fault)s at %(station)s"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell: what happened to which ticket; `turn` tells repetitions apart."""

    ticket: Ticket
    event: str
    turn: str


def letter(told: Told, person: User) -> dict[str, str]:
    """Write one ticket's letter in its reader's language."""
    ticket = told.ticket
    known = words.words_for(ticket.code)
    with translation.override(person.language):
        steps = [f"{n}. {gettext(step)}" for n, step in enumerate(known.steps, start=1)]
        lines = [
            gettext(known.cause),
            "",
            *_where(ticket),
            "",
            gettext("First steps:"),
            *steps,
            "",
            address(ticket),
        ]
        subject = _subject(told)
    return {"to": person.email, "subject": subject, "text": "\n".join(lines)}


def letter_of_many(told: Sequence[Told], person: User) -> dict[str, str]:
    """Write one letter of several tickets of a site, the worst first."""
    ordered = sorted(told, key=lambda one: (one.ticket.severity, one.ticket.number))
    with translation.override(person.language):
        site = ordered[0].ticket.location
        count = len(ordered)
        subject = ngettext("%(count)d message: %(site)s", "%(count)d messages: %(site)s", count)
        named = {"count": count, "site": site.name if site else gettext("the network")}
        parts = [f"{_subject(one)}\n{address(one.ticket)}" for one in ordered]
    return {"to": person.email, "subject": _line(subject % named), "text": "\n\n".join(parts)}


def text_message(told: Sequence[Told], person: User) -> str:
    """Write what fits a telephone: the worst thing, how many more, and where to read on."""
    ordered = sorted(told, key=lambda one: (one.ticket.severity, one.ticket.number))
    with translation.override(person.language):
        said = _subject(ordered[0])[:110]
        more = f" +{len(ordered) - 1}" if len(ordered) > 1 else ""
    return f"{said}{more} {address(ordered[0].ticket)}"


def address(ticket: Ticket) -> str:
    """Return where a ticket is read."""
    return f"{settings.PUBLIC_URL}/tickets/{ticket.pk}/"


def _subject(told: Told) -> str:
    """Return what happened in one line, in the language that is on."""
    ticket = told.ticket
    named = {
        "severity": ticket.severity,
        "fault": gettext(words.words_for(ticket.code).name),
        "station": _place(ticket),
        "who": str(ticket.assignee or "–"),
    }
    return _line(f"[#{ticket.number}] {gettext(SUBJECTS[told.event]) % named}")


def _place(ticket: Ticket) -> str:
    if ticket.station is not None:
        return ticket.station.name
    return ticket.location.name if ticket.location else gettext("the network")


def _line(text: str) -> str:
    """Return a text as one line: what a station calls itself may hold any character."""
    return " ".join(text.split())


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
    return [f"{label}: {_line(text)}" for label, text in said if text]
