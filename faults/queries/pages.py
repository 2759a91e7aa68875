"""Tickets and faults as pages show them: frozen rows, in the words of who looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.models import Membership, Role
from faults.models import Downtime, Fault, Ticket, TicketNote
from faults.queries import clocks
from faults.queries.clocks import Clock
from faults.rules import words
from faults.rules.words import healing
from stations.models import StatusChange

LATEST_SIGNS = 20


@dataclass(frozen=True, slots=True)
class Where:
    """What a ticket or fault is about, in words; empty where it does not apply."""

    station_id: int | None
    station: str
    connector_id: int | None
    point: str
    site: str
    address: str
    coordinates: str
    cable: str
    zone: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket of a list."""

    id: int
    number: int
    code: str
    title: str
    severity: int
    state: str
    where: Where
    assignee_id: int | None
    assignee: str
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    resolution: str
    due: Clock | None = None


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault, with what the rule saw."""

    id: int
    code: str
    title: str
    cause: str
    steps: tuple[str, ...]
    severity: int
    state: str
    where: Where
    attribution: str
    began_at: datetime
    opened_at: datetime | None
    cleared_at: datetime | None
    reopened: int
    evidence: dict[str, Any]
    ticket_id: int | None
    ticket_number: int | None


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of a ticket's story: who, when, what; `detail` holds what changed, in ids."""

    at: datetime
    who: str
    kind: str
    verb: str
    title: str
    text: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sign:
    """What the station said around the time, newest first."""

    at: datetime
    received_at: datetime
    point: str
    status: str
    code: str
    vendor_code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a ticket can be given to."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """All of one ticket's page."""

    ticket: TicketRow
    faults: tuple[FaultRow, ...]
    story: tuple[StoryLine, ...]
    signs: tuple[Sign, ...]
    crew: tuple[Colleague, ...]
    down_since: datetime | None
    is_still_reported: bool


def title_of(code: str) -> str:
    """Return the plain name of a fault code, in the reader's language."""
    return gettext(words.words_for(code).name)


def tickets_for(person: Person) -> QuerySet[Ticket]:
    """Return the tickets a person may see, the most urgent first."""
    rows = Ticket.objects.visible_to(person)
    return rows.select_related(
        "station", "connector__evse", "cable", "location", "assignee"
    ).order_by("severity", "opened_at")


def faults_for(person: Person) -> QuerySet[Fault]:
    """Return the faults a person may see, the most severe first."""
    rows = Fault.objects.visible_to(person).exclude(state=Fault.State.PENDING)
    return rows.select_related(
        "station", "connector__evse", "cable", "location", "ticket"
    ).order_by("severity", "-began_at")


def open_faults(person: Person, *, station_id: int | None = None) -> list[FaultRow]:
    """Return the faults that hold now, of one station or of all."""
    rows = faults_for(person).filter(state=Fault.State.FIRING)
    if station_id is not None:
        rows = rows.filter(station_id=station_id)
    return [fault_row(fault) for fault in rows]


def open_tickets(person: Person, *, assignee_id: int | None = None) -> list[TicketRow]:
    """Return the tickets that are not closed, of one person or of all."""
    rows = tickets_for(person).filter(state__in=Ticket.OPEN)
    if assignee_id is not None:
        rows = rows.filter(assignee_id=assignee_id)
    return [ticket_row(ticket) for ticket in rows]


def ticket_detail(person: Person, ticket_id: int) -> TicketDetail:
    """Return one ticket's page; raises Http404 for a missing and a foreign ticket alike."""
    ticket = access.get_or_404(tickets_for(person), person, pk=ticket_id)
    faults = [fault_row(fault) for fault in faults_for(person).filter(ticket=ticket)]
    notes = TicketNote.objects.filter(ticket=ticket).select_related("author").order_by("at", "pk")
    down = Downtime.objects.filter(fault__ticket=ticket, ended_at__isnull=True)
    return TicketDetail(
        ticket=ticket_row(ticket),
        faults=tuple(faults),
        story=tuple(_line(note) for note in notes),
        signs=_signs(ticket),
        crew=_crew(ticket),
        down_since=down.order_by("started_at").values_list("started_at", flat=True).first(),
        is_still_reported=any(
            fault.state == Fault.State.FIRING and "ended_at" not in fault.evidence
            for fault in faults
        ),
    )


