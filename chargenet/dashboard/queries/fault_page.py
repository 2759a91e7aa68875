"""The page of one fault: what was seen, when it began, opened and ended, and what it cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.dashboard.parts import Chart
from chargenet.dashboard.queries import evidence_charts
from chargenet.dashboard.queries.revenue import connector_name
from faults.models import Downtime, Exclusion, Fault, HealingStep
from faults.queries import pages
from faults.queries.pages import FaultRow, Where
from faults.rules.words import healing as healing_words
from stations.models import StatusChange

MOST_DOWNTIMES, MOST_BEFORE, MOST_SIGNS, MOST_STEPS = 50, 20, 30, 20
# What the station said from this long before it began to this long after it ended.
AROUND = timedelta(minutes=30)


@dataclass(frozen=True)
class Moment:
    """One moment of a fault's life."""

    at: datetime
    icon: str
    what: str
    more: str = ""


@dataclass(frozen=True)
class Down:
    """One time in which nobody could charge because of it."""

    where: str
    connector_id: int
    started_at: datetime
    ended_at: datetime | None
    lasted: timedelta
    exclusion: str


@dataclass(frozen=True)
class Before:
    """An earlier fault of the same rule at the same place."""

    id: int
    state: str
    began_at: datetime
    cleared_at: datetime | None
    ticket_id: int | None
    ticket_number: int | None


@dataclass(frozen=True)
class Sign:
    """What the station said around the time."""

    at: datetime
    point: str
    status: str
    code: str


@dataclass(frozen=True)
class FaultPage:
    """All of one fault's page."""

    row: FaultRow
    where: Where
    last_seen_at: datetime
    lasted: timedelta
    explained_by: FaultRow | None
    explained_word: str
    moments: list[Moment]
    charts: list[Chart]
    downs: list[Down]
    before: list[Before]
    signs: list[Sign]


def fault_page(person: Person, fault_id: int, as_of: datetime) -> FaultPage:
    """Return one fault; raises Http404 for an outsider."""
    fault = access.get_or_404(_rows(person), person, pk=fault_id)
    row = pages.fault_row(fault)
    explained = _explained_by(person, fault)
    code = fault.inhibited_by.partition(":")[0]
    return FaultPage(
        row=row,
        where=row.where,
        last_seen_at=fault.last_seen_at,
        lasted=(fault.cleared_at or as_of) - fault.began_at,
        explained_by=explained,
        explained_word=f"{code} {pages.title_of(code)}" if code else "",
        moments=_moments(fault),
        charts=evidence_charts.charts_of(person, fault, zone=row.where.zone, as_of=as_of),
        downs=_downs(person, fault, as_of),
        before=_before(person, fault),
        signs=_signs(fault),
    )


def _rows(person: Person) -> access.TenantQuerySet[Fault]:
    return Fault.objects.visible_to(person).select_related(
        "station", "connector__evse", "cable", "location", "ticket"
    )


def _explained_by(person: Person, fault: Fault) -> FaultRow | None:
    """Return the wider fault that explains this one, as far as the person may see it."""
    code, _colon, scope_key = fault.inhibited_by.partition(":")
    if not scope_key:
        return None
    wider = _rows(person).filter(operator_id=fault.operator_id, code=code, scope_key=scope_key)
    found = wider.order_by("-began_at").first()
    return pages.fault_row(found) if found else None


def _moments(fault: Fault) -> list[Moment]:
    """Return what happened to a fault, the newest first."""
    told = [Moment(fault.began_at, "eye", _("It began"), _("watched until it lasts"))]
    if fault.opened_at is not None:
        told.append(Moment(fault.opened_at, "alert-triangle", _("Found: it is a fault")))
    if fault.ticket is not None:
        number = {"number": fault.ticket.number}
        told.append(
            Moment(fault.ticket.opened_at, "tool", _("Ticket #%(number)d opened") % number)
        )
    steps = HealingStep.objects.filter(healing__fault=fault).order_by("at")
    for step in steps[:MOST_STEPS]:
        word = healing_words.STEPS.get(step.step, "")
        tried = _("Would have been tried (dry run)") if step.is_dry_run else _("Tried from afar")
        told.append(Moment(step.at, "refresh", tried, _(word) if word else ""))
    if fault.state != Fault.State.CLEARED:
        told.append(Moment(fault.last_seen_at, "clock", _("Seen last")))
    if fault.cleared_at is not None:
        told.append(Moment(fault.cleared_at, "circle-check", _("Over")))
    return sorted(told, key=lambda one: one.at)[::-1]


def _downs(person: Person, fault: Fault, as_of: datetime) -> list[Down]:
    rows = Downtime.objects.visible_to(person).filter(fault=fault)
    rows = rows.select_related("connector__evse", "connector__station").order_by("-started_at")
    return [
        Down(
            where=connector_name(row.connector),
            connector_id=row.connector_id,
            started_at=row.started_at,
            ended_at=row.ended_at,
            lasted=(row.ended_at or as_of) - row.started_at,
            exclusion=""
            if row.exclusion_class == Exclusion.NONE
            else str(Exclusion(row.exclusion_class).label),
        )
        for row in rows[:MOST_DOWNTIMES]
    ]


def _before(person: Person, fault: Fault) -> list[Before]:
    rows = _rows(person).filter(
        operator_id=fault.operator_id, code=fault.code, scope_key=fault.scope_key
    )
    return [
        Before(
            id=row.pk,
            state=row.state,
            began_at=row.began_at,
            cleared_at=row.cleared_at,
            ticket_id=row.ticket_id,
            ticket_number=row.ticket.number if row.ticket else None,
        )
        for row in rows.exclude(pk=fault.pk).order_by("-began_at")[:MOST_BEFORE]
    ]


def _signs(fault: Fault) -> list[Sign]:
    """Return what the station said around the beginning, then around the end."""
    if fault.station_id is None:
        return []
    until = (fault.cleared_at or fault.last_seen_at) + AROUND
    rows = StatusChange.objects.filter(
        station_id=fault.station_id,
        received_at__gte=fault.began_at - AROUND,
        received_at__lte=until,
    )
    if fault.connector_id is not None:
        rows = rows.filter(Q(connector_id=fault.connector_id) | Q(connector__isnull=True))
    rows = rows.select_related("connector__evse").order_by("-received_at")
    return [
        Sign(
            at=row.occurred_at,
            point=str(row.connector.evse.number) if row.connector else "",
            status=row.status,
            code=f"{row.error_code} {row.vendor_error_code}".strip(),
        )
        for row in rows[:MOST_SIGNS]
    ]
