"""How drivers fared and how fast faults were mended."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from chargenet.core import access, clock, listing
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import reliability as reads
from chargenet.dashboard.queries import revenue
from faults.queries import journeys
from faults.queries.journeys import Period


@login_required
def show_reliability(request: HttpRequest) -> HttpResponse:
    """Show the figures drivers and staff feel, over a period and perhaps one site."""
    access.require_role(request.user, TECHNICAL)
    today = timezone.localdate(clock.now())
    period = revenue.read_period(request.GET.get("period", ""), today)
    sites = reads.sites_of(request.user)
    asked = request.GET.get("site", "")
    site_id = next((pk for pk, _name in sites if str(pk) == asked), None)
    span = Period(*period.instants, site_id)
    attempts = journeys.attempts_of(request.user, span)
    page = reads.reliability_page(
        attempts=attempts.found,
        repairs=journeys.repairs_of(request.user, span),
        use=reads.use_of(request.user, period, site_id),
    )
    if request.GET.get("format") == "csv":
        return _csv(page, period.name)
    context: dict[str, Any] = {
        "period": period,
        "periods": [(each, revenue.kind_word(each)) for each in revenue.kinds_of(period, today)],
        "sites": sites,
        "site_id": site_id,
        "page": page,
        "is_cut": attempts.is_cut,
        "most": journeys.MOST_ATTEMPTS,
    }
    return render(request, "dashboard/reliability.html", context)


def _csv(page: reads.ReliabilityPage, name: str) -> HttpResponse:
    head = [_("Figure"), _("All"), _("Without vehicle and user"), _("Of")]
    lines = (
        [listing.cell(cell) for cell in (one.label, one.whole, one.chargers, one.of)]
        for one in (*page.journeys, *page.repairs)
    )
    return listing.csv_file(f"reliability-{name}.csv", head, lines)
