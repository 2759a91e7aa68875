"""One fault: what was seen, how it went, and what it cost."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from chargenet.core import access, clock
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import fault_page
from faults import rules
from faults.models import Fault

# Whose it is, in the words rules use.
ATTRIBUTIONS: Final = {
    "charger": _("the charger"),
    "cable": _("the cable"),
    "vehicle": _("the vehicle"),
    "user": _("the user"),
    "payment": _("the payment"),
    "network": _("the network"),
    "grid": _("the grid"),
}


@login_required
def show_fault(request: HttpRequest, fault_id: int) -> HttpResponse:
    """Show one fault's history, its evidence, its ticket and its downtime."""
    access.require_role(request.user, TECHNICAL)
    page = fault_page.fault_page(request.user, fault_id, clock.now())
    fault = access.get_or_404(Fault.objects.all(), request.user, pk=fault_id)
    context = {
        "page": page,
        "fault": page.row,
        "where": page.where,
        "operator_id": fault.operator_id,
        "has_rule": page.row.code in rules.BY_CODE,
        "attribution": ATTRIBUTIONS.get(page.row.attribution, ""),
    }
    return render(request, "dashboard/fault.html", context)
