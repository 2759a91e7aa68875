"""The crew, its promises and its windows, as pages show them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Operator
from faults.models import (
    CrewMember,
    Duty,
    MaintenanceWindow,
    Rank,
    ServiceLevel,
    Skill,
    Ticket,
)
from faults.queries import crew
from stations.models import Location

# What the Californian rule lets a port be away for maintenance in a year.
MOST_HOURS = 72


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One person of the crew."""

    user_id: int
    name: str
    rank: str
    rank_label: str
    skills: tuple[str, ...]
    skill_labels: tuple[str, ...]
    site_names: tuple[str, ...]
    is_on_call: bool
    open_tickets: int


@dataclass(frozen=True, slots=True)
class LevelRow:
    """What is promised for one severity, near and far."""

    severity: int
    near: tuple[timedelta, timedelta]
    far: tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One maintenance window, and how much of the year's hours its place has used."""

    id: int
    place: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    who: str
    state: str
    used_hours: int
    is_over: bool


def members_of(operator: Operator, *, as_of: datetime) -> list[MemberRow]:
    """Return an operator's crew by name, in a fixed number of queries."""
    said = {one.user_id: one for one in CrewMember.objects.filter(operator=operator)}
    on_call = crew.duty_ids(operator.pk, as_of=as_of)
    held: dict[int, int] = {}
    mine = Ticket.objects.filter(operator=operator, state__in=Ticket.OPEN, assignee__isnull=False)
    for user_id in mine.values_list("assignee_id", flat=True):
        held[user_id or 0] = held.get(user_id or 0, 0) + 1
    named = {pk for one in said.values() for pk in one.site_ids}
    sites = dict(Location.objects.filter(pk__in=named).values_list("pk", "name"))
    rows = []
    for person in crew.people_of(operator.pk):
        member = said.get(person.pk, CrewMember())
        rows.append(
            MemberRow(
                user_id=person.pk,
                name=str(person),
                rank=member.rank,
                rank_label=str(Rank(member.rank).label),
                skills=tuple(member.skills),
                skill_labels=tuple(str(Skill(skill).label) for skill in member.skills),
                site_names=tuple(sites[pk] for pk in member.site_ids if pk in sites),
                is_on_call=person.pk in on_call,
                open_tickets=held.get(person.pk, 0),
            )
        )
    return rows


def duties_of(operator: Operator, *, as_of: datetime) -> list[Duty]:
    """Return who is on call now and later."""
    coming = Duty.objects.filter(operator=operator, ends_at__gt=as_of).select_related("user")
    return list(coming.order_by("starts_at", "pk")[:60])


def levels_of(operator: Operator) -> dict[tuple[int, bool], ServiceLevel]:
    """Return what an operator has promised itself, by severity and far away or not."""
    rows = ServiceLevel.objects.filter(operator=operator)
    return {(row.severity, row.is_rural): row for row in rows}


def windows_for(person: Person) -> QuerySet[MaintenanceWindow]:
    """Return the windows a person may see."""
    rows = MaintenanceWindow.objects.visible_to(person)
    return rows.select_related("location", "station", "created_by").order_by("-ends_at")


def window_row(window: MaintenanceWindow, *, as_of: datetime) -> WindowRow:
    """Return one window, read by `windows_for`, as its list shows it."""
    place = window.location.name
    if window.station is not None:
        place = f"{place} · {window.station.name}"
    state = "over" if window.ends_at <= as_of else "now"
    used = used_hours(window, as_of=as_of)
    return WindowRow(
        id=window.pk,
        place=place,
        zone=window.location.timezone,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        reason=window.reason,
        who=str(window.created_by),
        state="coming" if window.starts_at > as_of else state,
        used_hours=used,
        is_over=used > MOST_HOURS,
    )


def used_hours(window: MaintenanceWindow, *, as_of: datetime) -> int:
    """Return the hours in windows of this calendar year at a window's place, overlaps once."""
    begins = as_of.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    same = MaintenanceWindow.objects.filter(
        Q(station__isnull=True) | Q(station_id=window.station_id),
        location_id=window.location_id,
        ends_at__gt=begins,
    )
    total, until = timedelta(0), begins
    for starts_at, ends_at in same.order_by("starts_at").values_list("starts_at", "ends_at"):
        starts_at = max(starts_at, until)
        if ends_at > starts_at:
            total += ends_at - starts_at
            until = ends_at
    return round(total / timedelta(hours=1))


def window_spec(as_of: datetime) -> Spec:
    """Return what the list of windows can do."""

    def when(value: str) -> Q:
        return Q(ends_at__lte=as_of) if value == "over" else Q()

    states = {"over": _("Over"), "now": _("Holds now"), "coming": _("Coming")}
    return Spec(
        name="windows",
        columns=(
            Column("place", _("Where"), ("location__name",), csv=lambda r: r.place),
            Column("from", _("From"), ("starts_at",), csv=lambda r: r.starts_at),
            Column("until", _("Until"), ("-ends_at",), csv=lambda r: r.ends_at),
            Column("reason", _("Reason"), csv=lambda r: r.reason),
            Column("hours", _("Hours this year"), is_number=True, csv=lambda r: r.used_hours),
            Column("state", _("State"), csv=lambda r: states[r.state]),
        ),
        default_sort="until",
        filters=(
            Filter("when", _("Now and coming"), [("over", _("Over")), ("all", _("All"))], when),
        ),
        search=lambda text: Q(location__name__istartswith=text) | Q(reason__icontains=text),
        search_label=_("Search site or reason"),
    )
