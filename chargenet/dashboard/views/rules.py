"""The fault rules: what each finds and cannot know, and what it is set by."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, held, pages
from chargenet.core.models import Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import rule_failures, rule_trials
from chargenet.dashboard.queries import rules as reads
from chargenet.dashboard.queries.rule_thresholds import thresholds_at
from chargenet.dashboard.views import asking, rule_forms
from faults import public_status, trials, tuning
from faults.models import StatusPolicy
from faults.rules.thresholds import ThresholdsRefused

EDITORS = frozenset({Role.OPERATOR})


@login_required
def list_rules(request: HttpRequest) -> HttpResponseBase:
    """Show every rule of one operator."""
    access.require_role(request.user, TECHNICAL)
    operators = asking.operators(request, TECHNICAL)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    look = Look(
        title=_("Fault rules"),
        row_template="dashboard/rule_row.html",
        empty_title=_("No rule matches"),
        template="dashboard/rules.html",
    )
    more = {
        "operator": operator,
        "operators": operators,
        "may_edit": operator in asking.operators(request, EDITORS),
        "failures": rule_failures.rule_failures(operator, request.user),
        "is_advisory": StatusPolicy.objects.filter(operator=operator, is_advisory=True).exists(),
    }
    return pages.answer_list(
        request,
        rows=held.as_rows(reads.rule_rows(operator, request.user, clock.now())),
        spec=reads.rule_spec(),
        describe=list,
        look=look,
        more=more,
    )


@login_required
def show_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Show one rule, with the thresholds that hold where the address says."""
    access.require_role(request.user, TECHNICAL)
    rule = rule_forms.rule(code)
    operators = asking.operators(request, TECHNICAL)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    where = rule_forms.place(request, operator, request.GET)
    trial = rule_trials.newest(request.user, operator, rule, where)
    # what was tried and not saved stands in the form when a person comes back from trying it
    tried = trial.tried if trial and request.GET.get("trial") == str(trial.id) else None
    context = {
        "page": reads.rule_page(operator, request.user, rule, where, clock.now(), tried),
        "operator": operator,
        "where": where,
        "trial": trial,
        "is_tried": tried is not None,
        "days": trials.DAYS,
        "may_edit": operator in asking.operators(request, EDITORS),
    }
    return render(request, "dashboard/rule.html", context)


@login_required
@require_POST
def set_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Set a rule's thresholds for some stations, switch it, or put it back; each is audited."""
    operator = asking.edited_operator(request, EDITORS)
    rule = rule_forms.rule(code)
    place = rule_forms.place(request, operator, request.POST)
    where = tuning.Where(
        operator_id=operator.pk,
        location_id=place.location_id,
        station_model=place.station_model,
    )
    known: dict[str, Any] = {
        "where": where,
        "code": rule.code,
        "actor_id": asking.person(request).pk,
        "as_of": clock.now(),
    }
    if request.POST.get("step") == "reset":
        tuning.reset_thresholds(**known)
        messages.success(request, _("Put back. What holds now shows below."))
        return rule_forms.back(rule, operator, place)
    try:
        known_ones = thresholds_at(rule, operator, place)
        typed = rule_forms.typed(request, known_ones)
        values = {
            each.name: typed[each.name]
            for each in known_ones
            if each.name in typed and typed[each.name] != each.own_default
        }
        tuning.set_thresholds(
            values=values, is_active=request.POST.get("is_active") == "1", **known
        )
    except ThresholdsRefused as error:
        problem = rule_forms.told(rule, error)
        messages.error(request, _("Not changed: %(problem)s") % {"problem": problem})
    else:
        messages.success(request, _("Saved. Open faults of this rule are looked at again."))
    return rule_forms.back(rule, operator, place)


@login_required
@require_POST
def set_policy(request: HttpRequest) -> HttpResponse:
    """Choose whether drivers and lists are told what rules found, or the station's own word."""
    operator = asking.edited_operator(request, EDITORS)
    is_advisory = request.POST.get("is_advisory") == "1"
    public_status.set_policy(
        operator=operator,
        is_advisory=is_advisory,
        actor_id=asking.person(request).pk,
        as_of=clock.now(),
    )
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('rule_list')}?{urlencode({'operator': operator.pk})}")
