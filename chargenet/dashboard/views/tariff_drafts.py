"""The editor of price lists: a week that is painted, or OCPI's JSON itself; then published."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import price_lists
from billing.models import Tariff, TariffDraft
from billing.price_places import TariffRefused
from billing.tariffs.week.typed import Problems
from chargenet.core import access, clock
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.queries import tariff_forms, tariff_holds, tariff_trials
from chargenet.dashboard.queries import tariffs as reads
from chargenet.dashboard.queries.tariff_trials import Listed
from chargenet.dashboard.views import asking
from chargenet.dashboard.views.tariffs import refusal, sent_text, typed_instant


@login_required
@require_safe
def edit_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Show a draft in the editor."""
    access.require_role(request.user, NETWORK)
    draft = _draft(request, draft_id)
    return _page(request, draft, text=draft.text, typed=None, problems={})


@login_required
@require_POST
def save_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Keep what was painted or written; what cannot be used is told at its field."""
    draft = _edited(request, draft_id)
    typed = {name: str(raw).replace("\0", "") for name, raw in request.POST.items()}
    step = typed.get("step", "")
    if step == "paint":
        typed |= tariff_forms.paint(typed, request.POST.getlist("paint_day"))
        return _page(request, draft, text=draft.text, typed=typed, problems={})
    text = typed.get("text", "")
    try:
        if step == "json":
            text = sent_text(request) or text
        else:
            text = tariff_forms.text_of(typed, draft, clock.now())
        price_lists.save_draft(
            draft_id=draft.pk,
            revision=_number(typed.get("revision", "")),
            name=typed.get("name", draft.name),
            text=text,
            actor=asking.person(request),
            as_of=clock.now(),
            spot_area=typed.get("spot_area"),
        )
    except Problems as error:
        problems = {name: _(template) for name, template in error.by_field.items()}
        return _page(request, draft, text=draft.text, typed=typed, problems=problems)
    except TariffRefused as refused:
        told = {"text" if step == "json" else "form": refusal(refused)}
        shown = None if step == "json" else typed
        draft.name = typed.get("name", draft.name)
        draft.spot_area = typed.get("spot_area", draft.spot_area)
        # Of a file that is refused, what stood in the form is kept.
        written = typed.get("text", "") if step == "json" else text
        return _page(request, draft, text=written, typed=shown, problems=told)
    messages.success(request, _("Saved. Nothing is priced by it until you publish it."))
    return redirect("tariff_edit", draft_id=draft.pk)


@login_required
@require_POST
def publish_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Make a draft the next version of its list; pressed twice, it is one version."""
    draft, now = _edited(request, draft_id), clock.now()
    when = request.POST.get("when", "")
    valid_from = {"now": now, "at": typed_instant(request, "from")}.get(when)
    if when == "at" and valid_from is None:
        messages.error(request, _("Say from when it shall hold."))
        return redirect("tariff_edit", draft_id=draft.pk)
    try:
        tariff = price_lists.publish(
            draft_id=draft.pk,
            revision=_number(request.POST.get("revision", "")),
            valid_from=valid_from,
            actor=asking.person(request),
            as_of=now,
        )
    except TariffRefused as refused:
        messages.error(request, refusal(refused))
        return redirect("tariff_edit", draft_id=draft.pk)
    told = {"name": tariff.name, "version": tariff.version}
    messages.success(request, _("%(name)s, version %(version)s, is published.") % told)
    return redirect("tariff_page", tariff_id=tariff.pk)


@login_required
@require_POST
def discard_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Throw a draft away."""
    draft = _edited(request, draft_id)
    price_lists.discard_draft(draft_id=draft.pk, actor=asking.person(request), as_of=clock.now())
    messages.success(request, _("The draft is gone. Published versions are as they were."))
    return redirect("tariff_list")


def _page(
    request: HttpRequest,
    draft: TariffDraft,
    *,
    text: str,
    typed: Mapping[str, str] | None,
    problems: Mapping[str, str],
) -> HttpResponse:
    now = clock.now()
    read = reads.read(draft.text)
    current = _current(draft)
    lists = [Listed(_("This draft"), read.price_list, draft.operator_id, draft.spot_area)]
    if current is not None:
        ours = reads.read(reads.text_of(current)).price_list
        lists.append(Listed(_("Published now"), ours, current.operator_id, current.spot_area))
    context = {
        "draft": draft,
        "read": read,
        "current": current,
        "form": tariff_forms.form_of(draft, read, typed, problems),
        "text": text,
        "problems": problems,
        "rows": reads.prices_of(draft, read.tariff, now),
        "places": tariff_holds.places_of(current, now) if current else [],
        "trial": tariff_trials.trial_of(
            request.GET, lists, now, ZoneInfo(draft.operator.timezone)
        ),
        "may_edit": draft.operator in asking.operators(request, MONEY),
    }
    return render(request, "dashboard/tariff_edit.html", context)


def _current(draft: TariffDraft) -> Tariff | None:
    rows = Tariff.objects.filter(operator_id=draft.operator_id, code=draft.code)
    return rows.order_by("-version").first()


def _draft(request: HttpRequest, draft_id: int) -> TariffDraft:
    rows = TariffDraft.objects.select_related("operator", "edited_by")
    return access.get_or_404(rows, request.user, pk=draft_id)


def _edited(request: HttpRequest, draft_id: int) -> TariffDraft:
    access.require_role(request.user, MONEY)
    draft = _draft(request, draft_id)
    access.require_role_at(request.user, MONEY, operator_id=draft.operator_id, location_id=None)
    return draft


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 9 else 0