def ticket_row(ticket: Ticket, *, as_of: datetime | None = None) -> TicketRow:
    """Return a ticket, read by `tickets_for`, as a list shows it; with its clock at an instant."""
    return TicketRow(
        id=ticket.pk,
        number=ticket.number,
        code=ticket.code,
        title=title_of(ticket.code),
        severity=ticket.severity,
        state=ticket.state,
        where=_where(ticket),
        assignee_id=ticket.assignee_id,
        assignee=str(ticket.assignee or ""),
        opened_at=ticket.opened_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        reopened=ticket.reopened,
        resolution=ticket.resolution,
        due=clocks.next_of(ticket, as_of=as_of) if as_of else None,
    )


def fault_row(fault: Fault) -> FaultRow:
    """Return a fault, read by `faults_for`, as a page shows it."""
    known = words.words_for(fault.code)
    return FaultRow(
        id=fault.pk,
        code=fault.code,
        title=gettext(known.name),
        cause=gettext(known.cause),
        steps=tuple(gettext(step) for step in known.steps),
        severity=fault.severity,
        state=fault.state,
        where=_where(fault),
        attribution=fault.attribution,
        began_at=fault.began_at,
        opened_at=fault.opened_at,
        cleared_at=fault.cleared_at,
        reopened=fault.reopened,
        evidence=fault.evidence,
        ticket_id=fault.ticket_id,
        ticket_number=fault.ticket.number if fault.ticket else None,
    )


def _where(row: Ticket | Fault) -> Where:
    location = row.location
    parts: Sequence[str] = ()
    coordinates = ""
    if location is not None:
        parts = (location.street, f"{location.postal_code} {location.city}".strip())
        if location.latitude is not None and location.longitude is not None:
            coordinates = f"{location.latitude},{location.longitude}"
    return Where(
        station_id=row.station_id,
        station=row.station.name if row.station else "",
        connector_id=row.connector_id,
        point=str(row.connector.evse.number) if row.connector else "",
        site=location.name if location else "",
        address=", ".join(part for part in parts if part),
        coordinates=coordinates,
        cable=row.cable.serial_number if row.cable else "",
        zone=location.timezone if location else "UTC",
    )


def _line(note: TicketNote) -> StoryLine:
    verb = str(note.detail.get("verb", ""))
    return StoryLine(
        at=note.at,
        who=str(note.author or ""),
        kind=note.kind,
        verb=verb,
        title=gettext(words.CHANGES[verb]) if verb in words.CHANGES else "",
        text=note.text or _step_word(note.detail),
        detail=note.detail,
    )


def _step_word(detail: dict[str, Any]) -> str:
    word = healing.STEPS.get(str(detail.get("step", "")))
    return gettext(word) if word else ""


def _signs(ticket: Ticket) -> tuple[Sign, ...]:
    if ticket.station_id is None:
        return ()
    rows = StatusChange.objects.filter(station_id=ticket.station_id)
    if ticket.connector_id is not None:
        rows = rows.filter(Q(connector_id=ticket.connector_id) | Q(connector__isnull=True))
    rows = rows.select_related("connector__evse").order_by("-received_at")[:LATEST_SIGNS]
    return tuple(
        Sign(
            at=row.occurred_at,
            received_at=row.received_at,
            point=str(row.connector.evse.number) if row.connector else "",
            status=row.status,
            code=row.error_code,
            vendor_code=row.vendor_error_code,
            detail=row.detail,
        )
        for row in rows
    )


def _crew(ticket: Ticket) -> tuple[Colleague, ...]:
    members = Membership.objects.filter(
        operator_id=ticket.operator_id,
        role__in=[Role.OPERATOR, Role.TECHNICIAN],
        user__is_active=True,
    ).select_related("user")
    here = [one for one in members if one.site_ids is None or ticket.location_id in one.site_ids]
    named = {one.user_id: Colleague(one.user_id, str(one.user)) for one in here}
    return tuple(sorted(named.values(), key=lambda one: one.name))
