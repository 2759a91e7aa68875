"""What stations are told: the panel of one station, and everything that was ever asked."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import commands as reads
from chargenet.dashboard.queries import wishes
from chargenet.dashboard.views import asking
from faults.queries import service
from stations import commands, orders
from stations.models import Station


@login_required
def list_commands(request: HttpRequest) -> HttpResponseBase:
    """Show every command, the newest first."""
    access.require_role(request.user, TECHNICAL)
    return pages.answer_list(
        request,
        rows=reads.commands_of(request.user),
        spec=reads.command_spec(name="commands", has_station=True),
        describe=partial(reads.describe_commands, person=request.user),
        look=Look(
            title=_("Commands"),
            row_template="dashboard/command_row.html",
            empty_title=_("No commands yet"),
            empty_text=_("What stations are told shows here, with how each one ended."),
            is_live=True,
        ),
    )


@login_required
def show_commands(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Show what one station can be asked, and what it was asked."""
    station = asking.station(request, station_id, TECHNICAL)
    return _answer(request, station)


@login_required
@require_POST
def order(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Send what a form asks for; what cannot be sent is said beside the form."""
    station = asking.station(request, station_id, access.COMMAND_ROLES)
    reasons = send(request, station)
    if reasons:
        return _answer(request, station, reasons)
    return redirect("station_commands", station_id=station.pk)


def send(request: HttpRequest, station: Station) -> list[str]:
    """Order what a form asks for; return why not, in sentences, or nothing."""
    user = asking.person(request)
    try:
        action, payload = wishes.read_wish(station, request.POST.dict())
        if reasons := _dangers(station, action, payload):
            return reasons
        orders.order_command(
            station=station,
            action=action,
            payload=payload,
            requested_by=user,
            as_of=clock.now(),
        )
    except wishes.WishUnclear as error:
        return [str(error)]
    except commands.CommandUnfit as error:
        return [str(reason) for reason in error.args]
    except orders.TooManyCommands as error:
        wait = {"seconds": error.retry_after_s}
        return [_("That was many commands in a minute. Try again in %(seconds)s s.") % wait]
    messages.success(request, _("The command is queued. Its outcome shows in the list."))
    return []


def _dangers(station: Station, action: str, payload: Mapping[str, Any]) -> list[str]:
    """Return why a place is not put into service: a person must first say that it is safe."""
    if action != commands.CHANGE_AVAILABILITY or not payload["operative"]:
        return []
    place = (payload["evse"], payload["connector"]) if "connector" in payload else None
    ticket = service.danger_at(station, place)
    if ticket is None:
        return []
    words = _("Ticket #%(number)s is about danger there. Say first that it is safe.")
    return [words % {"number": ticket.number}]


def _answer(
    request: HttpRequest, station: Station, reasons: list[str] | None = None
) -> HttpResponseBase:
    look = Look(
        title=_("Commands"),
        row_template="dashboard/command_row.html",
        empty_title=_("Nothing asked yet"),
        empty_text=_("What this station is told shows here, with how each command ended."),
        is_live=True,
        template="dashboard/station_commands.html",
    )
    return pages.answer_list(
        request,
        rows=reads.commands_of(request.user).filter(station=station),
        spec=reads.command_spec(name="station-commands", has_station=False),
        describe=partial(reads.describe_commands, person=request.user),
        look=look,
        more=_forms(request, station, reasons or []),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if reasons else HTTPStatus.OK,
    )


def _forms(request: HttpRequest, station: Station, reasons: list[str]) -> dict[str, object]:
    """Return what the forms beside the list need; a list polled alone has none."""
    if pages.is_fragment(request):
        return {"station": station}
    may_command = asking.has_role(request, station, access.COMMAND_ROLES)
    return {
        "station": station,
        "may_command": may_command,
        "wishes": wishes.wishes_for(station) if may_command else [],
        "reasons": reasons,
        "typed": request.POST.dict() if reasons else {},
        "known_actions": commands.known_actions(station.ocpp_version) if may_command else [],
    }
