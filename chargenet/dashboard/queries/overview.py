"""The first page of the day: what waits for a person, and four figures that open their rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Min, Q, Sum, When
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import PriceDifference
from chargenet.core import access, formats
from chargenet.core.access import Person
from chargenet.dashboard.parts import Tile
from chargenet.dashboard.queries import revenue
from faults.models import Ticket
from faults.queries import clocks
from faults.queries import pages as fault_pages
from stations.models import Session, Station

QUEUE_LENGTH = 8
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Work:
    """One line of the work queue."""

    kind: str  # severity of a ticket, or the mark of a heap of rows
    value: str
    what: str
    where: str
    since: datetime | None
    href: str
    is_late: bool = False


def work_queue(person: Person, as_of: datetime) -> list[Work]:
    """Return what waits for a person: tickets by severity and age, then heaps of rows."""
    return [*_tickets(person, as_of), *_differing(person), *_offline(person), *_unbilled(person)]


def _tickets(person: Person, as_of: datetime) -> list[Work]:
    rows = (
        Ticket.objects.visible_to(person)
        .filter(state__in=Ticket.OPEN)
        .exclude(state=Ticket.State.RESOLVED)
        .select_related("station", "location", "assignee")
        .annotate(is_late=Case(When(clocks.late(as_of), then=True), default=False))
        .order_by("severity", "opened_at")[:QUEUE_LENGTH]
    )
    return [
        Work(
            kind="severity",
            value=str(ticket.severity),
            what=f"{fault_pages.title_of(ticket.code)} · #{ticket.number}",
            where=", ".join(
                str(part)
                for part in (
                    ticket.station or ticket.location,
                    ticket.assignee or _("nobody yet"),
                )
                if part
            ),
            since=ticket.opened_at,
            href=reverse("ticket_page", args=[ticket.pk]),
            is_late=ticket.is_late,
        )
        for ticket in rows
    ]


def _offline(person: Person) -> list[Work]:
    gone = Station.objects.visible_to(person).filter(
        is_active=True, is_online=False, connected_at__isnull=False
    )
    found = gone.aggregate(count=Count("pk"), since=Min("disconnected_at"))
    if not found["count"]:
        return []
    text = ngettext("%(count)s station offline", "%(count)s stations offline", found["count"])
    return [
        Work(
            "link",
            "offline",
            text % {"count": formats.number(found["count"])},
            _("longest first"),
            found["since"],
            f"{reverse('station_list')}?link=offline&sort=seen",
        )
    ]


def _differing(person: Person) -> list[Work]:
    """Return what the nightly reckoning could not repeat: money that nobody can explain."""
    open_ones = PriceDifference.objects.in_charge(person).filter(gone_at__isnull=True)
    found = open_ones.aggregate(count=Count("pk"), since=Min("found_at"))
    if not found["count"]:
        return []
    text = ngettext(
        "%(count)s session would cost something else now",
        "%(count)s sessions would cost something else now",
        found["count"],
    )
    return [
        Work(
            "work",
            "differs",
            text % {"count": formats.number(found["count"])},
            _("priced again at night, with what differs"),
            found["since"],
            f"{reverse('difference_list')}?state=open",
        )
    ]


def _unbilled(person: Person) -> list[Work]:
    waiting = Session.objects.in_charge(person).filter(
        state=Session.State.COMPLETED, cdr__isnull=True
    )
    found = waiting.aggregate(count=Count("pk"), since=Min("ended_at"))
    if not found["count"]:
        return []
    text = ngettext("%(count)s unbilled session", "%(count)s unbilled sessions", found["count"])
    return [
        Work(
            "work",
            "unbilled",
            text % {"count": formats.number(found["count"])},
            _("no price yet, with the reason for each"),
            found["since"],
            reverse("unbilled_list"),
        )
    ]


def tiles(person: Person, as_of: datetime) -> list[Tile]:
    """Return the four figures; money only for those whose role opens it."""
    last = (
        _revenue_tile(person, as_of)
        if access.has_role(person, *access.MONEY_ROLES)
        else _sessions_tile(person, as_of)
    )
    return [_online_tile(person), _charging_tile(person), _energy_tile(person, as_of), last]


def _online_tile(person: Person) -> Tile:
    stations = Station.objects.visible_to(person).filter(is_active=True)
    counts = stations.aggregate(all=Count("pk"), online=Count("pk", filter=Q(is_online=True)))
    offline = counts["all"] - counts["online"]
    return Tile(
        label=_("Stations online"),
        value=f"{formats.number(counts['online'])} / {formats.number(counts['all'])}",
        href=f"{reverse('station_list')}?link=offline"
        if offline
        else f"{reverse('station_list')}?link=online",
        icon="wifi",
        note=_("%(count)s not online") % {"count": formats.number(offline)}
        if offline
        else _("all of them"),
    )


def _charging_tile(person: Person) -> Tile:
    running = Session.objects.in_charge(person).filter(state=Session.State.OPEN)
    found = running.aggregate(count=Count("pk"), power_w=Sum("last_power_w"))
    count, power_w = found["count"], found["power_w"] or 0
    return Tile(
        label=_("Charging now"),
        value=formats.number(count),
        href=f"{reverse('session_list')}?state=open",
        icon="bolt",
        note=_("%(power)s delivered") % {"power": formats.power(power_w)},
    )


def _energy(person: Person, start: datetime, end: datetime) -> int:
    """Return the energy of sessions begun in a time; an open one counts what it has so far."""
    so_far = Greatest(F("last_register_wh") - F("meter_start_wh"), 0)
    total: int | None = (
        Session.objects.in_charge(person)
        .filter(started_at__gte=start, started_at__lt=end)
        .exclude(state=Session.State.FLAGGED)
        .aggregate(total=Sum(Coalesce("energy_wh", so_far, 0)))["total"]
    )
    return total or 0


def _midnight(as_of: datetime) -> datetime:
    return timezone.localtime(as_of).replace(hour=0, minute=0, second=0, microsecond=0)


def _energy_tile(person: Person, as_of: datetime) -> Tile:
    midnight = _midnight(as_of)
    today = _energy(person, midnight, as_of)
    before = _energy(person, midnight - DAY, as_of - DAY)
    delta = formats.change(today, before)
    return Tile(
        label=_("Energy today"),
        value=formats.energy(today),
        href=f"{reverse('session_list')}?when=today",
        icon="battery-charging",
        note=_("than yesterday at this time") if delta else _("sessions begun today"),
        delta=delta,
        meaning="better" if today > before else "worse" if today < before else "",
    )


def _revenue_tile(person: Person, as_of: datetime) -> Tile:
    period = revenue.month_of(timezone.localtime(as_of).date())
    currency = revenue.currency_of(person)
    now = revenue.total(person, currency, period)
    last_month = revenue.total(
        person, currency, period.same_days_before(timezone.localdate(as_of))
    )
    delta = formats.change(now, last_month)
    return Tile(
        label=_("Revenue this month"),
        value=formats.whole_money(now, currency),
        href=f"{reverse('revenue')}?period={period.name}",
        icon="coin",
        note=_("than last month so far") if delta else _("excl. VAT"),
        delta=delta,
        meaning="better" if now > last_month else "worse" if now < last_month else "",
    )


def _sessions_tile(person: Person, as_of: datetime) -> Tile:
    count = Session.objects.in_charge(person).filter(started_at__gte=_midnight(as_of)).count()
    return Tile(
        label=_("Sessions today"),
        value=formats.number(count),
        href=f"{reverse('session_list')}?when=today",
        icon="list-details",
        note=_("begun since midnight"),
    )
