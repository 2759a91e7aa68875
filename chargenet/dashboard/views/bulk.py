"""Many stations at once: planned on a form, looked at, agreed, watched, stopped."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.queries import choosing, job_pages, jobs, wishes
from chargenet.dashboard.queries.commands import NAMES
from chargenet.dashboard.views import asking
from stations import bulk, commands, limits
from stations.models import BulkCommand, BulkTarget

# What makes sense for many: no token, no session, no single connector to choose.
ACTIONS = (
    commands.RESET,
    commands.CHANGE_AVAILABILITY,
    commands.TRIGGER,
    commands.CLEAR_CACHE,
)


@login_required
def list_bulks(request: HttpRequest) -> HttpResponseBase:
    """Show bulk commands, the newest first."""
    access.require_role(request.user, choosing.BULK_ROLES)
    return pages.answer_list(
        request,
        rows=jobs.bulks_of(request.user),
        spec=jobs.job_spec("bulk"),
        describe=jobs.describe_bulks,
        look=Look(
            title=_("Bulk commands"),
            row_template="dashboard/job_row.html",
            empty_title=_("No bulk commands yet"),
            empty_text=_("Plan one: it is looked at before anything leaves."),
            is_live=True,
            template="dashboard/bulk_list.html",
        ),
    )


@login_required
def plan(request: HttpRequest) -> HttpResponse:
    """Show the form of a bulk command, or plan what it asks for."""
    access.require_role(request.user, choosing.BULK_ROLES)
    operator_id = operator_of(request, choosing.BULK_ROLES)
    reasons: list[str] = []
    if request.method == "POST":
        try:
            row = _planned(request, operator_id)
        except (wishes.WishUnclear, bulk.BulkInvalid) as error:
            reasons = [jobs.sentence(str(reason)) for reason in error.args]
        else:
            return redirect("bulk_page", bulk_id=row.pk)
    context = {
        "reasons": reasons,
        "typed": request.POST.dict(),
        "choices": choosing.choices_for(operator_id),
        "limits": limits.limits_of(operator_id),
        "actions": [(word, NAMES[word]) for word in ACTIONS],
        "said": wishes.WHAT_THEY_SAY.items(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if reasons else HTTPStatus.OK
    return render(request, "dashboard/bulk_form.html", context, status=status)


def _planned(request: HttpRequest, operator_id: int) -> BulkCommand:
    form = request.POST.dict()
    if form.get("action") not in {*ACTIONS, "expert"}:
        raise wishes.WishUnclear(_("That command is not known."))
    action, payload = wishes.read_wish(None, form)
    choice = choosing.read_choice(request.POST)
    return bulk.plan_bulk(
        operator_id=operator_id,
        plan=bulk.BulkPlan(
            action=action,
            payload=payload,
            reason=form.get("reason", "").replace("\0", ""),
            chosen_by=choice.told,
            per_minute=whole(form.get("per_minute", ""), 30),
            spread_s=whole(form.get("spread_s", ""), 0),
        ),
        stations=choosing.chosen_stations(operator_id, choice),
        requested_by=asking.person(request),
        as_of=clock.now(),
    )


@login_required
def show_bulk(request: HttpRequest, bulk_id: int) -> HttpResponseBase:
    """Show one bulk command: what it will do or did, station by station."""
    access.require_role(request.user, choosing.BULK_ROLES)
    row = _bulk(request, bulk_id)
    rows = BulkTarget.objects.filter(bulk=row).select_related("station")
    spec = jobs.target_spec(f"bulk-{row.pk}", BulkTarget.State.choices)
    look = Look(
        title=_("Stations"),
        row_template="dashboard/target_row.html",
        empty_title=_("No stations"),
        is_live=row.state not in BulkCommand.OVER,
        template="dashboard/bulk.html",
    )
    more = {
        "shown": job_pages.bulk_page(request.user, row),
        "kind": "target",
        "may_agree": row.requested_by_id != request.user.pk,
        "is_halted": limits.is_halted(row.operator_id),
    }
    return pages.answer_list(
        request, rows=rows, spec=spec, describe=jobs.describe_targets, look=look, more=more
    )


MOVES: dict[str, Callable[..., str]] = {
    "confirm": bulk.confirm_bulk,
    "approve": bulk.approve_bulk,
    "pause": bulk.pause_bulk,
    "resume": bulk.resume_bulk,
    "stop": bulk.stop_bulk,
}


@login_required
@require_POST
def move_bulk(request: HttpRequest, bulk_id: int) -> HttpResponse:
    """Confirm, agree to, pause, resume or stop a bulk command."""
    access.require_role(request.user, choosing.BULK_ROLES)
    row = _bulk(request, bulk_id)
    move = MOVES.get(request.POST.get("step", ""))
    if move is None:
        messages.error(request, _("That step is not known."))
        return redirect("bulk_page", bulk_id=row.pk)
    try:
        move(bulk=row, user=asking.person(request), as_of=clock.now())
    except bulk.NotYours:
        messages.error(request, _("You asked for it: somebody else must agree."))
    except bulk.BulkInvalid:
        messages.error(request, _("It has moved on. This is how it stands now."))
    return redirect("bulk_page", bulk_id=row.pk)


def _bulk(request: HttpRequest, bulk_id: int) -> BulkCommand:
    row = jobs.bulks_of(request.user).filter(pk=min(bulk_id, 2**62)).first()
    if row is None:
        raise Http404
    return row


def operator_of(request: HttpRequest, roles: frozenset[str]) -> int:
    """Return the operator a person plans for; who works for several says which in the address."""
    known = choosing.works_for(request.user, roles)
    if not known:
        raise Http404
    asked = request.GET.get("operator", "")
    return int(asked) if asked.isdecimal() and int(asked[:18]) in known else known[0]


def whole(text: str, otherwise: int) -> int:
    """Return a whole number of a form, the usual one for an empty field, -1 for nonsense."""
    if not text.strip():
        return otherwise
    return int(text) if text.strip().isdecimal() and len(text) < 9 else -1
