"""Ways out of the house: SMS gateway and webhooks, tried from the page that adds them."""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import Operator, Role, User
from faults.models import Severity, WayOut
from faults.notifications import ways
from faults.notifiers import troubles
from faults.queries import ways as reads
from faults.views import asking
from faults.views.steps import number, typed

EDITORS = frozenset({Role.OPERATOR})


@login_required
@never_cache
def list_ways(request: HttpRequest) -> HttpResponse:
    """Show where an operator's tickets are told to machines, and how the last message fared."""
    access.require_role(request.user, EDITORS)
    return _answer(request, asking.chosen_operator(request, EDITORS))


@login_required
@require_POST
@never_cache
def change_ways(request: HttpRequest) -> HttpResponse:
    """Add a way out, try one, or switch one off; each form names its deed."""
    access.require_role(request.user, EDITORS)
    operator = asking.chosen_operator(request, EDITORS)
    made, deed = "", typed(request, "deed")
    try:
        if deed == "add":
            made = _add(request, operator)
        elif deed in {"test", "off"}:
            _change(request, operator, deed)
        else:
            messages.error(request, _("That step is not known."))
    except ways.WayUnfit as error:
        messages.error(request, _why(error.part))
    if made:
        # shown in this answer and never again
        return _answer(request, operator, {"made": made})
    response = redirect("ticket_ways")
    response["Location"] += f"?operator={operator.pk}"
    return response


def _add(request: HttpRequest, operator: Operator) -> str:
    plan = ways.Plan(
        kind=typed(request, "kind"),
        url=typed(request, "url"),
        secret=typed(request, "secret"),
        sender=typed(request, "sender"),
        least=number(typed(request, "least")) or 0,
    )
    _way, made = ways.add_way(
        operator=operator, plan=plan, actor_id=request.user.pk or 0, as_of=clock.now()
    )
    messages.success(request, _("Added. Send a test to see that it arrives."))
    return made


def _change(request: HttpRequest, operator: Operator, deed: str) -> None:
    mine = WayOut.objects.filter(operator=operator, is_active=True)
    way = get_object_or_404(mine, pk=number(typed(request, "way")) or 0)
    assert isinstance(request.user, User), "only a person signed in has a role"
    if deed == "off":
        ways.switch_off(way=way, actor_id=request.user.pk, as_of=clock.now())
        messages.success(request, _("Switched off."))
    else:
        person = User.objects.get(pk=request.user.pk)
        ways.send_test(way=way, person=person, as_of=clock.now())
        messages.success(request, _("A test is on its way: its outcome shows here."))


def _answer(
    request: HttpRequest, operator: Operator, more: dict[str, object] | None = None
) -> HttpResponse:
    context = {
        "operator": operator,
        "operators": asking.operators_of(request, EDITORS),
        "ways": [
            replace(row, error=troubles.worded(row.error)) for row in reads.ways_of(operator)
        ],
        "kinds": WayOut.Kind.choices,
        "levels": Severity.choices,
        **(more or {}),
    }
    name = "faults/ways_rows.html" if pages.is_fragment(request) else "faults/ways.html"
    return render(request, name, context)


def _why(part: str) -> str:
    known = {
        "url": _("Not added: a public https address without a user name is needed."),
        "secret": _("Not added: a secret has 16 to 200 characters; leave it empty to get one."),
        "second": _("Not added: switch off the other SMS gateway first."),
        "again": _("Not added: this address is told already."),
        "many": _("Not added: twenty ways out are enough."),
        "phone": _("Not sent: write your telephone number under How I am told first."),
    }
    return known.get(part, _("Not added: something is missing."))
