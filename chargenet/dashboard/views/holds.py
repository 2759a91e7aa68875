"""The queue of held sessions, and what a person may decide of each."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import holds
from billing.holds import Correction
from billing.models import Cdr, RatingHold
from billing.queries import gate_words, price_words
from chargenet.core import access, clock, formats, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.queries import holds as reads
from chargenet.dashboard.views import asking

MOST_WH = 10**9
DEEDS = ("release", "correct", "waive")


@login_required
def list_holds(request: HttpRequest) -> HttpResponseBase:
    """Show the sessions that wait for a decision, or for a price list."""
    access.require_role(request.user, NETWORK)
    now = clock.now()
    waiting = reads.waiting_of(request.user)
    count, at_risk = reads.totals_of(waiting)
    return pages.answer_list(
        request,
        rows=reads.holds_of(request.user),
        spec=reads.hold_spec(now),
        describe=reads.describe_holds,
        look=Look(
            title=_("Held sessions"),
            row_template="dashboard/hold_row.html",
            empty_title=_("Nothing is held"),
            empty_text=_("Every completed session passed the checks."),
            template="dashboard/holds.html",
        ),
        more={
            "waiting": waiting,
            "count": count,
            "at_risk": at_risk,
            "chosen_reason": request.GET.get("reason", ""),
            "operators": asking.operators(request, MONEY),
            "may_decide": access.has_role(request.user, *MONEY),
        },
    )


@login_required
def show_hold(request: HttpRequest, session_id: int) -> HttpResponse:
    """Show one held session: what was found, what it would come to, what may be done."""
    access.require_role(request.user, NETWORK)
    hold = reads.hold_for(request.user, session_id)
    zone = ZoneInfo(hold.session.station.location.timezone)
    ended_at = hold.session.ended_at
    context = {
        "hold": hold,
        "row": reads.row_of(hold),
        "findings": reads.findings_of(hold.findings),
        "readings": reads.readings_of(hold),
        "who": reads.who_of(hold),
        "length_s": ended_at and (ended_at - hold.session.started_at).total_seconds(),
        "rulings": reads.rulings_of(request.user, session_id),
        "turn": holds.turn_of(session_id),
        "may_decide": _may_decide(request, hold),
        "started_local": hold.session.started_at.astimezone(zone).replace(tzinfo=None),
        "ended_local": ended_at and ended_at.astimezone(zone).replace(tzinfo=None),
    }
    return render(request, "dashboard/hold.html", context)


def _may_decide(request: HttpRequest, hold: RatingHold) -> bool:
    return access.has_role_at(request.user, MONEY, operator_id=hold.operator_id, location_id=None)


@login_required
@require_POST
def decide_hold(request: HttpRequest, session_id: int) -> HttpResponse:
    """Release, correct or waive one held session, once."""
    access.require_role(request.user, MONEY)
    if (hold := _held(request, session_id)) is None:
        return redirect("session_page", session_id)
    access.require_role_at(request.user, MONEY, operator_id=hold.operator_id, location_id=None)
    if request.POST.get("deed") not in DEEDS:
        messages.error(request, _("Nothing was done: choose what to do."))
        return redirect("hold_page", session_id)
    try:
        cdr = _decide(request, hold)
    except holds.ReasonMissing:
        messages.error(request, _("Nothing was done: a reason is needed."))
    except holds.RulingStale:
        messages.error(request, _("Nothing was done: somebody else decided meanwhile."))
    except holds.HoldGone:
        messages.info(request, _("It is decided already."))
        return redirect("session_page", session_id)
    except holds.CorrectionUnfit as error:
        told = gate_words.check_word(str(error))
        messages.error(request, _("Nothing was done: %(why)s.") % {"why": told})
    else:
        return _done(request, session_id, cdr)
    return redirect("hold_page", session_id)


def _held(request: HttpRequest, session_id: int) -> RatingHold | None:
    """Return the hold; None where the session was decided or rated already."""
    if Cdr.objects.visible_to(request.user).filter(session_id=session_id).exists():
        messages.info(request, _("It is decided already."))
        return None
    return reads.hold_for(request.user, session_id)


def _decide(request: HttpRequest, hold: RatingHold) -> Cdr | None:
    turn = request.POST.get("turn", "")
    said: dict[str, Any] = {
        "session_id": hold.session_id,
        "turn": int(turn) if turn.isdecimal() and len(turn) < 5 else 0,
        "reason": request.POST.get("reason", ""),
        "actor": asking.person(request),
        "as_of": clock.now(),
    }
    deed = request.POST.get("deed", "")
    if deed == "correct":
        return holds.correct(correction=_correction(request, hold), **said)
    return holds.waive(**said) if deed == "waive" else holds.release(**said)


def _correction(request: HttpRequest, hold: RatingHold) -> Correction:
    """Read what should be billed instead; times are the site's; raises CorrectionUnfit."""
    zone = ZoneInfo(hold.session.station.location.timezone)
    started_at, ended_at = (_instant(request.POST.get(name, ""), zone) for name in ("from", "to"))
    raw = request.POST.get("energy_wh", "")
    if not raw.isdecimal() or len(raw) > len(str(MOST_WH)):
        raise holds.CorrectionUnfit("negative_energy")
    return Correction(started_at, ended_at, int(raw))


def _instant(raw: str, zone: ZoneInfo) -> datetime:
    try:
        found = parse_datetime(raw)
    except ValueError:
        found = None
    if found is None:
        raise holds.CorrectionUnfit("ends_before_start")
    return found.replace(tzinfo=zone) if found.tzinfo is None else found


def _done(request: HttpRequest, session_id: int, cdr: Cdr | None) -> HttpResponse:
    if cdr is None:
        messages.info(request, _("Noted. It still waits, for a price list that holds there."))
        return redirect("hold_page", session_id)
    total = cdr.total_incl_vat
    price = formats.money(total.amount, str(total.currency))
    messages.success(request, _("Done: the session costs %(price)s.") % {"price": price})
    return redirect("hold_list")


@login_required
@require_POST
def release_many(request: HttpRequest) -> HttpResponse:
    """Release every session of an operator that one reason holds."""
    operator = asking.edited_operator(request, MONEY)
    held_for = request.POST.get("held_for", "")
    if held_for not in price_words.REASONS:
        messages.error(request, _("Nothing was done: choose what they are held for."))
        return redirect("hold_list")
    try:
        counts = holds.release_many(
            operator_id=operator.pk,
            held_for=held_for,
            reason=request.POST.get("reason", ""),
            actor=asking.person(request),
            as_of=clock.now(),
        )
    except holds.ReasonMissing:
        messages.error(request, _("Nothing was done: a reason is needed."))
    else:
        told = {"rated": counts["rated"], "waiting": counts.total() - counts["rated"]}
        messages.success(request, _("%(rated)d released, %(waiting)d still wait.") % told)
    return redirect("hold_list")
