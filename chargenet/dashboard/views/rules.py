"""The fault rules: what each finds and cannot know, and what it is set by."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, held, pages
from chargenet.core.models import Operator, Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import rules as reads
from chargenet.dashboard.queries.rule_thresholds import Place, Threshold, label_of, thresholds_at
from chargenet.dashboard.views import asking
from faults import public_status, rules, tuning
from faults.models import StatusPolicy
from faults.rules.protocol import Rule
from faults.rules.thresholds import ThresholdsRefused
from stations.models import Location, Station

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
    rule = _rule(code)
    operators = asking.operators(request, TECHNICAL)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    where = _place(request, operator, request.GET)
    context = {
        "page": reads.rule_page(operator, request.user, rule, where, clock.now()),
        "operator": operator,
        "where": where,
        "may_edit": operator in asking.operators(request, EDITORS),
    }
    return render(request, "dashboard/rule.html", context)


@login_required
@require_POST
def set_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Set a rule's thresholds for some stations, switch it, or put it back; each is audited."""
    operator = asking.edited_operator(request, EDITORS)
    rule = _rule(code)
    place = _place(request, operator, request.POST)
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
        return _back(rule, operator, place)
    try:
        values = _typed(request, thresholds_at(rule, operator, place))
        tuning.set_thresholds(
            values=values, is_active=request.POST.get("is_active") == "1", **known
        )
    except ThresholdsRefused as error:
        messages.error(request, _("Not changed: %(problem)s") % {"problem": _told(rule, error)})
    else:
        messages.success(request, _("Saved. Open faults of this rule are looked at again."))
    return _back(rule, operator, place)


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


def _typed(request: HttpRequest, known: list[Threshold]) -> dict[str, Any]:
    """Return the values a form sets: those that differ from what the rule comes with."""
    values: dict[str, Any] = {}
    for each in known:
        raw = request.POST.get(each.name, "").replace(",", ".").strip()
        if each.kind == "switch":
            value: Any = raw == "1"
        elif raw:
            value = _number(raw, each)
        else:
            continue
        if value != each.own_default:
            values[each.name] = value
    return values


def _told(rule: Rule, error: ThresholdsRefused) -> str:
    """Return what cannot be set, and what to write instead, in the reader's words."""
    name = error.path.rpartition(".")[2]
    return f"{label_of(rule, name)}: {_(error.problem) % error.named}"


def _number(raw: str, each: Threshold) -> float:
    try:
        value = float(raw)
    except ValueError as error:
        raise ThresholdsRefused(each.name, "a number is wanted") from error
    return int(value) if each.kind == "whole" and value.is_integer() else value


def _rule(code: str) -> Rule:
    rule = rules.BY_CODE.get(code)
    if rule is None:
        raise Http404
    return rule


def _place(request: HttpRequest, operator: Operator, asked: Any) -> Place:
    """Return the site or the model that is named, only if it is the operator's."""
    site, model = asked.get("site", ""), asked.get("model", "").replace("\0", "")
    if site:
        rows = Location.objects.filter(operator=operator)
        return Place(location_id=access.get_or_404(rows, request.user, pk=site).pk)
    if model and not Station.objects.filter(operator=operator, model=model).exists():
        raise Http404
    return Place(station_model=model)


def _back(rule: Rule, operator: Operator, place: Place) -> HttpResponse:
    asked: dict[str, str | int] = {"operator": operator.pk}
    if place.location_id is not None:
        asked["site"] = place.location_id
    if place.station_model:
        asked["model"] = place.station_model
    return redirect(f"{reverse('rule_page', args=[rule.code])}?{urlencode(asked)}")
