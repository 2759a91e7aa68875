"""Prices that come from elsewhere, and prices that would come out differently."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import spot_prices
from billing.queries import recheck_pages, spot
from billing.spot_prices import Offer, SpotRefused
from chargenet.core import access, clock, pages
from chargenet.core.models import Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import NETWORK
from chargenet.dashboard.views import asking

EDITORS = frozenset({Role.OPERATOR, Role.FINANCE})


@login_required
def list_spot_prices(request: HttpRequest) -> HttpResponseBase:
    """Show the exchange's prices an operator has taken in, and what lacks."""
    access.require_role(request.user, NETWORK)
    operators = asking.operators(request, NETWORK)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    return pages.answer_list(
        request,
        rows=spot.spot_of(operator, request.user),
        spec=spot.spot_spec(operator),
        describe=spot.describe_spot,
        look=Look(
            title=_("Spot prices"),
            row_template="dashboard/spot_row.html",
            empty_title=_("No spot prices"),
            empty_text=_("Take in a file of the exchange's prices."),
            template="dashboard/spot.html",
        ),
        more={
            "operator": operator,
            "operators": operators,
            "lacks": spot.lacks_of(operator, clock.now()),
            "may_edit": operator in asking.operators(request, EDITORS),
        },
    )


@login_required
@require_POST
def import_spot_prices(request: HttpRequest) -> HttpResponse:
    """Take in a file of the exchange's prices."""
    operator = asking.edited_operator(request, EDITORS)
    file = request.FILES.get("file")
    minutes = request.POST.get("minutes", "15")
    offer = Offer(
        area=request.POST.get("area", "").strip(),
        currency=request.POST.get("currency", "SEK").strip(),
        per=request.POST.get("per", "MWh"),
        minutes=int(minutes) if minutes in {"15", "60"} else 0,
        source=getattr(file, "name", "") or "",
    )
    try:
        if file is None or (file.size or 0) > spot_prices.MOST_BYTES:
            raise SpotRefused(spot_prices.TOO_LARGE)
        taken = spot_prices.import_prices(
            operator=operator,
            offer=offer,
            text=file.read().decode("utf-8-sig"),
            actor=asking.person(request),
            as_of=clock.now(),
        )
    except UnicodeDecodeError:
        messages.error(request, _("Nothing was taken: the file is not UTF-8."))
    except SpotRefused as refused:
        messages.error(request, _("Nothing was taken: %(what)s.") % {"what": _why(refused)})
    else:
        messages.success(request, _("Quarters taken: %(count)s.") % {"count": taken})
    response = redirect("spot_list")
    response["Location"] += f"?operator={operator.pk}"
    return response


def _why(refused: SpotRefused) -> str:
    """Return what is wrong in a file, and in which line, in the reader's language."""
    what = _(refused.what)
    told = {"line": refused.line, "what": what}
    return _("line %(line)s: %(what)s") % told if refused.line else what


@login_required
def list_differences(request: HttpRequest) -> HttpResponseBase:
    """Show what would cost something else if it were priced again."""
    access.require_role(request.user, NETWORK)
    return pages.answer_list(
        request,
        rows=recheck_pages.differences_of(request.user),
        spec=recheck_pages.difference_spec(),
        describe=recheck_pages.describe_differences,
        look=Look(
            title=_("Prices reckoned again"),
            row_template="dashboard/difference_row.html",
            empty_title=_("No price differs"),
            empty_text=_("Each night what was priced the day before is priced again."),
            template="dashboard/differences.html",
        ),
        more={"rechecks": recheck_pages.last_rechecks(request.user)},
    )
