"""What drivers reported, as the pages of the operator show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from faults.models import DriverReport, ReportKind, ReportPhoto, Ticket
from stations.models import Location

MAX_SITES = 500
MOST_OTHERS = 10
State = DriverReport.State


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something was reported."""

    station_id: int
    station: str
    point: str
    site: str
    zone: str


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report of a list."""

    id: int
    kind: str
    what: str
    text: str
    where: Spot
    state: str
    received_at: datetime
    has_photo: bool
    ticket_id: int | None
    ticket_number: int | None

    @property
    def is_danger(self) -> bool:
        """Return whether somebody may be in danger."""
        return self.kind == ReportKind.DANGER


@dataclass(frozen=True, slots=True)
class ReportPage:
    """All of one report's page."""

    row: ReportRow
    contact: str
    language: str
    answer: str
    answered_at: datetime | None
    closed_at: datetime | None
    closed_by: str
    # Reports of the same connector, newest first.
    others: tuple[ReportRow, ...]
    open_ticket: Ticket | None


def reports_for(person: Person) -> QuerySet[DriverReport]:
    """Return the reports a person may see, the newest first."""
    photo = ReportPhoto.objects.filter(report_id=OuterRef("pk"))
    rows = DriverReport.objects.visible_to(person).annotate(has_photo=Exists(photo))
    return rows.select_related("station", "connector__evse", "location", "ticket").order_by(
        "-received_at", "-pk"
    )


def report_spec(person: Person) -> Spec:
    """Return what the list of reports can do."""
    sites = Location.objects.visible_to(person).values_list("pk", "name")[:MAX_SITES]
    return Spec(
        name="reports",
        columns=(
            Column("what", _("Report"), ("kind",), csv=lambda r: r.what),
            Column("where", _("Where"), ("station__name",), csv=lambda r: _place(r.where)),
            Column("text", _("Words"), csv=lambda r: r.text),
            Column("state", _("State"), ("state",), csv=lambda r: _state_word(r.state)),
            Column("ticket", _("Ticket"), csv=lambda r: r.ticket_number),
            Column(
                "received",
                _("Received"),
                ("received_at",),
                is_number=True,
                csv=lambda r: r.received_at,
            ),
        ),
        default_sort="-received",
        filters=(
            Filter("state", _("Not answered yet"), _states(), _by_state),
            Filter(
                "kind",
                _("All kinds"),
                [(value, str(label)) for value, label in ReportKind.choices],
                lambda value: Q(kind=value),
            ),
            Filter(
                "site",
                _("All sites"),
                [(str(pk), name) for pk, name in sites],
                lambda value: Q(location_id=int(value)),
            ),
        ),
        search=lambda text: Q(station__name__istartswith=text) | Q(text__icontains=text),
        search_label=_("Search station or words"),
    )


def _states() -> list[tuple[str, str]]:
    closed = [(value, str(label)) for value, label in State.choices if value != State.NEW]
    return [*closed, ("all", _("All"))]


def _state_word(state: str) -> str:
    return _("Not answered") if state == State.NEW else str(State(state).label)


def _by_state(value: str) -> Q:
    return Q() if value == "all" else Q(state=value)


def describe_reports(rows: Iterable[DriverReport]) -> list[ReportRow]:
    """Return reports, read by `reports_for`, as lists show them."""
    return [_row(report) for report in rows]


def report_page(person: Person, report_id: int) -> ReportPage:
    """Return one report; raises Http404 for an outsider."""
    report = access.get_or_404(
        reports_for(person).select_related("closed_by"), person, pk=report_id
    )
    others = reports_for(person).filter(connector_id=report.connector_id).exclude(pk=report.pk)
    tickets = Ticket.objects.visible_to(person).filter(
        Q(connector_id=report.connector_id) | Q(connector__isnull=True),
        station_id=report.station_id,
        state__in=Ticket.OPEN,
    )
    return ReportPage(
        row=_row(report),
        contact=report.contact,
        # by the name its readers know: a page says English, not en
        language=dict(settings.LANGUAGES).get(report.language, report.language),
        answer=report.answer,
        answered_at=report.answered_at,
        closed_at=report.closed_at,
        closed_by=str(report.closed_by or ""),
        others=tuple(describe_reports(others[:MOST_OTHERS])),
        open_ticket=report.ticket or tickets.order_by("severity", "pk").first(),
    )


def of_ticket(person: Person, ticket: Ticket) -> tuple[ReportRow, ...]:
    """Return what drivers said of what a ticket is about: linked to it, or not answered yet."""
    if ticket.station_id is None:
        return ()
    here = Q(state=State.NEW, station_id=ticket.station_id)
    if ticket.connector_id is not None:
        here &= Q(connector_id=ticket.connector_id)
    rows = reports_for(person).filter(Q(ticket_id=ticket.pk) | here)
    return tuple(describe_reports(rows[:MOST_OTHERS]))


def count_new(person: Person, station_id: int) -> int:
    """Return how many reports of a station nobody has answered."""
    rows = DriverReport.objects.visible_to(person)
    return rows.filter(station_id=station_id, state=State.NEW).count()


def _row(report: DriverReport) -> ReportRow:
    return ReportRow(
        id=report.pk,
        kind=report.kind,
        what=str(ReportKind(report.kind).label),
        text=report.text,
        where=Spot(
            station_id=report.station_id,
            station=report.station.name,
            point=report.connector.point,
            site=report.location.name,
            zone=report.location.timezone,
        ),
        state=report.state,
        received_at=report.received_at,
        has_photo=bool(getattr(report, "has_photo", False)),
        ticket_id=report.ticket_id,
        ticket_number=report.ticket.number if report.ticket else None,
    )


def _place(where: Spot) -> str:
    return f"{where.site}, {where.station} · {where.point}"
