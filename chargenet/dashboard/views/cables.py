"""Charging cables: which to replace next, the life of one, and its replacement."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import cable_page, cables
from chargenet.dashboard.views import asking
from faults import cables as deeds
from faults.models import CableLife
from stations.cables import CableRefused

# Who changes a cable: the people of the network and the technician on site.
CHANGERS = frozenset({Role.OPERATOR, Role.TECHNICIAN})


@login_required
def list_cables(request: HttpRequest) -> HttpResponseBase:
    """Show the cables, the one to replace next first."""
    access.require_role(request.user, TECHNICAL)
    return pages.answer_list(
        request,
        rows=cables.in_use(cables.lives_of(request.user), request.GET.get("state", "")),
        spec=cables.cable_spec(request.user),
        describe=cables.describe_cables,
        look=Look(
            title=_("Cables"),
            row_template="dashboard/cable_row.html",
            intro=_("The cable to replace next comes first, with the reasons."),
            empty_title=_("No cables here"),
            empty_text=_("A cable appears within ten minutes of being fitted to a connector."),
        ),
        finish=cables.narrowed,
    )


@login_required
def show_cable(request: HttpRequest, cable_id: int) -> HttpResponse:
    """Show one cable: its risk and why, its heat, its faults, where it was."""
    access.require_role(request.user, TECHNICAL)
    page = cable_page.cable_page(request.user, cable_id)
    place = page.connector
    may_replace = place is not None and access.has_role_at(
        request.user,
        CHANGERS,
        operator_id=page.life.operator_id,
        location_id=place.station.location_id,
    )
    context = {"page": page, "may_replace": may_replace, "why": CableLife.Retired.choices}
    return render(request, "dashboard/cable.html", context)


@login_required
@require_POST
def replace_cable(request: HttpRequest, cable_id: int) -> HttpResponse:
    """Fit another cable where this one is: its baselines begin anew."""
    access.require_role(request.user, CHANGERS)
    life = access.get_or_404(cables.lives_of(request.user), request.user, cable_id=cable_id)
    place = life.connector
    access.require_role_at(
        request.user,
        CHANGERS,
        operator_id=life.operator_id,
        location_id=place.station.location_id if place else None,
    )
    if place is None:
        messages.error(request, _("This cable is not fitted anywhere."))
        return redirect("cable_page", cable_id=cable_id)
    try:
        new = deeds.replace_cable(
            connector=place,
            serial_number=request.POST.get("serial_number", "").replace("\0", ""),
            why=request.POST.get("why", ""),
            actor_id=asking.person(request).pk,
            as_of=clock.now(),
        )
    except CableRefused as refused:
        messages.error(request, _refusal(str(refused)))
        return redirect("cable_page", cable_id=cable_id)
    messages.success(request, _("Replaced. What is usual for the new cable is learnt anew."))
    return redirect("cable_page", cable_id=new.pk)


def _refusal(word: str) -> str:
    known = {
        "serial_number": _("Write the serial number of the new cable."),
        "socket": _("This connector is a socket: drivers bring their own cable."),
        "fitted_elsewhere": _(
            "That cable is fitted to another connector. Take it off there first."
        ),
        "just_fitted": _("That cable was fitted a moment ago."),
    }
    return known.get(word, _("The cable could not be replaced."))
