"""Shared limits and charging profiles: what may be drawn where, and who waits."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, audit, clock, pages
from chargenet.core.models import User
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import SITE, TECHNICAL
from chargenet.dashboard.queries import power, profiles, stations
from chargenet.dashboard.views import asking
from stations import charging
from stations.models import ChargingProfile, LoadGroup, Location, Station

VOLTS, PHASES = 230, 3


@login_required
def list_groups(request: HttpRequest) -> HttpResponseBase:
    """Show the fuses that stations share."""
    access.require_role(request.user, SITE)
    rows, spec = power.groups_of(request.user), power.group_spec()
    look = Look(
        title=_("Shared power"),
        row_template="dashboard/power_row.html",
        empty_title=_("No shared limit yet"),
        empty_text=_("Where stations share a fuse, set its limit below."),
        is_live=True,
        template="dashboard/power_list.html",
    )
    may_create = access.has_role(request.user, *access.COMMAND_ROLES)
    sites = power.locations_of(request.user) if may_create else []
    return pages.answer_list(
        request,
        rows=rows,
        spec=spec,
        describe=power.describe_groups,
        look=look,
        more={"sites": sites},
    )


@login_required
@require_POST
def create_group(request: HttpRequest) -> HttpResponse:
    """Put a site's stations under one limit."""
    access.require_role(request.user, access.COMMAND_ROLES)
    location = access.get_or_404(
        Location.objects.select_related("operator"), request.user, pk=_whole(request, "location")
    )
    user = _person(request, location.operator_id, location.pk)
    limit_a = _limit(request)
    ids = list(
        Station.objects.filter(
            location=location, is_active=True, load_member__isnull=True
        ).values_list("pk", flat=True)
    )
    name = request.POST.get("name", "").replace("\0", "").strip()[:80] or _("Main fuse")
    try:
        group = charging.create_group(
            location=location, name=name, limit_a=limit_a, station_ids=ids, as_of=clock.now()
        )
    except charging.GroupRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("power_list")
    _note(user, group, "power.create", {"limit_a": limit_a})
    charging.reconcile_group(group_id=group.pk, as_of=clock.now())
    return redirect("power_page", group_id=group.pk)


@login_required
def show_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show one shared limit: what each connector may draw now, and why."""
    access.require_role(request.user, SITE)
    group = power.group_for(request.user, group_id)
    context = {
        "page": power.group_page(group),
        "group": group,
        "wirings": ("123", "231", "312", "1", "2", "3"),
        "may_change": access.has_role_at(
            request.user,
            access.COMMAND_ROLES,
            operator_id=group.operator_id,
            location_id=group.location_id,
        ),
    }
    is_fragment = pages.is_fragment(request)
    name = "dashboard/power_live.html" if is_fragment else "dashboard/power_page.html"
    return render(request, name, context)


@login_required
@require_POST
def change_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Change a shared limit, its stations, their phases, or lift it."""
    access.require_role(request.user, access.COMMAND_ROLES)
    group = power.group_for(request.user, group_id)
    user = _person(request, group.operator_id, group.location_id)
    deed = request.POST.get("deed", "")
    act = DEEDS.get(deed)
    if act is None:
        messages.error(request, _("That is no change of a shared limit."))
        return redirect("power_page", group_id=group.pk)
    try:
        details = act(request, group)
    except charging.GroupRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("power_page", group_id=group.pk)
    _note(user, group, f"power.{deed}", details)
    if deed == "end":
        messages.success(request, _("The limit is lifted. The stations are told to forget it."))
        return redirect("power_list")
    charging.reconcile_group(group_id=group.pk, as_of=clock.now())
    messages.success(request, _("Changed. The stations are told as far as there is room now."))
    return redirect("power_page", group_id=group.pk)


def _change_limit(request: HttpRequest, group: LoadGroup) -> dict[str, object]:
    safe = request.POST.get("safe", "")
    changed = charging.change_group(
        group=group,
        limit_a=_limit(request),
        rotation_s=max(60, min(_whole(request, "minutes"), 600) * 60),
        safe_current_a=int(safe) if safe in ("0", "6") else None,
    )
    return {"limit_a": changed.limit_a, "safe_current_a": changed.safe_current_a}


def _change_members(request: HttpRequest, group: LoadGroup) -> dict[str, object]:
    ids = [int(each) for each in request.POST.getlist("station") if _is_number(each)]
    charging.set_members(group=group, station_ids=ids, as_of=clock.now())
    return {"stations": ids}


