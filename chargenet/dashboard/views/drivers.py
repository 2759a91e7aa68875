"""What concerns a station's drivers: reservations, the local list, the screen."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, audit, clock, pages
from chargenet.core.models import User
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import drivers
from chargenet.dashboard.views import asking
from stations import displays, local_lists, reservations, signatures
from stations.models import (
    Connector,
    DisplayMessage,
    MeterKey,
    Reservation,
    Session,
    Station,
    Token,
)

LONGEST_MINUTES = 24 * 60


@login_required
def list_reservations(request: HttpRequest) -> HttpResponseBase:
    """Show reservations, the newest first."""
    access.require_role(request.user, TECHNICAL)
    return pages.answer_list(
        request,
        rows=drivers.reservations_of(request.user),
        spec=drivers.reservation_spec(),
        describe=drivers.describe_reservations,
        look=Look(
            title=_("Reservations"),
            row_template="dashboard/reservation_row.html",
            empty_title=_("No reservations yet"),
            empty_text=_("A connector is reserved on its station's page."),
            is_live=True,
        ),
    )


@login_required
def show_drivers(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show a station's reservations, its local list and its screen."""
    station = asking.station(request, station_id, TECHNICAL)
    context = {
        "page": drivers.drivers_page(request.user, station, clock.now()),
        "station": station,
        "has_screen": station.ocpp_version in displays.SPEAKS_2X,
        "priorities": DisplayMessage.Priority.choices,
        "states": DisplayMessage.During.choices,
        "may_command": asking.has_role(request, station, access.COMMAND_ROLES),
    }
    return render(request, "dashboard/station_drivers.html", context)


@login_required
@require_POST
def order_drivers(request: HttpRequest, station_id: int) -> HttpResponse:
    """Do what a form of the drivers tab asks for."""
    station = asking.station(request, station_id, access.COMMAND_ROLES)
    user = asking.person(request)
    deed, as_of = request.POST.get("deed", ""), clock.now()
    act = DEEDS.get(deed)
    try:
        if act is None:
            raise displays.MessageRefused(_("That cannot be asked here."))
        act(request, station, user, as_of)
    except (displays.MessageRefused, reservations.ReservationRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("station_drivers", station_id=station.pk)
    audit.record(
        operator_id=station.operator_id,
        user_id=user.pk,
        action=f"drivers.{deed}",
        object_type="station",
        object_id=station.pk,
        as_of=as_of,
    )
    messages.success(request, _("The station is asked. What it answers shows here."))
    return redirect("station_drivers", station_id=station.pk)


def _reserve(request: HttpRequest, station: Station, user: User, as_of: datetime) -> None:
    connector_id = _whole(request, "connector")
    connector = None
    if connector_id:
        found = Connector.objects.select_related("evse").filter(station=station)
        connector = access.get_or_404(found, user, pk=connector_id)
    token = access.get_or_404(Token.objects.all(), user, pk=_whole(request, "token"))
    minutes = max(1, min(_whole(request, "minutes"), LONGEST_MINUTES))
    reservations.reserve(
        station=station,
        connector=connector,
        token=token,
        expires_at=as_of + timedelta(minutes=minutes),
        requested_by=user,
        as_of=as_of,
    )


def _cancel(request: HttpRequest, station: Station, user: User, as_of: datetime) -> None:
    rows = Reservation.objects.filter(station=station).select_related("station")
    found = access.get_or_404(rows, user, pk=_whole(request, "reservation"))
    reservations.cancel(reservation=found, requested_by=user, as_of=as_of)


def _list(request: HttpRequest, station: Station, _user: User, as_of: datetime) -> None:
    row = local_lists.want_list(
        station=station, is_wanted=request.POST.get("wanted") == "1", as_of=as_of
    )
    local_lists.bring_up_to_date(list_id=row.pk, as_of=as_of)


def _show(request: HttpRequest, station: Station, user: User, as_of: datetime) -> None:
    hours = _whole(request, "hours")
    text = displays.Text(
        text=request.POST.get("text", "").replace("\0", "").strip(),
        priority=request.POST.get("priority", ""),
        during=request.POST.get("during", ""),
        language=request.POST.get("language", "").replace("\0", "")[:8],
        ends_at=as_of + timedelta(hours=min(hours, 24 * 366)) if hours else None,
    )
    displays.show_message(station=station, text=text, requested_by=user, as_of=as_of)


def _clear(request: HttpRequest, station: Station, user: User, as_of: datetime) -> None:
    rows = DisplayMessage.objects.filter(station=station).select_related("station")
    found = access.get_or_404(rows, user, pk=_whole(request, "message"))
    displays.clear_message(message=found, requested_by=user, as_of=as_of)


def _read(_request: HttpRequest, station: Station, user: User, as_of: datetime) -> None:
    displays.read_messages(station=station, requested_by=user, as_of=as_of)


def _screen(request: HttpRequest, station: Station, _user: User, _as_of: datetime) -> None:
    displays.set_screen(
        station=station,
        shows_cost=request.POST.get("cost") == "1",
        shows_tariff=request.POST.get("tariff") == "1",
    )


DEEDS: dict[str, Callable[[HttpRequest, Station, User, datetime], None]] = {
    "reserve": _reserve,
    "cancel": _cancel,
    "list": _list,
    "show": _show,
    "clear": _clear,
    "read": _read,
    "screen": _screen,
}


@login_required
@require_POST
def trust_key(request: HttpRequest, session_id: int) -> HttpResponse:
    """Trust the key a session's meter signed with."""
    access.require_role(request.user, access.COMMAND_ROLES)
    session = access.get_or_404(
        Session.objects.select_related("station"), request.user, pk=session_id
    )
    station = session.station
    access.require_role_at(
        request.user,
        access.COMMAND_ROLES,
        operator_id=station.operator_id,
        location_id=station.location_id,
    )
    user = asking.person(request)
    rows = MeterKey.objects.filter(station=station)
    key = access.get_or_404(rows, user, pk=_whole(request, "key"))
    as_of = clock.now()
    signatures.approve_key(key=key, approved_by=user, as_of=as_of)
    audit.record(
        operator_id=station.operator_id,
        user_id=user.pk,
        action="meter_key.approve",
        object_type="meter_key",
        object_id=key.pk,
        as_of=as_of,
        details={"station_id": station.pk},
    )
    messages.success(request, _("The key is trusted. Its meter's readings are checked anew."))
    return redirect("session_page", session_id=session.pk)


def _whole(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0
