"""A change of thresholds, tried on what is stored before it is saved."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chargenet.core import access, clock
from chargenet.core.models import Role
from chargenet.dashboard.queries import rule_trials
from chargenet.dashboard.queries.rule_thresholds import thresholds_at
from chargenet.dashboard.views import asking, rule_forms
from faults import trials
from faults.rules.thresholds import ThresholdsRefused
from faults.tuning import Where

EDITORS = frozenset({Role.OPERATOR})


@login_required
@require_POST
def ask_trial(request: HttpRequest, code: str) -> HttpResponse:
    """Try what was typed on the last days; a worker does, and the page shows what it found."""
    operator = asking.edited_operator(request, EDITORS)
    rule = rule_forms.rule(code)
    place = rule_forms.place(request, operator, request.POST)
    known = thresholds_at(rule, operator, place)
    try:
        typed = rule_forms.typed(request, known)
        values = {
            each.name: typed[each.name]
            for each in known
            if each.name in typed and typed[each.name] != each.now
        }
        if not values:
            messages.error(request, _("Nothing to try: every threshold is as it holds now."))
            return rule_forms.back(rule, operator, place)
        trial = trials.ask_trial(
            where=Where(
                operator_id=operator.pk,
                location_id=place.location_id,
                station_model=place.station_model,
            ),
            code=code,
            values=values,
            days=_days(request.POST.get("days", "")),
            actor_id=asking.person(request).pk,
            as_of=clock.now(),
        )
    except ThresholdsRefused as error:
        messages.error(
            request, _("Not tried: %(problem)s") % {"problem": rule_forms.told(rule, error)}
        )
    except trials.TrialUnderWay:
        messages.error(request, _("Another trial is under way. Wait until it has ended."))
    else:
        return rule_forms.back(rule, operator, place, trial_id=trial.pk)
    return rule_forms.back(rule, operator, place)


@login_required
@require_safe
def show_trial(request: HttpRequest, code: str, trial_id: int) -> HttpResponse:
    """Show how far a trial has come, as the part of the rule's page that looks again."""
    access.require_role(request.user, EDITORS)
    trial = rule_trials.trial_for(request.user, trial_id)
    if trial.code != code:
        raise Http404
    return render(request, "dashboard/rule_trial.html", {"trial": trial})


def _days(raw: str) -> int:
    """Return the span that was chosen, the shortest for nonsense."""
    return next((days for days in trials.DAYS if str(days) == raw), trials.DAYS[0])
