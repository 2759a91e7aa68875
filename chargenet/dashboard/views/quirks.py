"""Vendor quirks: what makes do that no standard says, switched and added by an operator."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, held, pages
from chargenet.core.models import Operator, Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import quirks as reads
from chargenet.dashboard.views import asking
from stations import quirks
from stations.metering.quirks import QuirkUnfit
from stations.models import QuirkKind

EDITORS = frozenset({Role.OPERATOR})


@login_required
def list_quirks(request: HttpRequest) -> HttpResponseBase:
    """Show every quirk that holds, or could, for one operator's stations."""
    access.require_role(request.user, TECHNICAL)
    operators = asking.operators(request, TECHNICAL)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    may_edit = operator in asking.operators(request, EDITORS)
    look = Look(
        title=_("Quirks"),
        row_template="dashboard/quirk_row.html",
        empty_title=_("No quirks"),
        template="dashboard/quirks.html",
    )
    more = {
        "operator": operator,
        "operators": operators,
        "kinds": QuirkKind.choices,
        "may_edit": may_edit,
    }
    return pages.answer_list(
        request,
        rows=held.as_rows(reads.rows_of(operator)),
        spec=reads.quirk_spec(may_edit=may_edit),
        describe=list,
        look=look,
        more=more,
    )


@login_required
@require_POST
def add_quirk(request: HttpRequest) -> HttpResponse:
    """Add a quirk of the operator's own."""
    operator = asking.edited_operator(request, EDITORS)
    written = {name: str(raw).replace("\0", "") for name, raw in request.POST.items()}
    try:
        quirks.add_quirk(
            operator=operator, written=written, actor=asking.person(request), as_of=clock.now()
        )
    except QuirkUnfit:
        messages.error(
            request, _("Not added: a vendor or a model is needed, and a value of this kind.")
        )
    else:
        messages.success(request, _("Added. Stations are read so within half a minute."))
    return _back(operator)


@login_required
@require_POST
def switch_quirk(request: HttpRequest) -> HttpResponse:
    """Switch a quirk on or off, or remove one of the operator's own."""
    operator = asking.edited_operator(request, EDITORS)
    key, step = request.POST.get("key", ""), request.POST.get("step", "")
    user, now = asking.person(request), clock.now()
    try:
        if step == "remove":
            quirks.remove_quirk(operator=operator, key=key, actor=user, as_of=now)
        else:
            quirks.switch_quirk(
                operator=operator, key=key, is_on=step == "on", actor=user, as_of=now
            )
    except (ObjectDoesNotExist, ValueError):
        messages.error(request, _("This quirk is not there any more."))
    return _back(operator)


def _back(operator: Operator) -> HttpResponse:
    response = redirect("quirk_list")
    response["Location"] += f"?operator={operator.pk}"
    return response
