"""What the forms of a rule's page say: which rule, where, and what was typed."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from chargenet.core import access
from chargenet.core.models import Operator
from chargenet.dashboard.queries.rule_thresholds import Place, Threshold, label_of
from faults import rules
from faults.rules.protocol import Rule
from faults.rules.thresholds import ThresholdsRefused
from stations.models import Location, Station


def rule(code: str) -> Rule:
    """Return a rule; raises Http404."""
    found = rules.BY_CODE.get(code)
    if found is None:
        raise Http404
    return found


def place(request: HttpRequest, operator: Operator, asked: Any) -> Place:
    """Return the site or the model that is named, only if it is the operator's; raises Http404."""
    site, model = asked.get("site", ""), asked.get("model", "").replace("\0", "")
    if site:
        rows = Location.objects.filter(operator=operator)
        return Place(location_id=access.get_or_404(rows, request.user, pk=site).pk)
    if model and not Station.objects.filter(operator=operator, model=model).exists():
        raise Http404
    return Place(station_model=model)


def back(
    of: Rule, operator: Operator, where: Place, *, trial_id: int | None = None
) -> HttpResponse:
    """Return to a rule's page, where it was left."""
    asked: dict[str, str | int] = {"operator": operator.pk}
    if where.location_id is not None:
        asked["site"] = where.location_id
    if where.station_model:
        asked["model"] = where.station_model
    mark = ""
    if trial_id is not None:
        asked["trial"], mark = trial_id, "#trial"
    return redirect(f"{reverse('rule_page', args=[of.code])}?{urlencode(asked)}{mark}")


def typed(request: HttpRequest, known: Iterable[Threshold]) -> dict[str, Any]:
    """Return the values of a form by name; raises ThresholdsRefused for what is no number."""
    values: dict[str, Any] = {}
    for each in known:
        raw = request.POST.get(each.name, "").replace(",", ".").strip()
        if each.kind == "switch":
            values[each.name] = raw == "1"
        elif raw:
            values[each.name] = _number(raw, each)
    return values


def told(of: Rule, error: ThresholdsRefused) -> str:
    """Return what cannot be set, and what to write instead, in the reader's words."""
    name = error.path.rpartition(".")[2]
    return f"{label_of(of, name)}: {_(error.problem) % error.named}"


def _number(raw: str, each: Threshold) -> float:
    try:
        value = float(raw)
    except ValueError as error:
        raise ThresholdsRefused(each.name, "a number is wanted") from error
    return int(value) if each.kind == "whole" and value.is_integer() else value
