"""What drivers reported at a cable: a list to work through, and a page to answer from."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import User
from chargenet.core.pages import Look
from faults import driver_reports
from faults.models import DriverReport, ReportPhoto
from faults.queries import reports as reads
from faults.views.papers import as_picture
from faults.views.steps import typed

VERDICTS = frozenset({DriverReport.State.RIGHT, DriverReport.State.WRONG})
MOST_ANSWER = 1000


@login_required
def list_reports(request: HttpRequest) -> HttpResponseBase:
    """Show what drivers reported: what nobody has answered, unless a state is asked for."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    rows = reads.reports_for(request.user)
    if request.GET.get("state") not in {*VERDICTS, "all"}:
        rows = rows.filter(state=DriverReport.State.NEW)
    return pages.answer_list(
        request,
        rows=rows,
        spec=reads.report_spec(request.user),
        describe=reads.describe_reports,
        look=Look(
            title=_("Drivers' reports"),
            row_template="faults/report_row.html",
            empty_title=_("No reports to answer"),
            empty_text=_("What drivers tell at the code on the cable comes here."),
            is_live=True,
        ),
    )


@login_required
def show_report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Show one report, and the form that answers and closes it."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    page = reads.report_page(request.user, report_id)
    report = access.get_or_404(DriverReport.objects.all(), request.user, pk=report_id)
    context = {
        "page": page,
        "report": report,
        "may_close": access.has_role_at(request.user, access.COMMAND_ROLES, **_where(report)),
        "is_address": driver_reports.is_address(page.contact),
    }
    return render(request, "faults/report.html", context)


@login_required
def show_picture(request: HttpRequest, report_id: int) -> HttpResponse:
    """Send the photo of a report to who may see the report."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    report = access.get_or_404(DriverReport.objects.all(), request.user, pk=report_id)
    photo = get_object_or_404(ReportPhoto, report=report)
    return as_picture(bytes(photo.picture), f"report-{report.pk}")


@login_required
@require_POST
def close_report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Say whether a report was right, and answer who left an address."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    report = access.get_or_404(DriverReport.objects.all(), request.user, pk=report_id)
    access.require_role_at(request.user, access.COMMAND_ROLES, **_where(report))
    assert isinstance(request.user, User), "only a person signed in has a role"
    verdict = typed(request, "verdict")
    if verdict not in VERDICTS:
        messages.error(request, _("Say whether the report was right, then send it again."))
        return redirect("driver_report", report_id=report.pk)
    try:
        closed = driver_reports.close_report(
            report_id=report.pk,
            verdict=verdict,
            answer=typed(request, "answer")[:MOST_ANSWER],
            actor=request.user,
            as_of=clock.now(),
        )
    except driver_reports.ReportClosed:
        messages.error(request, _("Somebody has closed it meanwhile. This is how it stands now."))
        return redirect("driver_report", report_id=report.pk)
    said = _("Closed, and the answer is on its way.") if closed.answered_at else _("Closed.")
    messages.success(request, said)
    return redirect("driver_report_list")


def _where(report: DriverReport) -> dict[str, int]:
    return {"operator_id": report.operator_id, "location_id": report.location_id}
