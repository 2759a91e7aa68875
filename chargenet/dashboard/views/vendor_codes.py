"""Makers' error codes: what they stand for, and those that nobody has given a meaning yet."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, held, pages
from chargenet.core.models import Operator, Role
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import vendor_codes as reads
from chargenet.dashboard.views import asking
from faults import makers_codes
from faults.makers_codes import CodeRefused
from faults.models import Severity

EDITORS = frozenset({Role.OPERATOR})


@login_required
def list_codes(request: HttpRequest) -> HttpResponseBase:
    """Show what the codes of one operator's makes stand for."""
    more = _more(request)
    look = Look(
        title=_("Makers' codes"),
        row_template="dashboard/vendor_code_row.html",
        empty_title=_("No codes"),
        template="dashboard/vendor_codes.html",
    )
    return pages.answer_list(
        request,
        rows=held.as_rows(reads.code_rows(more["operator"])),
        spec=reads.code_spec(may_edit=more["may_edit"]),
        describe=list,
        look=look,
        more=more,
    )


@login_required
def list_seen(request: HttpRequest) -> HttpResponseBase:
    """Show the codes that stations of one operator send and nobody knows."""
    more = _more(request)
    look = Look(
        title=_("Codes without a meaning"),
        row_template="dashboard/vendor_code_seen_row.html",
        empty_title=_("Every code your stations sent is known"),
        template="dashboard/vendor_codes_seen.html",
    )
    return pages.answer_list(
        request,
        rows=held.as_rows(reads.seen_rows(more["operator"])),
        spec=reads.seen_spec(may_edit=more["may_edit"]),
        describe=list,
        look=look,
        more=more,
    )


@login_required
@require_POST
def map_code(request: HttpRequest) -> HttpResponse:
    """Say what a code stands for."""
    operator = asking.edited_operator(request, EDITORS)
    written = {name: str(raw) for name, raw in request.POST.items()}
    try:
        row = makers_codes.map_code(
            operator=operator, written=written, actor=asking.person(request), as_of=clock.now()
        )
    except CodeRefused as refused:
        messages.error(
            request, _("Not written down: %(what)s.") % {"what": _fields()[refused.field]}
        )
    else:
        messages.success(request, _("%(code)s has a meaning now.") % {"code": row.code})
    return _back(operator, request.POST.get("back", ""))


@login_required
@require_POST
def remove_code(request: HttpRequest) -> HttpResponse:
    """Forget what a code stands for."""
    operator = asking.edited_operator(request, EDITORS)
    key = request.POST.get("key", "")
    try:
        makers_codes.remove_code(
            operator=operator,
            code_id=int(key) if key.isdecimal() and len(key) < 19 else 0,
            actor=asking.person(request),
            as_of=clock.now(),
        )
    except ObjectDoesNotExist:
        messages.error(request, _("This code is not there any more."))
    return _back(operator)


@login_required
@require_POST
def import_codes(request: HttpRequest) -> HttpResponse:
    """Take a list of codes from a file."""
    operator = asking.edited_operator(request, EDITORS)
    file = request.FILES.get("file")
    try:
        if file is None or (file.size or 0) > makers_codes.MOST_BYTES:
            raise CodeRefused("size")
        taken = makers_codes.import_codes(
            operator=operator, file=file.read(), actor=asking.person(request), as_of=clock.now()
        )
    except CodeRefused as refused:
        told = {"what": _fields()[refused.field], "line": refused.line}
        messages.error(
            request,
            _("Nothing was taken: %(what)s, in line %(line)s.") % told
            if refused.line
            else _("Nothing was taken: %(what)s.") % told,
        )
    else:
        messages.success(request, _("Codes taken: %(count)s.") % {"count": taken})
    return _back(operator)


def _fields() -> dict[str, str]:
    """Return what is wrong, by the field that was refused."""
    return {
        "vendor": _("the vendor is longer than 80 letters"),
        "model": _("the model is longer than 80 letters"),
        "firmware_from": _("the firmware is longer than 80 letters"),
        "firmware_to": _("the firmware is longer than 80 letters"),
        "code": _("a code is needed, of at most 80 letters, and none that says that all is well"),
        "fault": _("a fault is needed, like F21, or - for no trouble"),
        "severity": _("a severity is S1 to S5, or empty"),
        "note": _("the note is longer than 255 letters"),
        "head": _("the first line must name the columns, code and fault among them"),
        "size": _("a file of at most 5,000 lines and a megabyte is needed"),
        "utf-8": _("the file is not text in UTF-8"),
    }


def _more(request: HttpRequest) -> dict[str, Any]:
    access.require_role(request.user, TECHNICAL)
    operators = asking.operators(request, TECHNICAL)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    return {
        "operator": operator,
        "operators": operators,
        "may_edit": operator in asking.operators(request, EDITORS),
        "faults": reads.fault_choices(),
        "severities": Severity.choices,
    }


def _back(operator: Operator, where: str = "") -> HttpResponse:
    response = redirect("vendor_code_seen" if where == "seen" else "vendor_code_list")
    response["Location"] += f"?operator={operator.pk}"
    return response
