"""Security: events, whom the operator trusts, and how one station proves who it is."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import Operator, Role
from chargenet.core.pages import Look
from chargenet.dashboard import security_deeds
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import security, station_security
from chargenet.dashboard.queries.trust import read_trust
from chargenet.dashboard.views import asking
from stations.models import CertificateAuthority

MANAGERS = frozenset({Role.OPERATOR})


@login_required
def list_events(request: HttpRequest) -> HttpResponseBase:
    """List what stations and their door said about security."""
    access.require_role(request.user, TECHNICAL)
    look = Look(
        title=_("Security"),
        row_template="dashboard/security_row.html",
        empty_title=_("No security events"),
        empty_text=_("Nothing was told, and nobody was refused at the door."),
        intro=_("What stations tell of their security, and what happened at their door."),
        is_live=True,
        template="dashboard/security.html",
    )
    return pages.answer_list(
        request,
        rows=security.events_of(request.user),
        spec=security.event_spec(name="security", has_station=True),
        describe=security.describe_events,
        look=look,
    )


@login_required
def show_certificates(request: HttpRequest) -> HttpResponse:
    """Show whom the operators of a person trust, and which requests wait for people."""
    access.require_role(request.user, TECHNICAL)
    managed = access.operator_ids(request.user, MANAGERS)
    context = {
        "page": read_trust(request.user, as_of=clock.now()),
        "operators": Operator.objects.filter(pk__in=managed),
        "may_manage": bool(managed),
        "uses": CertificateAuthority.Use.choices,
    }
    return render(request, "dashboard/certificates.html", context)


@login_required
@require_POST
def change_trust(request: HttpRequest) -> HttpResponse:
    """Trust an authority, trust one no more, revoke a certificate, or send a signed chain."""
    access.require_role(request.user, MANAGERS)
    done = security_deeds.change_trust(request.user, request.POST, as_of=clock.now())
    _tell(request, done)
    return redirect("certificates")


@login_required
def show_station(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Show how a station proves who it is, and its security events."""
    station = asking.station(request, station_id, TECHNICAL)
    look = Look(
        title=_("Security events"),
        row_template="dashboard/security_row.html",
        empty_title=_("No security events"),
        empty_text=_("Nothing was told, and nobody was refused at the door."),
        template="dashboard/station_security.html",
    )
    more = {
        "station": station,
        "proof": station_security.read_page(station, as_of=clock.now()),
        "may_manage": asking.has_role(request, station, MANAGERS),
    }
    return pages.answer_list(
        request,
        rows=security.events_of(request.user).filter(station=station),
        spec=security.event_spec(name="security", has_station=False),
        describe=security.describe_events,
        look=look,
        more=more,
    )


@login_required
@require_POST
def change_station(request: HttpRequest, station_id: int) -> HttpResponse:
    """Do one thing to how a station proves itself: `step` names it."""
    station = asking.station(request, station_id, MANAGERS)
    step = partial(security_deeds.change_station, station, request.user, request.POST)
    _tell(request, step(as_of=clock.now()))
    return redirect("station_security", station_id=station.pk)


def _tell(request: HttpRequest, done: security_deeds.Done) -> None:
    (messages.success if done.is_done else messages.error)(request, done.text)
