"""What a person has to be somewhere for: tickets that are due, their duty, maintenance windows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from chargenet.core import access
from chargenet.core.models import User
from faults.models import Duty, MaintenanceWindow, Ticket
from faults.queries import lists, pages

BACK, MOST = timedelta(days=30), 300
# A ticket is due at an instant; a calendar wants a length.
SHOWN_BEFORE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a calendar; a day alone where the hour is not known."""

    key: str
    starts: datetime | date
    ends: datetime | date
    title: str
    text: str = ""
    place: str = ""
    url: str = ""
    # Keeps its person from doing something else.
    is_busy: bool = True


def entries_of(user: User, *, as_of: datetime) -> list[Entry]:
    """Return a person's calendar in the language that is on, of the last month and later."""
    return [*_tickets(user), *_duties(user, as_of), *_windows(user, as_of)]


def _tickets(user: User) -> Iterator[Entry]:
    rows = pages.tickets_for(user).filter(
        assignee_id=user.pk, state__in=Ticket.UNDONE, operator_id__in=_operators(user)
    )
    for ticket in rows[:MOST]:
        row = pages.ticket_row(ticket)
        known: dict[str, Any] = {
            "key": f"ticket-{ticket.pk}",
            "title": f"#{ticket.number} S{ticket.severity} {row.title}, {lists.place(row.where)}",
            "text": row.where.site,
            "place": row.where.address or row.where.site,
            "url": f"{settings.PUBLIC_URL}/tickets/{ticket.pk}/",
        }
        if ticket.state == Ticket.State.WAITING and ticket.expected_on is not None:
            day = ticket.expected_on
            yield Entry(starts=day, ends=day + timedelta(days=1), is_busy=False, **known)
        elif ticket.restore_by is not None:
            yield Entry(starts=ticket.restore_by - SHOWN_BEFORE, ends=ticket.restore_by, **known)


def _duties(user: User, as_of: datetime) -> Iterator[Entry]:
    mine = Duty.objects.filter(
        user=user, operator_id__in=_operators(user), ends_at__gt=as_of - BACK
    )
    for duty in mine.select_related("operator").order_by("starts_at")[:MOST]:
        title = _("On call for %(network)s") % {"network": duty.operator.name}
        yield Entry(f"duty-{duty.pk}", duty.starts_at, duty.ends_at, title, is_busy=False)


def _windows(user: User, as_of: datetime) -> Iterator[Entry]:
    rows = MaintenanceWindow.objects.visible_to(user).filter(ends_at__gt=as_of - BACK)
    for window in rows.select_related("location", "station").order_by("starts_at")[:MOST]:
        site = window.location
        where = f"{site.name} · {window.station.name}" if window.station else site.name
        yield Entry(
            key=f"window-{window.pk}",
            starts=window.starts_at,
            ends=window.ends_at,
            title=_("Maintenance: %(where)s") % {"where": where},
            text=window.reason,
            place=", ".join(part for part in (site.name, site.street, site.city) if part),
            url=f"{settings.PUBLIC_URL}/tickets/windows/",
            is_busy=False,
        )


def _operators(user: User) -> list[int]:
    return access.operator_ids(user, access.TECHNICAL_ROLES)
