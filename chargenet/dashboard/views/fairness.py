"""The gate before billing: what each fault lets a session cost, and what each check does."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import fairness
from chargenet.core import access, clock
from chargenet.core.models import Operator
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.queries import fairness as reads
from chargenet.dashboard.views import asking


@login_required
def show_fairness(request: HttpRequest) -> HttpResponse:
    """Show the policy for faults, and the checks."""
    access.require_role(request.user, NETWORK)
    operators = asking.operators(request, NETWORK)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    rules, is_own = fairness.rules_now(operator)
    context = {
        "operator": operator,
        "operators": operators,
        "rows": reads.rule_rows(list(rules)),
        "is_own": is_own,
        "mark": fairness.mark_of(operator),
        "past": reads.past_of(request.user, operator),
        "checks": reads.check_rows(operator),
        "faults": reads.faults(),
        "causes": reads.causes(),
        "outcomes": reads.outcomes(),
        "actions": reads.actions(),
        "may_edit": operator in asking.operators(request, MONEY),
    }
    return render(request, "dashboard/fairness.html", context)


@login_required
@require_POST
def write_rules(request: HttpRequest) -> HttpResponse:
    """Let another policy hold from now on."""
    operator = asking.edited_operator(request, MONEY)
    try:
        form = {name: str(raw) for name, raw in request.POST.items()}
        rules = [] if "reset" in form else reads.read_rules(form)
        fairness.write_rules(
            operator=operator,
            rules=rules,
            actor=asking.person(request),
            as_of=clock.now(),
            seen=form.get("seen"),
        )
    except fairness.RulesStale:
        messages.error(
            request, _("Nothing was saved: somebody else changed the table. Look at it again.")
        )
    except fairness.RulesUnfit as error:
        messages.error(
            request, _("Nothing was saved: row %(row)d cannot hold.") % {"row": error.row}
        )
    except ValueError:
        messages.error(request, _("Nothing was saved: a figure cannot be one."))
    else:
        messages.success(request, _("Saved. It holds for sessions that begin from now on."))
    return _back(operator)


@login_required
@require_POST
def set_check(request: HttpRequest) -> HttpResponse:
    """Let one check do something else, or from other limits on."""
    operator = asking.edited_operator(request, MONEY)
    name = request.POST.get("check", "")
    form = {key: str(raw) for key, raw in request.POST.items()}
    try:
        fairness.set_check(
            operator=operator,
            name=name,
            action=form.get("action", ""),
            limits=reads.read_limits(name, form),
            actor=asking.person(request),
            as_of=clock.now(),
        )
    except ValueError:
        messages.error(request, _("Nothing was saved: a figure cannot be one."))
    else:
        messages.success(request, _("Saved. It holds for what is rated from now on."))
    return _back(operator)


def _back(operator: Operator) -> HttpResponse:
    response = redirect("fairness")
    response["Location"] += f"?operator={operator.pk}"
    return response
