"""One station's settings: read, read again, changed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, audit, clock, pages
from chargenet.core.models import User
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import configuration
from chargenet.dashboard.views import asking
from stations import devices
from stations.models import DeviceMonitor, OcppVersion, Station
from stations.variables import Address

MAX_VALUE = 1000


@login_required
def show_configuration(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Show what a station is set to, as it was last read."""
    station = asking.station(request, station_id, TECHNICAL)
    rows, spec = configuration.settings_of(station), configuration.setting_spec(station)
    describe = configuration.describer(station, request.user)
    look = Look(
        title=_("Configuration"),
        row_template="dashboard/setting_row.html",
        empty_title=_("Nothing read yet"),
        empty_text=_("A station tells its settings when it is set up, or when it is asked."),
        is_live=True,
        template="dashboard/station_configuration.html",
    )
    may_change = configuration.may_configure(station, request.user)
    more = {
        "station": station,
        "may_change": may_change,
        "editing": configuration.find_editing(station, request.GET.get("edit", ""))
        if may_change
        else None,
        "monitors": configuration.monitors_of(station),
        "reading": configuration.reading_of(station),
        "is_2": station.ocpp_version != OcppVersion.V16,
    }
    return pages.answer_list(
        request, rows=rows, spec=spec, describe=describe, look=look, more=more
    )


@login_required
@require_POST
def read_configuration(request: HttpRequest, station_id: int) -> HttpResponse:
    """Ask the station for everything it is set to."""
    station, user = for_configuring(request, station_id)
    as_of = clock.now()
    devices.read_again(station=station, requested_by=user, as_of=as_of)
    note(station, user, "configuration.read", {})
    messages.success(request, _("The station is asked. What it tells shows here as it comes."))
    return redirect("station_configuration", station_id=station.pk)


@login_required
@require_POST
def change_setting(request: HttpRequest, station_id: int, setting_id: int) -> HttpResponse:
    """Ask the station to take a new value."""
    station, user = for_configuring(request, station_id)
    row = access.get_or_404(configuration.settings_of(station), user, pk=setting_id)
    value = request.POST.get("value", "").replace("\0", "").strip()[:MAX_VALUE]
    address = Address.of(row)
    try:
        devices.change_setting(
            station=station, address=address, value=value, requested_by=user, as_of=clock.now()
        )
    except devices.ChangeRefused as refused:
        messages.error(request, str(refused))
        return redirect("station_configuration", station_id=station.pk)
    details: dict[str, object] = {"setting": address.as_json(), "from": row.value, "to": value}
    note(station, user, "configuration.change", details)
    messages.success(request, _("The station is asked. Its answer shows beside the setting."))
    return redirect("station_configuration", station_id=station.pk)


@login_required
@require_POST
def clear_monitor(request: HttpRequest, station_id: int, monitor_id: int) -> HttpResponse:
    """Ask the station to stop watching one of its parts."""
    station, user = for_configuring(request, station_id)
    monitor = access.get_or_404(DeviceMonitor.objects.filter(station=station), user, pk=monitor_id)
    devices.clear_monitor(
        station=station, monitor_id=monitor.pk, requested_by=user, as_of=clock.now()
    )
    note(station, user, "monitor.clear", {"monitor": monitor.number})
    messages.success(request, _("The station is asked to stop watching it."))
    return redirect("station_configuration", station_id=station.pk)


def for_configuring(request: HttpRequest, station_id: int) -> tuple[Station, User]:
    """Return a station and the person who may change what it is set to."""
    station = asking.station(request, station_id, access.COMMAND_ROLES)
    return station, asking.person(request)


def note(station: Station, user: User, action: str, details: dict[str, object]) -> None:
    """Write what a person asked of a station to the audit."""
    audit.record(
        operator_id=station.operator_id,
        user_id=user.pk,
        action=action,
        object_type="station",
        object_id=station.pk,
        as_of=clock.now(),
        details=details,
    )
