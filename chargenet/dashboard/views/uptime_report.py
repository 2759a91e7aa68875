"""The month on paper: uptime by every rule, and what drivers met."""

from collections.abc import Sequence
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chargenet.core import access, clock, formats
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import reliability, revenue, uptime
from chargenet.dashboard.queries.uptime import UptimeRow
from faults.paper import reports
from faults.paper.reports import Report, Table
from faults.queries import journeys

MOST_ROWS = 500


@login_required
def print_report(request: HttpRequest) -> HttpResponse:
    """Answer with the report of a period as a PDF."""
    access.require_role(request.user, TECHNICAL)
    period = revenue.read_period(request.GET.get("period", ""), timezone.localdate(clock.now()))
    span = journeys.Period(*period.instants)
    page = reliability.reliability_page(
        attempts=journeys.attempts_of(request.user, span).found,
        repairs=journeys.repairs_of(request.user, span),
        use=reliability.use_of(request.user, period, None),
    )
    counted = uptime.count_days(request.user, period)
    made = reports.report(
        Report(
            language=(get_language() or "en")[:2],
            owner=", ".join(
                sorted({one.operator.name for one in access.memberships_of(request.user)})
            ),
            title=_("Uptime and reliability %(period)s") % {"period": period.name},
            intro=_("One ledger, counted as each rule counts it."),
            figures=[
                (str(tile.label), tile.value, str(tile.note))
                for tile in uptime.tiles(request.user, counted, period)
            ],
            tables=[
                _sites(sorted(uptime.rows_by(counted, period, "site"), key=_worst)),
                _drivers(page.journeys),
                _repairs(page.repairs),
            ],
            foot=_("Made %(at)s") % {"at": f"{clock.now():%Y-%m-%d %H:%M} UTC"},
        )
    )
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="uptime-{period.name}.pdf"'
    return response


def _worst(row: UptimeRow) -> tuple[Decimal, str]:
    return row.sort_key, row.name


def _sites(rows: Sequence[UptimeRow]) -> Table:
    title = _("Sites, the worst first")
    if len(rows) > MOST_ROWS:
        title = _("The %(most)s worst of %(all)s sites") % {
            "most": formats.number(MOST_ROWS),
            "all": formats.number(len(rows)),
        }
    return Table(
        title=title,
        head=[_("Site"), _("Connectors"), _("Effective"), "NEVI", "CEC", "UK", "AFIREV"],
        rows=[
            [
                row.name,
                formats.number(row.connectors),
                *(
                    uptime.percent_of(share)
                    for share in (row.effective, row.nevi, row.cec, row.uk, row.afirev)
                ),
            ]
            for row in rows[:MOST_ROWS]
        ],
    )


def _drivers(lines: Sequence[reliability.Line]) -> Table:
    return Table(
        title=_("What drivers meet"),
        head=[_("Figure"), _("All"), _("Without vehicle and user"), _("Of")],
        rows=[[one.label, one.whole, one.chargers, one.of] for one in lines],
    )


def _repairs(lines: Sequence[reliability.Line]) -> Table:
    return Table(
        title=_("How faults are mended"),
        head=[_("Figure"), _("All")],
        rows=[[one.label, one.whole] for one in lines],
    )
