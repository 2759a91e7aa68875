"""New stations: one, or a list of thousands; what the installer needs is shown once."""

import codecs
import io

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from chargenet.core import access, audit, clock, listing, pages
from chargenet.core.models import Operator, Role, User
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import SITE
from chargenet.dashboard.queries import enrolment
from stations import registry
from stations.commissioning import lists
from stations.models import Connector, Location, OcppVersion, StationImport
from stations.registry import Registered, StationPlan

ENROLLERS = frozenset({Role.OPERATOR})
MOST_BYTES = 5 * 1024 * 1024
MOST_SITES = 500
FIELDS = ("identity", "site", "ocpp", "connectors", "max_power_kw", "profile")


@login_required
@never_cache
def add_station(request: HttpRequest) -> HttpResponse:
    """Register one station, and show once what its installer needs."""
    access.require_role(request.user, ENROLLERS)
    operators = _operators(request)
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    context: dict[str, object] = {
        "operators": operators,
        "typed": typed,
        "versions": OcppVersion.choices,
        "sites": Location.objects.visible_to(request.user).order_by("name")[:MOST_SITES],
        "orders": enrolment.recent_orders(request.user),
    }
    if request.method == "POST":
        operator = _chosen(request, operators)
        try:
            done = _register(operator, _plan(typed))
        except ValueError as error:
            context["reason"] = _reason(error)
        else:
            _note(request, operator, "station.add", done.station.pk, {})
            context |= {"done": done, "url": enrolment.connection_url(done.station)}
    return render(request, "dashboard/station_add.html", context)


@login_required
@require_POST
def bring_list(request: HttpRequest) -> HttpResponse:
    """Look a list through: nothing is added yet."""
    access.require_role(request.user, ENROLLERS)
    operator = _chosen(request, _operators(request))
    file = request.FILES.get("file")
    assert isinstance(request.user, User), "only a person signed in has a role"
    try:
        order = lists.look_through(
            operator=operator,
            name=_name(file),
            text=io.StringIO(_text(file)),
            created_by=request.user,
            as_of=clock.now(),
        )
    except lists.ListUnreadable as error:
        where = _("Line %(line)s: %(text)s") % {"line": error.line, "text": error}
        messages.error(request, where if error.line else str(error))
        return redirect("station_add")
    _note(request, operator, "station_list.bring", order.pk, {"name": order.name})
    return redirect("station_import", order_id=order.pk)


