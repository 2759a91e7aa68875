"""Price lists: what they cost, where they hold since when, and their next version."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from billing import price_lists, price_places
from billing.models import Tariff, TariffAssignment, TariffDraft
from billing.price_lists import Misread
from billing.price_places import TariffRefused
from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.queries import tariff_exports, tariff_holds, tariff_trials
from chargenet.dashboard.queries import tariffs as reads
from chargenet.dashboard.queries.tariff_trials import Listed
from chargenet.dashboard.views import asking, tariff_scopes

MOST_BYTES = 400_000
NO_TEXT = gettext_noop("The file is no text in UTF-8. Send OCPI's JSON.")
NO_INSTANT = gettext_noop("Write an instant such as 2026-12-01 08:00.")
NEW_LIST = (
    '{"tariff": {"currency": "SEK", "tax_included": "YES", "elements": [{"price_components":'
    ' [{"type": "ENERGY", "price": 0, "vat": 25, "step_size": 1}]}]}}'
)


@login_required
def list_tariffs(request: HttpRequest) -> HttpResponseBase:
    """Show the price lists, each by its newest version, and the drafts."""
    access.require_role(request.user, NETWORK)
    return _list(request, typed={}, problem="")


def _list(request: HttpRequest, *, typed: dict[str, str], problem: str) -> HttpResponseBase:
    now = clock.now()
    look = Look(
        title=_("Price lists"),
        row_template="dashboard/tariff_row.html",
        empty_title=_("No price lists yet"),
        empty_text=_("Without one no session can be priced: begin the first."),
        template="dashboard/tariffs.html",
    )
    drafts = TariffDraft.objects.in_charge(request.user).select_related("edited_by", "base")
    more = {"drafts": drafts.order_by("code"), "operators": asking.operators(request, MONEY)}
    return pages.answer_list(
        request,
        rows=reads.tariffs_of(request.user, now),
        spec=reads.tariff_spec(),
        describe=lambda rows: reads.describe_tariffs(rows, now),
        look=look,
        more=more | {"typed": typed, "problem": problem},
    )


@login_required
@require_safe
def show_tariff(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """Show one version of a price list: its prices, where it holds, and what it would cost."""
    access.require_role(request.user, NETWORK)
    tariff, now = _tariff(request, tariff_id), clock.now()
    read = reads.read(reads.text_of(tariff))
    may_edit = tariff.operator in asking.operators(request, MONEY)
    draft = TariffDraft.objects.in_charge(request.user).filter(
        operator_id=tariff.operator_id, code=tariff.code
    )
    listed = Listed(_("This version"), read.price_list, tariff.operator_id, tariff.spot_area)
    zone = ZoneInfo(tariff.operator.timezone)
    context = {
        "tariff": tariff,
        "read": read,
        "text": reads.own_text_of(tariff),
        "versions": reads.versions_of(tariff),
        "holds": tariff_holds.holds_of(tariff, now),
        "rows": reads.prices_of(tariff, read.tariff, now),
        "trial": tariff_trials.trial_of(request.GET, [listed], now, zone),
        "lost": tariff_exports.lost_of(tariff, read.tariff, now) if read.tariff else [],
        "draft": draft.first(),
        "may_edit": may_edit,
        "choices": tariff_holds.choices_of(tariff.operator) if may_edit else None,
    }
    return render(request, "dashboard/tariff.html", context)


@login_required
@require_POST
def create_tariff(request: HttpRequest) -> HttpResponseBase:
    """Begin a new price list as a draft, from a form or from somebody's OCPI document."""
    operator = asking.edited_operator(request, MONEY)
    typed = {
        name: request.POST.get(name, "").replace("\0", "") for name in ("code", "name", "text")
    }
    try:
        draft = price_lists.start_draft(
            operator=operator,
            code=typed["code"],
            name=typed["name"],
            text=sent_text(request) or typed["text"].strip() or NEW_LIST,
            actor=asking.person(request),
            as_of=clock.now(),
        )
    except TariffRefused as refused:
        return _list(request, typed=typed, problem=refusal(refused))
    return redirect("tariff_edit", draft_id=draft.pk)


def sent_text(request: HttpRequest) -> str:
    """Return what a file holds, nothing where none was sent; raises TariffRefused."""
    sent = request.FILES.get("file")
    if sent is None or not sent.size:
        return ""
    try:
        return bytes(sent.read(MOST_BYTES)).decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError as error:
        raise TariffRefused(NO_TEXT) from error


@login_required
@require_POST
def draft_tariff(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """Begin the next version of a list where this one stands; a draft that is there is kept."""
    tariff = _edited(request, tariff_id)
    draft = price_lists.draft_of(
        tariff=tariff,
        text=reads.own_text_of(tariff),
        actor=asking.person(request),
        as_of=clock.now(),
    )
    return redirect("tariff_edit", draft_id=draft.pk)


@login_required
@require_POST
def assign_tariff(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """Let a version hold somewhere, for somebody, from an instant on until another."""
    tariff, now = _edited(request, tariff_id), clock.now()
    try:
        price_places.assign(
            tariff=tariff,
            scope=tariff_scopes.scope_of(request, tariff),
            valid_from=_instant(request, "from") or now,
            valid_until=_instant(request, "until"),
            actor=asking.person(request),
            as_of=now,
        )
    except TariffRefused as refused:
        messages.error(request, refusal(refused))
    else:
        messages.success(request, _("Saved."))
    return redirect(f"{reverse('tariff_page', args=[tariff.pk])}#holds")


@login_required
@require_POST
def end_hold(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Let a version hold at a place no longer."""
    access.require_role(request.user, MONEY)
    rows = TariffAssignment.objects.select_related("tariff__operator")
    row = access.get_or_404(rows, request.user, pk=assignment_id)
    _require_editor(request, row.tariff)
    price_places.end_assignment(
        assignment_id=row.pk, actor=asking.person(request), as_of=clock.now()
    )
    messages.success(request, _("It holds there no longer."))
    return redirect("tariff_page", tariff_id=row.tariff_id)


def refusal(refused: TariffRefused) -> str:
    """Return why something was refused, in the reader's language."""
    told = _(refused.template) % refused.values
    return f"{refused.path}: {told}" if isinstance(refused, Misread) else told


def typed_instant(request: HttpRequest, name: str) -> datetime | None:
    """Return an instant typed on the clock of the operator's wall; None where there is none."""
    try:
        typed = parse_datetime(request.POST.get(name, ""))
    except ValueError:
        return None
    if typed is None or not 2000 <= typed.year <= 2200:
        return None
    return timezone.make_aware(typed) if timezone.is_naive(typed) else typed


def _instant(request: HttpRequest, name: str) -> datetime | None:
    """Return an instant of a form, None for an empty field; raises TariffRefused."""
    found = typed_instant(request, name)
    if found is None and request.POST.get(name, "").strip():
        raise TariffRefused(NO_INSTANT)
    return found


def _tariff(request: HttpRequest, tariff_id: int) -> Tariff:
    rows = Tariff.objects.select_related("operator")
    return access.get_or_404(rows, request.user, pk=tariff_id)


def _edited(request: HttpRequest, tariff_id: int) -> Tariff:
    access.require_role(request.user, MONEY)
    tariff = _tariff(request, tariff_id)
    _require_editor(request, tariff)
    return tariff


def _require_editor(request: HttpRequest, tariff: Tariff) -> None:
    access.require_role_at(request.user, MONEY, operator_id=tariff.operator_id, location_id=None)