def _change_wiring(request: HttpRequest, group: LoadGroup) -> dict[str, object]:
    member = group.members.filter(pk=_whole(request, "member")).first()
    if member is None:
        raise charging.GroupRefused(_("The station is not under this limit."))
    phases = request.POST.get("phases", "")
    charging.set_wiring(member=member, phases=phases)
    return {"station_id": member.station_id, "phases": phases}


def _end(_request: HttpRequest, group: LoadGroup) -> dict[str, object]:
    charging.end_group(group=group, as_of=clock.now())
    return {}


DEEDS: dict[str, Callable[[HttpRequest, LoadGroup], dict[str, object]]] = {
    "limit": _change_limit,
    "members": _change_members,
    "wiring": _change_wiring,
    "end": _end,
}


@login_required
def show_power(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show a station's charging profiles and what they add up to."""
    station = asking.station(request, station_id, TECHNICAL)
    context = {
        "page": profiles.power_page(station, clock.now()),
        "station": station,
        "is_2": station.ocpp_version in ("2.0.1", "2.1"),
        "may_command": asking.has_role(request, station, access.COMMAND_ROLES),
    }
    return render(request, "dashboard/station_power.html", context)


@login_required
@require_POST
def order_power(request: HttpRequest, station_id: int) -> HttpResponse:
    """Ask a station for its schedules, or to hold or forget a profile."""
    access.require_role(request.user, access.COMMAND_ROLES)
    station = stations.station_for(request.user, station_id)
    user = _person(request, station.operator_id, station.location_id)
    deed, as_of = request.POST.get("deed", ""), clock.now()
    try:
        if deed == "ask":
            for evse in station.evses.order_by("number"):
                charging.ask_composite(
                    station=station, evse_number=evse.number, requested_by=user, as_of=as_of
                )
            if station.ocpp_version in ("2.0.1", "2.1"):
                charging.ask_profiles(station=station, as_of=as_of)
        elif deed == "clear":
            rows = ChargingProfile.objects.filter(station=station).select_related("station")
            profile = access.get_or_404(rows, user, pk=_whole(request, "profile"))
            charging.clear_profile(profile=profile, requested_by=user, as_of=as_of)
        elif deed == "set":
            wish = _wish(request)
            charging.set_profile(station=station, wish=wish, requested_by=user, as_of=as_of)
        else:
            raise Http404
    except charging.ProfileRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("station_power", station_id=station.pk)
    audit.record(
        operator_id=station.operator_id,
        user_id=user.pk,
        action=f"profile.{deed}",
        object_type="station",
        object_id=station.pk,
        as_of=as_of,
    )
    messages.success(request, _("The station is asked. What it answers shows here."))
    return redirect("station_power", station_id=station.pk)


def _wish(request: HttpRequest) -> charging.Wish:
    """Return the profile a form asks for: one limit from now on, for hours or without end."""
    limit, hours = _whole(request, "limit"), _whole(request, "hours")
    schedule: dict[str, object] = {
        "kind": "Absolute",
        "unit": "W" if request.POST.get("unit") == "kW" else "A",
        "start": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
        "periods": [
            {"start": 0, "limit": str(limit * 1000 if request.POST.get("unit") == "kW" else limit)}
        ],
    }
    if hours:
        schedule["duration"] = min(hours, 24 * 31) * 3600
    purpose = "station_max" if request.POST.get("purpose") == "station_max" else "tx_default"
    return charging.Wish(purpose=purpose, schedule=schedule, stack_level=2)


def _limit(request: HttpRequest) -> int:
    """Return a limit in A a phase, also where it was said in kW."""
    number = _whole(request, "limit")
    if request.POST.get("unit") == "kW":
        return number * 1000 // (VOLTS * PHASES)
    return number


def _whole(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return min(int(text), 10**12) if _is_number(text) else 0


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 18


def _person(request: HttpRequest, operator_id: int, location_id: int) -> User:
    access.require_role_at(
        request.user, access.COMMAND_ROLES, operator_id=operator_id, location_id=location_id
    )
    return asking.person(request)


def _note(user: User, group: LoadGroup, action: str, details: dict[str, object]) -> None:
    audit.record(
        operator_id=group.operator_id,
        user_id=user.pk,
        action=action,
        object_type="load_group",
        object_id=group.pk,
        as_of=clock.now(),
        details=details,
    )
