"""The crew's own settings: who can what, who is on call, promises, quiet hours, windows."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime, parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import Role
from chargenet.core.pages import Look
from faults.models import Rank, Severity, Skill
from faults.queries import crew
from faults.queries import upkeep as reads
from faults.tickets import promises, upkeep
from faults.views import asking
from faults.views.steps import number, typed
from stations.models import Location, Station

EDITORS = frozenset({Role.OPERATOR})


@login_required
def show_crew(request: HttpRequest) -> HttpResponse:
    """Show the crew, who is on call, what is promised and when it is quiet."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    operator = asking.chosen_operator(request, access.TECHNICAL_ROLES)
    now, policy = clock.now(), crew.policy_of(operator.pk)
    said = reads.levels_of(operator)
    context = {
        "operator": operator,
        "may_edit": operator.pk in access.operator_ids(request.user, EDITORS),
        "members": reads.members_of(operator, as_of=now),
        "duties": reads.duties_of(operator, as_of=now),
        "levels": promises.table(said),
        "policy": policy,
        "sites": Location.objects.filter(operator=operator).order_by("name")[:500],
        "ranks": Rank.choices,
        "skills": Skill.choices,
        "severities": Severity.choices,
    }
    return render(request, "faults/crew.html", context)


@login_required
@require_POST
def change_crew(request: HttpRequest) -> HttpResponse:
    """Change how the crew works; each form names its deed."""
    access.require_role(request.user, EDITORS)
    operator = asking.chosen_operator(request, EDITORS)
    by = upkeep.By(operator, request.user.pk or 0, clock.now())
    deeds: dict[str, Callable[[], object]] = {
        "member": lambda: upkeep.set_member(
            by,
            user_id=number(typed(request, "user")) or 0,
            rank=typed(request, "rank"),
            skills=request.POST.getlist("skill"),
            site_ids=[number(raw) or 0 for raw in request.POST.getlist("site")],
        ),
        "duty": lambda: upkeep.add_duty(
            by,
            user_id=number(typed(request, "user")) or 0,
            starts_at=_local(request, "starts", operator.timezone),
            ends_at=_local(request, "ends", operator.timezone),
        ),
        "duty_off": lambda: upkeep.remove_duty(by, duty_id=number(typed(request, "duty")) or 0),
        "level": lambda: _set_level(by, request),
        "policy": lambda: upkeep.set_policy(
            by,
            quiet_from=_time(request, "quiet_from"),
            quiet_until=_time(request, "quiet_until"),
            rural_site_ids=[number(raw) or 0 for raw in request.POST.getlist("rural")],
            assigns_by_itself=typed(request, "assigns_by_itself") == "1",
        ),
    }
    _do(request, deeds.get(typed(request, "deed")))
    response = redirect("ticket_crew")
    response["Location"] += f"?operator={operator.pk}"
    return response


@login_required
def list_windows(request: HttpRequest) -> HttpResponseBase:
    """Show maintenance windows, those that hold or come unless others are asked for."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    now = clock.now()
    rows = reads.windows_for(request.user)
    if request.GET.get("when") not in {"over", "all"}:
        rows = rows.filter(ends_at__gt=now)
    look = Look(
        title=_("Maintenance windows"),
        row_template="faults/window_row.html",
        empty_title=_("No maintenance windows"),
        empty_text=_("In a window faults are recorded and nobody is told; danger always is."),
        template="faults/windows.html",
    )
    stations = Station.objects.visible_to(request.user).select_related("location")
    more = {
        "may_edit": access.has_role(request.user, *access.COMMAND_ROLES),
        "sites": Location.objects.visible_to(request.user).order_by("name")[:500],
        "stations": stations.order_by("location__name", "name")[:1000],
    }
    return pages.answer_list(
        request,
        rows=rows,
        spec=reads.window_spec(now),
        describe=lambda found: [reads.window_row(one, as_of=now) for one in found],
        look=look,
        more=more,
    )


@login_required
@require_POST
def change_windows(request: HttpRequest) -> HttpResponse:
    """Open a window, or end one."""
    access.require_role(request.user, access.COMMAND_ROLES)
    now = clock.now()
    window_id = number(typed(request, "window"))
    if window_id is not None:
        window = access.get_or_404(reads.windows_for(request.user), request.user, pk=window_id)
        by = _by_at(request, window.location, now)
        _do(request, lambda: upkeep.end_window(by, window_id=window.pk))
        return redirect("ticket_windows")
    station = None
    if (station_id := number(typed(request, "station"))) is not None:
        found = Station.objects.select_related("location")
        station = access.get_or_404(found, request.user, pk=station_id)
        location = station.location
    else:
        sites = Location.objects.all()
        location = access.get_or_404(sites, request.user, pk=number(typed(request, "site")) or 0)
    by = _by_at(request, location, now)
    _do(
        request,
        lambda: upkeep.open_window(
            by,
            location=location,
            station=station,
            starts_at=_local(request, "starts", location.timezone),
            ends_at=_local(request, "ends", location.timezone),
            reason=typed(request, "reason"),
        ),
    )
    return redirect("ticket_windows")


def _by_at(request: HttpRequest, location: Location, now: datetime) -> upkeep.By:
    access.require_role_at(
        request.user,
        access.COMMAND_ROLES,
        operator_id=location.operator_id,
        location_id=location.pk,
    )
    return upkeep.By(location.operator, request.user.pk or 0, now)


def _do(request: HttpRequest, deed: Callable[[], object] | None) -> None:
    try:
        if deed is None:
            raise upkeep.UpkeepUnfit("no such deed")
        deed()
    except upkeep.UpkeepUnfit:
        messages.error(request, _("Not saved: something is missing, or the times do not fit."))
    else:
        messages.success(request, _("Saved."))


def _set_level(by: upkeep.By, request: HttpRequest) -> None:
    upkeep.set_level(
        by,
        severity=number(typed(request, "severity")) or 0,
        is_rural=typed(request, "is_rural") == "1",
        acknowledge=timedelta(minutes=min(number(typed(request, "acknowledge")) or 0, 600_000)),
        restore=timedelta(hours=min(number(typed(request, "restore")) or 0, 10_000)),
    )


def _local(request: HttpRequest, name: str, zone: str) -> datetime:
    """Return an instant of a form, read on the clock of the place; raises UpkeepUnfit."""
    try:
        found = parse_datetime(typed(request, name))
    except ValueError:
        found = None
    if found is None or not 2000 < found.year < 2200:
        raise upkeep.UpkeepUnfit(name)
    return found.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _time(request: HttpRequest, name: str) -> time | None:
    try:
        return parse_time(typed(request, name))
    except ValueError:
        return None
