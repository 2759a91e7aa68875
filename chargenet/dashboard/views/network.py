"""The operator's day: overview, stations, map, sessions, faults."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing.models import Cdr
from chargenet.core import access, clock, pages
from chargenet.core.models import Role
from chargenet.core.pages import Look
from chargenet.dashboard import parts
from chargenet.dashboard.navigation import MONEY, NETWORK, SITE, TECHNICAL
from chargenet.dashboard.queries import (
    drivers,
    holds,
    overview,
    sessions,
    station_page,
    stations,
)
from chargenet.dashboard.views import asking
from faults.models import Fault
from faults.queries import lists as fault_lists
from faults.queries import pages as fault_pages
from stations import commands, orders
from stations.models import Session, Station


@login_required
def show_overview(request: HttpRequest) -> HttpResponse:
    """Show what waits for a person, four figures, and where it is."""
    access.require_role(request.user, NETWORK)
    is_fragment = pages.is_fragment(request)
    context: dict[str, object] = {
        "tiles": overview.tiles(request.user, clock.now()),
        "queue": overview.work_queue(request.user, clock.now()),
    }
    if not is_fragment:
        context["site_map"] = stations.site_map(request.user)
    name = "dashboard/overview_live.html" if is_fragment else "dashboard/overview.html"
    return render(request, name, context)


@login_required
def list_stations(request: HttpRequest) -> HttpResponseBase:
    """Show the live station table."""
    access.require_role(request.user, SITE)
    may_add = access.has_role(request.user, Role.OPERATOR)
    return pages.answer_list(
        request,
        rows=stations.stations_of(request.user),
        spec=stations.station_spec(request.user),
        describe=stations.describe_stations,
        look=Look(
            title=_("Stations"),
            row_template="dashboard/station_row.html",
            empty_title=_("No stations yet"),
            empty_text=_("A station is here once it is registered."),
            is_live=True,
            action_href=reverse("station_add") if may_add else "",
            action_label=_("Add stations"),
        ),
    )


@login_required
def show_map(request: HttpRequest) -> HttpResponse:
    """Show every site on the map, beside the table that says the same."""
    access.require_role(request.user, SITE)
    site_map = stations.site_map(request.user)
    return render(request, "dashboard/map.html", {"site_map": site_map})


@login_required
def list_pins(request: HttpRequest) -> JsonResponse:
    """Return the pins of the map as they stand now."""
    access.require_role(request.user, SITE)
    return JsonResponse(parts.drawn_pins(stations.site_map(request.user)), safe=False)


@login_required
def show_station(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show one station."""
    access.require_role(request.user, SITE)
    station = stations.station_for(request.user, station_id)
    page = station_page.station_page(request.user, station, clock.now())
    is_fragment = pages.is_fragment(request)
    name = "dashboard/station_live.html" if is_fragment else "dashboard/station.html"
    context = {"page": page, "station": station}
    if not is_fragment:
        context["may_command"] = asking.has_role(request, station, access.COMMAND_ROLES)
    return render(request, name, context)


@login_required
@require_POST
def command_station(request: HttpRequest, station_id: int) -> HttpResponse:
    """Send one of the station's commands; each is written to the audit."""
    station = asking.station(request, station_id, access.COMMAND_ROLES)
    user = asking.person(request)
    asked = _asked(request, station)
    if asked is None:
        messages.error(request, _("That command is not known, or the session has ended."))
        return redirect("station_page", station_id=station.pk)
    action, payload = asked
    try:
        orders.order_command(
            station=station, action=action, payload=payload, requested_by=user, as_of=clock.now()
        )
    except (commands.CommandUnfit, orders.TooManyCommands) as error:
        messages.error(request, str(error))
        return redirect("station_page", station_id=station.pk)
    text = _("The command is queued. Its outcome shows below under Commands.")
    messages.success(request, text)
    return redirect("station_page", station_id=station.pk)


def _asked(request: HttpRequest, station: Station) -> tuple[str, dict[str, object]] | None:
    """Return action and payload of the command a form asks for, None for nonsense."""
    action = request.POST.get("action", "")
    if action == "reset":
        kind = "Hard" if request.POST.get("type") == "Hard" else "Soft"
        return commands.RESET, {"type": kind}
    if action == "status":
        return commands.TRIGGER, {"message": "StatusNotification"}
    if action == "stop":
        session_id = request.POST.get("session", "")
        running = Session.objects.visible_to(request.user).filter(
            station=station, state=Session.State.OPEN
        )
        found = (
            running.filter(pk=int(session_id)).first()
            if session_id.isdecimal() and len(session_id) < 18
            else None
        )
        if found:
            return commands.REMOTE_STOP, {"transaction": found.ocpp_transaction_id}
    return None


@login_required
def list_sessions(request: HttpRequest) -> HttpResponseBase:
    """Show sessions, the newest first."""
    access.require_role(request.user, SITE)
    return pages.answer_list(
        request,
        rows=sessions.sessions_of(request.user),
        spec=sessions.session_spec(),
        describe=partial(sessions.describe_sessions, as_of=clock.now()),
        look=Look(
            title=_("Sessions"),
            row_template="dashboard/session_row.html",
            empty_title=_("No sessions yet"),
            empty_text=_("The first one shows here as soon as a vehicle is charged."),
            is_live=True,
        ),
    )


@login_required
def show_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Show one session and how its price was made."""
    access.require_role(request.user, SITE)
    page = sessions.session_page(request.user, session_id, clock.now())
    proof = drivers.session_proof(request.user, page.session, clock.now())
    gate = holds.gate_note(request.user, page.cdr)
    context = {
        "page": page,
        "proof": proof,
        "gate": gate,
        "may_receipt": _may_receipt(request, page.session),
    }
    return render(request, "dashboard/session.html", context)


def _may_receipt(request: HttpRequest, session: Session) -> bool:
    """Say whether who asks may issue the receipt of a priced session no document bills."""
    is_open = Cdr.objects.filter(session=session, invoice_lines__isnull=True, total_incl_vat__gt=0)
    return (
        access.has_role_at(request.user, MONEY, operator_id=session.operator_id, location_id=None)
        and is_open.exists()
    )


@login_required
def list_faults(request: HttpRequest) -> HttpResponseBase:
    """Show faults: what is open now, unless something else is asked for."""
    access.require_role(request.user, TECHNICAL)
    rows = fault_pages.faults_for(request.user)
    if request.GET.get("state") not in {"cleared", "all"}:
        rows = rows.filter(state=Fault.State.FIRING)
    return pages.answer_list(
        request,
        rows=rows,
        spec=fault_lists.fault_spec(request.user),
        describe=lambda faults: [fault_pages.fault_row(fault) for fault in faults],
        look=Look(
            title=_("Faults"),
            row_template="dashboard/fault_row.html",
            empty_title=_("No open faults"),
            empty_text=_("Every rule that could know says all is well."),
            is_live=True,
        ),
    )
