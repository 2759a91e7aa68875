"""What the records say is wrong with them, for the office."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from chargenet.core import access, pages
from chargenet.core.pages import Look
from faults.queries import quality_list


@login_required
def list_findings(request: HttpRequest) -> HttpResponseBase:
    """Show the contradictions found in the records, the last week first."""
    access.require_role(request.user, access.TECHNICAL_ROLES)
    return pages.answer_list(
        request,
        rows=quality_list.findings_for(request.user),
        spec=quality_list.quality_spec(),
        describe=quality_list.describe_findings,
        look=Look(
            title=_("Data quality"),
            row_template="faults/quality_row.html",
            empty_title=_("No contradictions"),
            empty_text=_("The records of the last weeks agree with themselves."),
            intro=_(
                "What sessions and states of the last weeks contradict. Nobody needs to drive"
                " anywhere for these, but uptime and statements built on them are wrong. The list"
                " is made every Monday."
            ),
        ),
    )
