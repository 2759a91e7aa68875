"""A calendar as a file that calendars subscribe to (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from faults.queries.calendars import Entry

PRODUCT = "-//ChargeNet//Tickets//EN"
REFRESH = timedelta(minutes=15)


def calendar(*, name: str, entries: Iterable[Entry], domain: str, as_of: datetime) -> bytes:
    """Return a calendar; the same entry has the same UID in every reading."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _line(name))
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        made.add_component(_event(entry, domain, as_of))
    return bytes(made.to_ical())


def _event(entry: Entry, domain: str, as_of: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@{domain}")
    event.add("dtstamp", as_of)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("summary", _line(entry.title))
    event.add("transp", "OPAQUE" if entry.is_busy else "TRANSPARENT")
    for word, text in (("description", entry.text), ("location", entry.place)):
        if text:
            event.add(word, _line(text))
    if entry.url:
        event.add("url", entry.url)
    return event


def _line(text: str) -> str:
    """Return a text as one line without signs that no file should hold."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
