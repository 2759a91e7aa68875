"""Uptime by every rule that counts it, and the outages behind each figure."""

import json
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, audit, clock, held, pages
from chargenet.core.models import Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import SITE, TECHNICAL
from chargenet.dashboard.queries import outages, revenue
from chargenet.dashboard.queries import uptime as reads
from chargenet.dashboard.views import asking
from stations.metering import opening
from stations.metering.opening import HoursRefused
from stations.models import Connector, Location

KEEPERS = frozenset({Role.OPERATOR})


@login_required
def list_uptime(request: HttpRequest) -> HttpResponseBase:
    """Show how long each site, station, connector or model could be used in a period."""
    access.require_role(request.user, SITE)
    today = _today()
    period = revenue.read_period(request.GET.get("period", ""), today)
    asked = request.GET.get("by", "")
    group = asked if asked in reads.GROUPS else "site"
    counted = reads.count_days(request.user, period)
    words = {
        "site": _("Site"),
        "station": _("Station"),
        "connector": _("Connector"),
        "model": _("Model"),
    }
    return pages.answer_list(
        request,
        rows=held.as_rows(reads.rows_by(counted, period, group)),
        spec=reads.uptime_spec(),
        describe=list,
        look=Look(
            title=_("Uptime"),
            row_template="dashboard/uptime_row.html",
            empty_title=_("Nothing counted in this period"),
            empty_text=_("Days are counted from the first connection of a station."),
            template="dashboard/uptime.html",
        ),
        more={
            "period": period,
            "periods": [(one, revenue.kind_word(one)) for one in revenue.kinds_of(period, today)],
            "group": group,
            "groups": words.items(),
            "tiles": reads.tiles(request.user, counted, period),
            "can_print": access.has_role(request.user, *TECHNICAL),
        },
    )


@login_required
def show_connector(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Show one connector's days and every outage behind them."""
    access.require_role(request.user, SITE)
    connector = access.get_or_404(_connectors(), request.user, pk=connector_id)
    period = revenue.read_period(request.GET.get("period", ""), _today())
    location = connector.station.location
    context = {
        "connector": connector,
        "period": period,
        "found": outages.connector_uptime(connector, period, clock.now()),
        "location": location,
        "hours": json.dumps(location.opening_hours) if location.opening_hours else "",
        "may_edit": asking.has_role(request, connector.station, KEEPERS),
    }
    return render(request, "dashboard/uptime_connector.html", context)


@login_required
@require_POST
def change_hours(request: HttpRequest, location_id: int) -> HttpResponse:
    """Set the published opening hours of a site."""
    access.require_role(request.user, KEEPERS)
    location = access.get_or_404(Location.objects.all(), request.user, pk=location_id)
    access.require_role_at(
        request.user, KEEPERS, operator_id=location.operator_id, location_id=location.pk
    )
    try:
        hours = _written(request.POST.get("hours", ""))
    except HoursRefused as error:
        messages.error(request, _("Not saved: %(problem)s") % {"problem": error})
    else:
        Location.objects.filter(pk=location.pk).update(opening_hours=hours)
        audit.record(
            operator_id=location.operator_id,
            user_id=asking.person(request).pk,
            action="location.opening_hours",
            object_type="location",
            object_id=location.pk,
            as_of=clock.now(),
            details={"from": location.opening_hours, "to": hours},
        )
        messages.success(request, _("Saved. Days are counted again within the quarter."))
    back = request.POST.get("connector", "")
    if back.isdecimal() and len(back) < 12:
        return redirect("uptime_connector", connector_id=int(back))
    return redirect("uptime")


def _written(text: str) -> dict[str, object] | None:
    if not text.strip():
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HoursRefused(_('as {"mon": [["06:00", "22:00"]]}')) from error
    if not isinstance(said, dict):
        raise HoursRefused(_('as {"mon": [["06:00", "22:00"]]}'))
    opening.read_hours(said)
    return said


def _connectors() -> QuerySet[Connector]:
    return Connector.objects.select_related("station__location", "evse")


def _today() -> date:
    return timezone.localdate(clock.now())
