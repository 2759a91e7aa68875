"""Configuration templates: what stations of a make shall be set to, who drifts, and pushing it."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from chargenet.core import access, audit, clock, listing, pages
from chargenet.core.models import Operator, Role, User
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import templates as reads
from stations import commissioning
from stations.models import (
    ConfigurationTemplate,
    Location,
    OcppVersion,
    Station,
    TemplatePlace,
    TemplateValue,
)

EDITORS = frozenset({Role.OPERATOR})
MOST_SITES = 500


@login_required
def list_templates(request: HttpRequest) -> HttpResponseBase:
    """Show the templates; an operator may make one."""
    access.require_role(request.user, TECHNICAL)
    rows, spec = reads.templates_of(request.user), reads.template_spec()
    look = Look(
        title=_("Configuration templates"),
        row_template="dashboard/template_row.html",
        empty_title=_("No templates yet"),
        empty_text=_("Stations are set up by the general profile until a template says more."),
        template="dashboard/templates.html",
    )
    more = {"operators": _operators(request), "versions": OcppVersion.choices}
    return pages.answer_list(
        request, rows=rows, spec=spec, describe=reads.describe_templates, look=look, more=more
    )


@login_required
@require_POST
def create_template(request: HttpRequest) -> HttpResponse:
    """Make an empty template."""
    access.require_role(request.user, EDITORS)
    raw, operators = request.POST.get("operator", ""), _operators(request)
    chosen = [each for each in operators if raw in {"", str(each.pk)}]
    if not chosen:
        raise Http404
    typed = {name: _typed(request, name) for name in ("name", "vendor", "model", "from", "to")}
    try:
        template = commissioning.create_template(
            operator=chosen[0],
            name=typed["name"],
            ocpp_version=_typed(request, "ocpp"),
            vendor=typed["vendor"],
            model=typed["model"],
            firmware=(typed["from"], typed["to"]),
            as_of=clock.now(),
        )
    except commissioning.TemplateRefused as refused:
        messages.error(request, str(refused))
        return redirect("template_list")
    _note(request, template, "template.create", {"name": template.name})
    return redirect("template_page", template_id=template.pk)


@login_required
def show_template(request: HttpRequest, template_id: int) -> HttpResponseBase:
    """Show a template, and which stations differ from it."""
    access.require_role(request.user, TECHNICAL)
    template = access.get_or_404(ConfigurationTemplate.objects.all(), request.user, pk=template_id)
    found = reads.template_page(request.user, template)
    rows, spec = reads.stations_under(request.user, template), reads.drift_spec(found)
    chosen = listing.read_state(request.GET, spec).chosen.get("state", "")
    look = Look(
        title=_("Wanted and found"),
        row_template="dashboard/drift_row.html",
        empty_title=_("No station fits"),
        empty_text=_("No station has this protocol, make, firmware and place."),
        template="dashboard/template.html",
    )
    more = {
        "found": found,
        "may_edit": _may_edit(request, template),
        "sites": Location.objects.visible_to(request.user).order_by("name")[:MOST_SITES],
    }
    return pages.answer_list(
        request,
        rows=rows,
        spec=spec,
        describe=partial(reads.describe_drift, found, chosen),
        look=look,
        more=more,
        finish=reads.counted_by_station,
    )


@login_required
@require_POST
def change_template(request: HttpRequest, template_id: int) -> HttpResponse:
    """Change one thing of a template: a value, a place, or whether it holds."""
    template = _editable(request, template_id)
    change = CHANGES.get(request.POST.get("change", ""))
    if change is None:
        raise Http404
    try:
        details = change(request, template)
    except commissioning.TemplateRefused as refused:
        messages.error(request, str(refused))
    else:
        _note(request, template, "template.change", details)
    return redirect("template_page", template_id=template.pk)


@login_required
@require_POST
def push_template(request: HttpRequest, template_id: int) -> HttpResponse:
    """Send every station that differs its differences, some stations a minute."""
    template = _editable(request, template_id)
    found = reads.template_page(request.user, template)
    assert isinstance(request.user, User), "only a person signed in has a role"
    begun = commissioning.push_template(
        template=template,
        stations=found.to_push,
        requested_by=request.user,
        as_of=clock.now(),
    )
    _note(request, template, "template.push", {"stations": [each.station_id for each in begun]})
    text = ngettext(
        "%(count)s station is sent its differences.",
        "%(count)s stations are sent their differences, some each minute.",
        len(begun),
    )
    messages.success(request, text % {"count": len(begun)})
    return redirect("template_page", template_id=template.pk)


def _want(request: HttpRequest, template: ConfigurationTemplate) -> dict[str, object]:
    wanted = commissioning.want_value(
        template=template,
        setting=_typed(request, "setting"),
        value=_typed(request, "value"),
        needs_reboot="needs_reboot" in request.POST,
    )
    return {"setting": str(wanted), "to": wanted.value}


def _drop(request: HttpRequest, template: ConfigurationTemplate) -> dict[str, object]:
    rows = TemplateValue.objects.filter(template=template)
    value = access.get_or_404(rows, request.user, pk=_typed(request, "value") or 0)
    value.delete()
    return {"dropped": str(value)}


def _assign(request: HttpRequest, template: ConfigurationTemplate) -> dict[str, object]:
    sites = Location.objects.filter(operator_id=template.operator_id)
    stations = Station.objects.filter(operator_id=template.operator_id)
    site = _typed(request, "site")
    name = _typed(request, "station")
    station = stations.visible_to(request.user).filter(name=name).first() if name else None
    if name and station is None:
        raise commissioning.TemplateRefused(_("No station has this name."))
    if site:
        location = access.get_or_404(sites, request.user, pk=site)
        commissioning.assign_template(template=template, location=location, station=None)
        return {"site": location.pk}
    if station is not None:
        commissioning.assign_template(template=template, location=None, station=station)
    return {"station": station.pk if station else None}


def _unassign(request: HttpRequest, template: ConfigurationTemplate) -> dict[str, object]:
    rows = TemplatePlace.objects.filter(template=template)
    place = access.get_or_404(rows, request.user, pk=_typed(request, "place") or 0)
    place.delete()
    return {"unassigned": str(place)}


def _switch(_: HttpRequest, template: ConfigurationTemplate) -> dict[str, object]:
    template.is_active = not template.is_active
    template.save(update_fields=["is_active"])
    return {"is_active": template.is_active}


CHANGES = {
    "want": _want,
    "drop": _drop,
    "assign": _assign,
    "unassign": _unassign,
    "switch": _switch,
}


def _editable(request: HttpRequest, template_id: int) -> ConfigurationTemplate:
    access.require_role(request.user, EDITORS)
    template = access.get_or_404(ConfigurationTemplate.objects.all(), request.user, pk=template_id)
    access.require_role_at(
        request.user, EDITORS, operator_id=template.operator_id, location_id=None
    )
    return template


def _may_edit(request: HttpRequest, template: ConfigurationTemplate) -> bool:
    return access.has_role_at(
        request.user, EDITORS, operator_id=template.operator_id, location_id=None
    )


def _operators(request: HttpRequest) -> list[Operator]:
    ids = access.operator_ids(request.user, EDITORS)
    return list(Operator.objects.filter(pk__in=ids).order_by("name"))


def _typed(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()


def _note(
    request: HttpRequest,
    template: ConfigurationTemplate,
    action: str,
    details: dict[str, object],
) -> None:
    audit.record(
        operator_id=template.operator_id,
        user_id=request.user.pk,
        action=action,
        object_type="configuration_template",
        object_id=template.pk,
        as_of=clock.now(),
        details=details,
    )