@login_required
def show_list(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Show a list: what is wrong with it, or how far its stations have come."""
    order = _order(request, order_id)
    rows, spec = enrolment.rows_of(order), enrolment.row_spec()
    look = Look(
        title=order.name,
        row_template="dashboard/station_import_row.html",
        empty_title=_("The list is empty"),
        is_live=True,
        template="dashboard/station_import.html",
    )
    return pages.answer_list(
        request,
        rows=rows,
        spec=spec,
        describe=enrolment.describe_rows,
        look=look,
        more={"found": enrolment.order_page(order)},
    )


@login_required
@require_POST
@never_cache
def add_listed(request: HttpRequest, order_id: int) -> HttpResponse:
    """Register the stations of a list, and answer with the file of their logins, once."""
    order = _order(request, order_id)
    try:
        made = lists.add_listed(order=order, as_of=clock.now())
    except lists.ListNotReady as error:
        messages.error(request, str(error))
        return redirect("station_import", order_id=order.pk)
    if not made:
        messages.info(request, _("The stations of this list were added before."))
        return redirect("station_import", order_id=order.pk)
    _note(request, order.operator, "station_list.add", order.pk, {"stations": len(made)})
    return _logins(order, made)


@login_required
@require_POST
@never_cache
def renew_listed(request: HttpRequest, order_id: int) -> HttpResponse:
    """Answer with new logins for the stations of a list that never came."""
    order = _order(request, order_id)
    renewed = lists.renew_passwords(order=order)
    _note(request, order.operator, "station_list.renew", order.pk, {"stations": len(renewed)})
    if not renewed:
        messages.info(request, _("Every station of this list has been here."))
        return redirect("station_import", order_id=order.pk)
    return _logins(order, renewed)


@login_required
def show_labels(request: HttpRequest) -> HttpResponse:
    """Show a sheet of stickers to print: one QR code a connector."""
    access.require_role(request.user, SITE)
    connectors = Connector.objects.visible_to(request.user).filter(station__is_active=True)
    for name, lookup in (
        ("site", "station__location_id"),
        ("station", "station_id"),
        ("list", "station_id__in"),
    ):
        raw = request.GET.get(name, "")
        if raw.isdecimal() and len(raw) < 18:
            value: object = int(raw)
            if name == "list":
                value = _order(request, int(raw)).rows.values("station_id")
            connectors = connectors.filter(**{lookup: value})
    context = {
        "labels": enrolment.labels(connectors),
        "sites": Location.objects.visible_to(request.user).order_by("name")[:MOST_SITES],
        "chosen": request.GET.get("site", ""),
    }
    return render(request, "dashboard/labels.html", context)


def _register(operator: Operator, plan: StationPlan) -> Registered:
    """Register a new station; raises ValueError with what is wrong."""
    try:
        with transaction.atomic():
            done = registry.add_station(operator=operator, plan=plan)
    except IntegrityError as error:
        # Row-level security hides other operators' stations: only the insert can tell.
        raise ValueError(_("This identity belongs to another operator.")) from error
    if not done.is_new:
        raise ValueError(
            _("This station is registered already, and keeps its password. See its page.")
        )
    return done


def _plan(typed: dict[str, str]) -> StationPlan:
    return StationPlan(
        identity=typed["identity"],
        site=typed["site"] or None,
        ocpp_version=typed["ocpp"] or None,
        connectors=int(typed["connectors"]) if typed["connectors"] else None,
        max_power_w=lists.watts(typed["max_power_kw"]) if typed["max_power_kw"] else None,
        security_profile=int(typed["profile"]) if typed["profile"] else None,
    )


def _reason(error: ValueError) -> str:
    field = getattr(error, "field", "")
    return f"{field} {error}".strip()


def _operators(request: HttpRequest) -> list[Operator]:
    ids = access.operator_ids(request.user, ENROLLERS)
    return list(Operator.objects.filter(pk__in=ids).order_by("name"))


def _chosen(request: HttpRequest, operators: list[Operator]) -> Operator:
    raw = request.POST.get("operator", "")
    if not raw and len(operators) == 1:
        return operators[0]
    found = next((each for each in operators if str(each.pk) == raw), None)
    if found is None:
        raise Http404
    return found


def _order(request: HttpRequest, order_id: int) -> StationImport:
    access.require_role(request.user, ENROLLERS)
    rows = StationImport.objects.select_related("operator")
    return access.get_or_404(rows, request.user, pk=order_id)


def _name(file: object) -> str:
    return (file.name or "") if isinstance(file, UploadedFile) else ""


def _text(file: object) -> str:
    """Return a file's text; raises ListUnreadable for what is no text of a bearable size."""
    if not isinstance(file, UploadedFile) or not file.size:
        raise lists.ListUnreadable(0, _("Choose a CSV file."))
    if file.size > MOST_BYTES:
        raise lists.ListUnreadable(0, _("The file is larger than 5 MB."))
    try:
        raw = file.read()
        # spreadsheets save "Unicode text" as UTF-16 that says so in its first two bytes
        is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text: str = raw.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise lists.ListUnreadable(
            0, _("The file is not written in UTF-8: save it as CSV UTF-8 and bring it again.")
        ) from error
    return text


def _logins(order: StationImport, registered: list[Registered]) -> HttpResponse:
    name = f"stations-{order.pk}-{clock.now():%Y%m%d-%H%M%S}.csv"
    rows = [[listing.cell(value) for value in row] for row in enrolment.login_rows(registered)]
    return listing.csv_file(name, enrolment.LOGIN_HEAD, rows)


def _note(
    request: HttpRequest, operator: Operator, action: str, about: int, details: dict[str, object]
) -> None:
    audit.record(
        operator_id=operator.pk,
        user_id=request.user.pk,
        action=action,
        object_type="station" if action == "station.add" else "station_import",
        object_id=about,
        as_of=clock.now(),
        details=details,
    )
