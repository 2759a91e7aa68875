"""Around a ticket: its curves, other work near, what its station says, and what it can be told."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import commands as command_reads
from chargenet.dashboard.queries import messages as message_reads
from chargenet.dashboard.queries import ticket_curves, wishes
from chargenet.dashboard.views import asking
from chargenet.dashboard.views import commands as command_views
from faults.models import Ticket
from faults.queries import nearby
from faults.queries import pages as tickets
from faults.rules.vocabulary.meaning import SAFETY
from stations import commands

SHOWN_MESSAGES, SHOWN_COMMANDS = 20, 5
# What a person on site needs; the rest is on the station's own page.
OFFERED = (commands.UNLOCK, commands.TRIGGER, commands.CHANGE_AVAILABILITY, commands.RESET)


@login_required
def show_around(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Show what can be told to the station, the curves, and what else is to do near."""
    ticket = _ticket(request, ticket_id)
    station, as_of = ticket.station, clock.now()
    may_command = station is not None and asking.has_role(request, station, access.COMMAND_ROLES)
    offered = wishes.wishes_for(station) if station is not None and may_command else []
    context: dict[str, object] = {
        "ticket": ticket,
        "station": station,
        "wishes": [one for one in offered if one.action in OFFERED],
        "here": _here(ticket),
        "is_locked": is_locked(ticket),
        "charts": ticket_curves.curves_of(request.user, ticket, as_of=as_of),
        "near": nearby.tickets_near(request.user, ticket, as_of=as_of),
    }
    return _answer(request, "ticket_around", context)


@login_required
def show_talk(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Show what the ticket's station said and was told last."""
    ticket = _ticket(request, ticket_id)
    station = ticket.station
    context: dict[str, object] = {"ticket": ticket, "station": station}
    if station is not None:
        said = message_reads.message_page(
            request.user, QueryDict(), station=station, as_of=clock.now()
        )
        told = command_reads.commands_of(request.user).filter(station=station)
        newest = list(told.order_by("-created_at")[:SHOWN_COMMANDS])
        context["messages_said"] = said.rows[:SHOWN_MESSAGES]
        context["told"] = command_reads.describe_commands(newest, person=request.user)
    return _answer(request, "ticket_talk", context)


@login_required
@require_POST
def tell_station(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Send the station of a ticket what a form asks for; its outcome shows on the ticket."""
    ticket = _ticket(request, ticket_id)
    if ticket.station is None:
        messages.error(request, _("This ticket is not about one station."))
        return redirect("ticket_page", ticket_id=ticket.pk)
    station = asking.station(request, ticket.station.pk, access.COMMAND_ROLES)
    for reason in _refusals(request, ticket) or command_views.send(request, station):
        messages.error(request, reason)
    return redirect("ticket_page", ticket_id=ticket.pk)


def is_locked(ticket: Ticket) -> bool:
    """Say whether a ticket locks its place until a person has said that it is safe."""
    return ticket.severity == SAFETY and ticket.state in Ticket.OPEN


def _refusals(request: HttpRequest, ticket: Ticket) -> list[str]:
    asked = request.POST
    if asked.get("action") not in OFFERED:
        return [_("That command is not known.")]
    if is_locked(ticket) and asked.get("operative") == "1":
        return [_("Locked for safety: it opens when somebody says that it is safe.")]
    return []


def _ticket(request: HttpRequest, ticket_id: int) -> Ticket:
    access.require_role(request.user, TECHNICAL)
    return access.get_or_404(tickets.tickets_for(request.user), request.user, pk=ticket_id)


def _here(ticket: Ticket) -> str:
    """Return the ticket's connector as the forms name it."""
    connector = ticket.connector
    return f"{connector.evse.number}.{connector.number}" if connector else ""


def _answer(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    is_fragment = pages.is_fragment(request)
    page = {**context, "part": f"dashboard/{name}.html"}
    template = page["part"] if is_fragment else "dashboard/ticket_part.html"
    return render(request, str(template), page)
