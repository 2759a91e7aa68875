"""The message log: of the network, of one station, and one exchange to read."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from chargenet.core import access, clock, listing, pages
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import message_search, messages
from chargenet.dashboard.views import asking
from stations.models import Station


@login_required
def list_messages(request: HttpRequest) -> HttpResponse:
    """Show what went over every wire, the newest first."""
    access.require_role(request.user, TECHNICAL)
    return _answer(request, None)


@login_required
def show_station_messages(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show what one station said and was told."""
    station = asking.station(request, station_id, TECHNICAL)
    return _answer(request, station)


@login_required
def show_message(request: HttpRequest, microseconds: int, number: int) -> HttpResponse:
    """Show one exchange: the call, the answer, and how long it took."""
    access.require_role(request.user, TECHNICAL)
    message = messages.message_for(request.user, microseconds, number)
    return render(
        request, "dashboard/message.html", {"message": message, "station": message.station}
    )


def _answer(request: HttpRequest, station: Station | None) -> HttpResponse:
    as_of = clock.now()
    search = message_search.read_search(request.GET)
    if search.is_csv:
        return _file(request, search, station)
    page = messages.message_page(request.user, request.GET, station=station, as_of=as_of)
    context = {"page": page, "station": station, "has_station": station is not None}
    if pages.is_fragment(request):
        return render(request, "dashboard/message_rows.html", context)
    return render(request, "dashboard/messages.html", context)


def _file(
    request: HttpRequest, search: message_search.Search, station: Station | None
) -> HttpResponse:
    rows = messages.csv_rows(request.user, search, station=station, as_of=clock.now())
    head = [
        _("When"),
        _("Station"),
        _("Direction"),
        _("Action"),
        _("Message id"),
        _("Error code"),
        _("Answered"),
        _("Milliseconds"),
        _("Call"),
        _("Answer"),
    ]
    lines = [[listing.cell(value) for value in row] for row in rows]
    if len(rows) == messages.CSV_ROWS:
        goes_on = _("Only the first %(count)s rows: narrow the list to get the rest.")
        lines.append([goes_on % {"count": messages.CSV_ROWS}])
    return listing.csv_file(f"messages-{timezone.localdate().isoformat()}.csv", head, lines)
