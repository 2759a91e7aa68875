"""What the lists of faults and tickets can do: columns, filters, search."""

from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from faults.models import Fault, Severity, Ticket
from faults.queries import clocks, pages
from faults.queries.pages import TicketRow, Where
from stations.models import Location

MAX_SITES = 500
MAX_DIGITS = 9


def place(where: Where) -> str:
    """Return station and charge point in one line, else the site."""
    return " · ".join(part for part in (where.station, where.point) if part) or where.site


def fault_spec(person: Person) -> Spec:
    """Return what the fault list can do."""
    return Spec(
        name="faults",
        columns=(
            Column("severity", _("Severity"), ("severity", "began_at"), csv=lambda r: r.severity),
            Column("what", _("Fault"), ("code",), csv=lambda r: f"{r.code} {r.title}"),
            Column("where", _("Where"), ("station__name",), csv=lambda r: place(r.where)),
            Column("state", _("State"), csv=lambda r: str(Fault.State(r.state).label)),
            Column("ticket", _("Ticket"), csv=lambda r: r.ticket_number),
            Column("since", _("Began"), ("began_at",), is_number=True, csv=lambda r: r.began_at),
        ),
        default_sort="severity",
        filters=(
            Filter("state", _("Open now"), [("cleared", _("Cleared")), ("all", _("All"))], _state),
            _severity_filter(),
            _site_filter(person),
        ),
        search=lambda text: Q(code__iexact=text) | Q(station__name__istartswith=text),
        search_label=_("Search station or fault code"),
    )


def _state(value: str) -> Q:
    return Q(state=Fault.State.CLEARED) if value == "cleared" else Q()


def _severity_filter() -> Filter:
    return Filter(
        "severity",
        _("All severities"),
        [(str(value), str(label)) for value, label in Severity.choices],
        lambda value: Q(severity=int(value)),
    )


def _site_filter(person: Person) -> Filter:
    sites = Location.objects.visible_to(person).values_list("pk", "name")[:MAX_SITES]
    return Filter(
        "site",
        _("All sites"),
        [(str(pk), name) for pk, name in sites],
        lambda value: Q(location_id=int(value)),
    )


def ticket_spec(person: Person, *, as_of: datetime) -> Spec:
    """Return what the ticket list can do; `as_of` tells what is overdue."""

    def belongs(value: str) -> Q:
        return Q(assignee_id=person.pk) if value == "mine" else Q(assignee__isnull=True)

    return Spec(
        name="tickets",
        columns=(
            Column("severity", _("Severity"), ("severity", "opened_at"), csv=lambda r: r.severity),
            Column("what", _("Ticket"), ("number",), csv=lambda r: f"#{r.number} {r.title}"),
            Column("state", _("State"), ("state_order",), csv=_state_word),
            Column("where", _("Where"), ("station__name",), csv=lambda r: place(r.where)),
            Column("assignee", _("Assigned to"), ("assignee__name",), csv=lambda r: r.assignee),
            Column("due", _("Due"), ("due_at",), csv=lambda r: r.due and r.due.by),
            Column("age", _("Age"), ("opened_at",), is_number=True, csv=lambda r: r.opened_at),
        ),
        default_sort="severity",
        filters=(
            Filter(
                "who",
                _("Everybody's"),
                [("mine", _("Mine")), ("nobody", _("Nobody's yet"))],
                belongs,
            ),
            Filter(
                "state",
                _("All open"),
                [(value, str(label)) for value, label in Ticket.State.choices],
                lambda value: Q(state=value),
            ),
            _due_filter(as_of),
            _severity_filter(),
            _site_filter(person),
        ),
        search=_search_ticket,
        search_label=_("Search station or ticket number"),
    )


def _state_word(row: TicketRow) -> str:
    return str(Ticket.State(row.state).label)


def _due_filter(as_of: datetime) -> Filter:
    return Filter(
        "due",
        _("Due or not"),
        [("late", _("Overdue")), ("unproven", _("Repaired, not proven"))],
        lambda value: clocks.late(as_of) if value == "late" else clocks.UNPROVEN,
    )


def _search_ticket(text: str) -> Q:
    number = text.removeprefix("#")
    found = Q(station__name__istartswith=text) | Q(location__name__istartswith=text)
    is_number = number.isdecimal() and len(number) <= MAX_DIGITS
    return found | Q(number=int(number)) if is_number else found


def listed_tickets(person: Person) -> QuerySet[Ticket]:
    """Return the tickets a person may see, knowing where their state stands in the work."""
    order = [When(state=state, then=Value(step)) for step, state in enumerate(Ticket.OPEN)]
    return pages.tickets_for(person).annotate(
        state_order=Case(*order, default=len(order), output_field=IntegerField()),
        due_at=clocks.due_at(),
    )
