"""What may be done to many stations at once, how long logs are kept, and the kill switch."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock
from chargenet.dashboard.queries import choosing
from chargenet.dashboard.views import asking
from chargenet.dashboard.views.bulk import operator_of, whole
from stations import limits


@login_required
def show_limits(request: HttpRequest) -> HttpResponse:
    """Show an operator's limits, or change them."""
    access.require_role(request.user, choosing.FIRMWARE_ROLES)
    operator_id = operator_of(request, choosing.FIRMWARE_ROLES)
    reason = ""
    if request.method == "POST":
        values: dict[str, Any] = {
            name: whole(request.POST.get(name, ""), -1) for name in limits.NUMBERS
        }
        values |= {name: request.POST.get(name) == "1" for name in limits.SWITCHES}
        try:
            limits.set_limits(
                operator_id=operator_id,
                values=values,
                changed_by=asking.person(request),
                as_of=clock.now(),
            )
        except limits.LimitsInvalid as error:
            reason = str(error)
        else:
            messages.success(request, _("The limits are set."))
            return redirect("limits")
    shown = limits.limits_of(operator_id)
    context = {"limits": shown, "reasons": [reason] if reason else []}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if reason else HTTPStatus.OK
    return render(request, "dashboard/limits.html", context, status=status)


@login_required
@require_POST
def turn_switch(request: HttpRequest) -> HttpResponse:
    """Turn the kill switch: on at once by whoever commands stations, off by the operator."""
    access.require_role(request.user, choosing.BULK_ROLES)
    if request.POST.get("halt") not in {"0", "1"}:
        return HttpResponse(_("Say whether to hold or to let go."), status=400)
    is_halted = request.POST["halt"] == "1"
    roles = choosing.BULK_ROLES if is_halted else choosing.FIRMWARE_ROLES
    access.require_role(request.user, roles)
    limits.set_halted(
        operator_id=operator_of(request, roles),
        is_halted=is_halted,
        changed_by=asking.person(request),
        as_of=clock.now(),
    )
    text = _("Everything is held.") if is_halted else _("Work goes on.")
    messages.success(request, text)
    return redirect("bulk_list")
