"""Diagnostics and logs of one station: asked for, and downloaded when they came."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, audit, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import logs
from chargenet.dashboard.views import asking
from stations import commands, diagnostics, transfers
from stations.models import StationLog
from stations.views import streams


@login_required
def show_logs(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Show the logs of a station, and how to ask for one."""
    station = asking.station(request, station_id, TECHNICAL)
    rows, spec = logs.logs_of(request.user, station), logs.log_spec()
    look = Look(
        title=_("Logs"),
        row_template="dashboard/log_row.html",
        empty_title=_("No logs yet"),
        empty_text=_("What the station uploads shows here, to be downloaded."),
        is_live=True,
        template="dashboard/station_logs.html",
    )
    more = {
        "station": station,
        "kinds": StationLog.Kind.choices,
        "may_command": asking.has_role(request, station, access.COMMAND_ROLES),
    }
    return pages.answer_list(
        request, rows=rows, spec=spec, describe=logs.describe_logs, look=look, more=more
    )


@login_required
@require_POST
def ask_log(request: HttpRequest, station_id: int) -> HttpResponse:
    """Ask a station for a log."""
    station = asking.station(request, station_id, access.COMMAND_ROLES)
    user = asking.person(request)
    kind = request.POST.get("kind", "")
    if kind not in StationLog.Kind.values:
        messages.error(request, _("That kind of log is not known."))
        return redirect("station_logs", station_id=station.pk)
    try:
        diagnostics.ask_log(
            station=station,
            kind=kind,
            requested_by=user,
            as_of=clock.now(),
            since=_typed_instant(request, "since"),
            until=_typed_instant(request, "until"),
        )
    except commands.CommandUnfit as error:
        messages.error(request, " ".join(str(reason) for reason in error.args))
    else:
        messages.success(request, _("The station is asked. The log shows below when it came."))
    return redirect("station_logs", station_id=station.pk)


@login_required
def send_log(request: HttpRequest, station_id: int, log_id: int) -> HttpResponseBase:
    """Give a person the file of a log, as a download: it is never shown by us."""
    station = asking.station(request, station_id, TECHNICAL)
    log = logs.log_for(request.user, station, log_id)
    try:
        file = transfers.open_file(log.storage_key)
    except transfers.FileGone:
        messages.error(request, _("The file is not there any more."))
        return redirect("station_logs", station_id=station.pk)
    audit.record(
        operator_id=station.operator_id,
        user_id=request.user.pk,
        action="log.download",
        object_type="log",
        object_id=log.pk,
        as_of=clock.now(),
        details={"station_id": station.pk},
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{log.file_name}"',
        "Content-Length": str(file.size),
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    body = streams.stream(request, file, first=0, length=file.size)
    kind = "application/octet-stream"
    return StreamingHttpResponse(body, content_type=kind, headers=headers)


def _typed_instant(request: HttpRequest, name: str) -> datetime | None:
    try:
        at = parse_datetime(request.POST.get(name, "").strip())
    except ValueError:
        return None
    return timezone.make_aware(at) if at is not None and timezone.is_naive(at) else at
