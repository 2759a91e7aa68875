"""Price lists: what they cost, where they hold since when, and their next version."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import price_lists
from billing.models import Tariff, TariffAssignment, TariffDraft
from billing.price_lists import Place, TariffRefused
from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.queries import tariff_exports, tariff_trials
from chargenet.dashboard.queries import tariffs as reads
from chargenet.dashboard.views import asking
from stations.models import Location, Station

MOST_PLACES = 500
NEW_LIST = (
    '{"tariff": {"currency": "SEK", "tax_included": "YES", "elements": [{"price_components":'
    ' [{"type": "ENERGY", "price": 0, "vat": 25, "step_size": 1}]}]}}'
)


@login_required
def list_tariffs(request: HttpRequest) -> HttpResponseBase:
    """Show the price lists, each by its newest version, and the drafts."""
    access.require_role(request.user, NETWORK)
    now = clock.now()
    look = Look(
        title=_("Price lists"),
        row_template="dashboard/tariff_row.html",
        empty_title=_("No price lists yet"),
        empty_text=_("Without one no session can be priced: begin the first."),
        template="dashboard/tariffs.html",
    )
    drafts = TariffDraft.objects.in_charge(request.user).select_related("edited_by", "base")
    return pages.answer_list(
        request,
        rows=reads.tariffs_of(request.user, now),
        spec=reads.tariff_spec(),
        describe=lambda rows: reads.describe_tariffs(rows, now),
        look=look,
        more={"drafts": drafts.order_by("code"), "operators": asking.operators(request, MONEY)},
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
    context = {
        "tariff": tariff,
        "read": read,
        "text": reads.own_text_of(tariff),
        "versions": reads.versions_of(tariff),
        "holds": reads.holds_of(tariff, now),
        "contracts": reads.contracts_of(tariff),
        "rows": reads.shown_rows(read.tariff, now) if read.tariff else [],
        "trial": tariff_trials.trial_of(request.GET, [(_("This version"), read.tariff)], now),
        "lost": tariff_exports.lost_of(tariff, read.tariff) if read.tariff else [],
        "draft": draft.first(),
        "may_edit": may_edit,
        "sites": _sites(tariff) if may_edit else [],
        "stations": _stations(tariff) if may_edit else [],
    }
    return render(request, "dashboard/tariff.html", context)


@login_required
@require_POST
def create_tariff(request: HttpRequest) -> HttpResponse:
    """Begin a new price list as a draft, from a form or from somebody's OCPI document."""
    operator = asking.edited_operator(request, MONEY)
    sent = request.FILES.get("file")
    text = request.POST.get("text", "").strip() or NEW_LIST
    if sent is not None and sent.size:
        text = sent.read(200_000).decode(errors="replace")
    try:
        draft = price_lists.start_draft(
            operator=operator,
            code=request.POST.get("code", "").replace("\0", ""),
            name=request.POST.get("name", "").replace("\0", ""),
            text=text.replace("\0", ""),
            actor=asking.person(request),
            as_of=clock.now(),
        )
    except TariffRefused as refused:
        messages.error(request, refusal(refused))
        return redirect("tariff_list")
    return redirect("tariff_edit", draft_id=draft.pk)


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
    """Let a version hold at a place from an instant on."""
    tariff, now = _edited(request, tariff_id), clock.now()
    kind, _sep, raw = request.POST.get("place", "").partition(":")
    place = _place(request, tariff, kind, raw)
    try:
        price_lists.assign(
            tariff=tariff,
            place=place,
            valid_from=typed_instant(request, "from") or now,
            actor=asking.person(request),
            as_of=now,
        )
    except TariffRefused as refused:
        messages.error(request, refusal(refused))
    else:
        messages.success(request, _("Saved."))
    return redirect("tariff_page", tariff_id=tariff.pk)


@login_required
@require_POST
def end_hold(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Let a version hold at a place no longer."""
    access.require_role(request.user, MONEY)
    rows = TariffAssignment.objects.select_related("tariff__operator")
    row = access.get_or_404(rows, request.user, pk=assignment_id)
    _require_editor(request, row.tariff)
    price_lists.end_assignment(
        assignment_id=row.pk, actor=asking.person(request), as_of=clock.now()
    )
    messages.success(request, _("It holds there no longer."))
    return redirect("tariff_page", tariff_id=row.tariff_id)


def refusal(refused: TariffRefused) -> str:
    """Return why something was refused, in the reader's language."""
    return _(refused.template) % refused.values


def typed_instant(request: HttpRequest, name: str) -> datetime | None:
    """Return an instant typed on the clock of the operator's wall; None where there is none."""
    try:
        typed = parse_datetime(request.POST.get(name, ""))
    except ValueError:
        return None
    if typed is None or not 2000 <= typed.year <= 2200:
        return None
    return timezone.make_aware(typed) if timezone.is_naive(typed) else typed


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


def _place(request: HttpRequest, tariff: Tariff, kind: str, raw: str) -> Place:
    """Return the place a form names, only if it is the operator's; raises Http404."""
    known = {"operator_id": tariff.operator_id, "pk": raw}
    if kind == "all":
        return Place()
    if kind == "site":
        site = access.get_or_404(Location.objects.all(), request.user, **known)
        return Place(location_id=site.pk)
    if kind == "station":
        station = access.get_or_404(Station.objects.all(), request.user, **known)
        return Place(station_id=station.pk)
    raise Http404


def _sites(tariff: Tariff) -> list[Location]:
    rows = Location.objects.filter(operator_id=tariff.operator_id)
    return list(rows.order_by("name")[:MOST_PLACES])


def _stations(tariff: Tariff) -> list[Station]:
    rows = Station.objects.filter(operator_id=tariff.operator_id, is_active=True)
    return list(rows.select_related("location").order_by("name")[:MOST_PLACES])
