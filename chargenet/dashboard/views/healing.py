"""Healing from afar: what was tried, how often it helped, and how far it may go."""

from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, formats, listing, pages
from chargenet.core.models import Operator, Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.parts import Tile
from chargenet.dashboard.views import asking
from faults import healing
from faults.models import HealingPolicy
from faults.queries import healed as reads
from faults.queries import healing_rates
from faults.queries.healing_rates import Figures

EDITORS = frozenset({Role.OPERATOR})
DASH = "–"


@login_required
def list_healing(request: HttpRequest) -> HttpResponseBase:
    """Show the steps taken at one operator's stations, above them how healing goes."""
    access.require_role(request.user, TECHNICAL)
    operators = asking.operators(request, TECHNICAL)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    spec = reads.step_spec()
    more: dict[str, object] = {}
    if not pages.is_fragment(request) and not listing.read_state(request.GET, spec).is_csv:
        as_of = clock.now()
        more = {
            "operator": operator,
            "operators": operators,
            "may_edit": operator in asking.operators(request, EDITORS),
            "tiles": _tiles(healing_rates.figures_of(request.user, operator, as_of), operator),
            "rates": healing_rates.rates_of(request.user, operator, as_of),
            "waiting": reads.waiting_for(request.user, operator),
            "policy": reads.policy_for(operator),
            "modes": HealingPolicy.Mode.choices,
        }
    return pages.answer_list(
        request,
        rows=reads.steps_for(request.user, operator),
        spec=spec,
        describe=reads.describe_steps,
        look=Look(
            title=_("Healing"),
            row_template="dashboard/healing_row.html",
            empty_title=_("Nothing has been tried"),
            empty_text=_("When a fault can be mended from afar, each step is written down here."),
            template="dashboard/healing.html",
            is_live=True,
        ),
        more=more,
    )


@login_required
@require_POST
def set_policy(request: HttpRequest) -> HttpResponse:
    """Say how far stations may be mended from afar; audited."""
    operator = asking.edited_operator(request, EDITORS)
    try:
        healing.set_policy(
            operator_id=operator.pk,
            mode=request.POST.get("mode", ""),
            makes_safe=request.POST.get("makes_safe") == "1",
            changed_by=asking.person(request),
            as_of=clock.now(),
        )
    except ValueError:
        messages.error(request, _("Not saved: choose off, dry run or on."))
    else:
        messages.success(request, _("Saved."))
    return redirect(f"{reverse('healing_list')}?{urlencode({'operator': operator.pk})}")


def _tiles(counted: Figures, operator: Operator) -> list[Tile]:
    def rows(outcome: str) -> str:
        return f"?{urlencode({'operator': str(operator.pk), 'outcome': outcome})}"

    return [
        Tile(
            _("Steps sent"),
            formats.number(counted.sent),
            rows("sent"),
            "send",
            _("90 days; in dry runs %(count)s") % {"count": formats.number(counted.dry)},
        ),
        Tile(
            _("Helped"),
            _share(counted.helped, counted.done),
            rows("helped"),
            "circle-check",
            _of(counted.helped, counted.done),
        ),
        Tile(
            _("Proven by a charge"),
            _share(counted.verified, counted.healed),
            rows("helped"),
            "shield-check",
            _of(counted.verified, counted.healed),
        ),
        Tile(
            _("While a session was open"),
            formats.number(counted.harm),
            rows("harm"),
            "hand-stop",
            _("Must be none"),
            meaning="worse" if counted.harm else "",
        ),
    ]


def _share(part: int, whole: int) -> str:
    return formats.percent(Decimal(part) / whole) if whole else DASH


def _of(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s") % {
        "part": formats.number(part),
        "whole": formats.number(whole),
    }
