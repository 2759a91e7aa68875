"""The page at a cable's QR code, for anybody who stands there, without signing in."""

import uuid
from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.queries import shown
from chargenet.core import access, clock, pages
from chargenet.dashboard import throttle
from chargenet.dashboard.queries import at_cable
from faults import driver_reports
from faults.driver_reports import Said
from faults.models import DriverReport, ReportKind
from faults.tickets import photos
from stations.models import Connector

MOST_WRONG_CODES, WRONG_CODES_S = 30, 60
MOST_REPORTS, REPORTS_S = 6, 600
MOST_TEXT, MOST_CONTACT, MOST_KEY = 1000, 120, 40
ICONS: Final = {
    ReportKind.DANGER: "flame",
    ReportKind.WILL_NOT_START: "plug-connected-x",
    ReportKind.STOPPED: "player-stop",
    ReportKind.STUCK: "lock",
    ReportKind.DAMAGED: "tool",
    ReportKind.DARK: "moon",
    ReportKind.PAYMENT: "credit-card",
    ReportKind.BLOCKED: "car",
    ReportKind.OTHER: "dots",
}


@require_safe
@never_cache
def show_cable(request: HttpRequest, code: str) -> HttpResponse:
    """Show a cable to a driver; who repairs it lands on its ticket."""
    mine = _own_page(request, code)
    if mine is not None:
        return mine
    connector = _find(request, code)
    if connector is None:
        return _too_many(request)
    context = {
        "page": at_cable.show(connector),
        "price": shown.price_before(connector, clock.now()),
        "kinds": [(kind.value, ICONS[kind], kind.label) for kind in ReportKind],
        "key": uuid.uuid4().hex,
    }
    is_fragment = pages.is_fragment(request)
    name = "dashboard/at_cable_live.html" if is_fragment else "dashboard/at_cable.html"
    answer = render(request, name, context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
def report_fault(request: HttpRequest, code: str) -> HttpResponse:
    """Take a driver's report; the same form sent twice is one report."""
    connector = _find(request, code)
    if connector is None:
        return _too_many(request)
    there = redirect("at_cable", code=connector.public_code)
    kind, key = _typed(request, "kind", 8), _typed(request, "key", MOST_KEY)
    if kind not in ReportKind.values or not key:
        messages.error(request, _("Choose what is wrong, then send it again."))
        return there
    address = request.META.get("REMOTE_ADDR", "")
    thanks = _("Thank you. We have your report, and look at it.")
    if _typed(request, "website", 200):
        # a field no person sees: whoever fills it in is told the same, and is not believed
        messages.success(request, thanks)
        return there
    if throttle.is_over("report", address=address, most=MOST_REPORTS, within_s=REPORTS_S):
        messages.error(request, _("Many reports came from here just now. Try again in a while."))
        return there
    said = Said(
        kind=kind,
        text=_typed(request, "text", MOST_TEXT),
        contact=_typed(request, "contact", MOST_CONTACT),
        language=get_language() or "sv",
        reporter=driver_reports.digest("address", address),
        key=key,
        marks=_marks(request),
    )
    now = clock.now()
    report = driver_reports.take_report(connector=connector, said=said, as_of=now)
    if _is_photo_kept(request, report, now):
        messages.success(request, thanks)
    else:
        messages.warning(
            request, _("Thank you. We have your report, but could not keep the photo.")
        )
    return there


def _marks(request: HttpRequest) -> tuple[str, ...]:
    """Return digests of the browser and of the contact somebody left, as far as there are any.

    The browser is known by the secret of its forms: nothing more is stored on it for this.
    """
    contact = "".join(_typed(request, "contact", MOST_CONTACT).split()).casefold()
    browser = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    known = {"contact": contact, "browser": browser}
    return tuple(driver_reports.digest(kind, said) for kind, said in known.items() if said)


def _is_photo_kept(request: HttpRequest, report: DriverReport, as_of: datetime) -> bool:
    """Keep the photo of a form; return False where it could not be kept."""
    sent = request.FILES.get("photo")
    if sent is None or not sent.size:
        return True
    if sent.size > photos.MOST_BYTES:
        return False
    try:
        driver_reports.add_photo(report=report, raw=sent.read(), as_of=as_of)
    except photos.PhotoUnfit:
        return False
    return True


def _own_page(request: HttpRequest, code: str) -> HttpResponse | None:
    """Return where somebody who looks after this cable goes, None for everybody else."""
    if "driver" in request.GET or not access.has_role(request.user, *access.TECHNICAL_ROLES):
        return None
    rows = Connector.objects.visible_to(request.user)
    connector = rows.filter(public_code=at_cable.tidy(code)).first()
    if connector is None or not access.has_role_at(
        request.user,
        access.TECHNICAL_ROLES,
        operator_id=connector.operator_id,
        location_id=connector.station.location_id,
    ):
        return None
    ticket = at_cable.own_ticket(request.user, connector)
    if ticket is not None:
        return redirect("ticket_page", ticket_id=ticket.pk)
    return redirect("station_page", station_id=connector.station_id)


def _find(request: HttpRequest, code: str) -> Connector | None:
    """Return the connector of a code; None for who guesses too often. Raises Http404."""
    tidy = at_cable.tidy(code)
    connector = at_cable.find_connector(tidy, request.user)
    if connector is not None:
        return connector
    guess = {"address": request.META.get("REMOTE_ADDR", ""), "what": tidy or "nonsense"}
    if throttle.is_over("code", most=MOST_WRONG_CODES, within_s=WRONG_CODES_S, **guess):
        return None
    raise Http404


def _too_many(request: HttpRequest) -> HttpResponse:
    answer = render(request, "core/404.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(WRONG_CODES_S)
    return answer


def _typed(request: HttpRequest, name: str, most: int) -> str:
    """Return a text of a form as the database can keep it."""
    return request.POST.get(name, "").replace("\0", "").strip()[:most]
