"""Setting stations up: how it went for one, what each connector can tell, and doing it again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import commissioning as reads
from chargenet.dashboard.queries import configuration, coverage
from chargenet.dashboard.views import asking
from chargenet.dashboard.views.configuration import for_configuring, note
from stations import commissioning
from stations.models import Commissioning


@login_required
def show_commissioning(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show how a station was set up, and what it can tell us."""
    station = asking.station(request, station_id, TECHNICAL)
    context = {
        "station": station,
        "page": reads.commissioning_page(station),
        "may_change": configuration.may_configure(station, request.user),
    }
    is_fragment = pages.is_fragment(request)
    name = "station_commissioning_live" if is_fragment else "station_commissioning"
    return render(request, f"dashboard/{name}.html", context)


@login_required
@require_POST
def begin_commissioning(request: HttpRequest, station_id: int) -> HttpResponse:
    """Set a station up again."""
    station, user = for_configuring(request, station_id)
    begun = commissioning.begin_commissioning(
        station=station,
        reason=Commissioning.Reason.ASKED,
        requested_by=user,
        as_of=clock.now(),
    )
    note(station, user, "commissioning.begin", {"commissioning_id": begun.pk})
    messages.success(
        request, _("It begins as soon as the station is here. Each step shows below.")
    )
    return redirect("station_commissioning", station_id=station.pk)


@login_required
def list_coverage(request: HttpRequest) -> HttpResponseBase:
    """Show what each connector of the network can and cannot tell."""
    access.require_role(request.user, TECHNICAL)
    return pages.answer_list(
        request,
        rows=coverage.connectors_of(request.user),
        spec=coverage.coverage_spec(request.user),
        describe=coverage.describe_coverage,
        look=Look(
            title=_("What chargers can tell"),
            intro=_(
                "A fault nobody can see is not health. Here is how many of the faults we look"
                " for each connector gives signals of."
            ),
            row_template="dashboard/coverage_row.html",
            empty_title=_("No connectors yet"),
        ),
    )
