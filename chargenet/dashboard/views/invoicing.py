"""Invoicing for the operator: runs, how invoices are made, credit notes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import crediting, invoices, policies, runs
from billing.models import Invoice
from billing.queries import policy_of, run_pages
from billing.vat.months import Month
from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.views import asking

FIELDS = ("grace_days", "swish_number", "reminders", "reminder_after_days")
SWITCHES = (
    *("rounds_to_krona", "has_f_skatt", "sends_email", "takes_reminder_fee", "takes_interest"),
)


@login_required
def list_runs(request: HttpRequest) -> HttpResponseBase:
    """Show the invoice runs, how far they have come, and how invoices are made."""
    access.require_role(request.user, NETWORK)
    operators = asking.operators(request, NETWORK)
    operator = asking.chosen_operator(operators, request.GET.get("operator", ""))
    last_month = Month.of(timezone.localdate(clock.now())).previous
    return pages.answer_list(
        request,
        rows=run_pages.runs_of(request.user).filter(operator=operator),
        spec=run_pages.run_spec(),
        describe=run_pages.describe_runs,
        look=Look(
            title=_("Invoice runs"),
            row_template="dashboard/run_row.html",
            empty_title=_("No run yet"),
            empty_text=_("Each month is invoiced by itself once its days of grace are over."),
            template="dashboard/runs.html",
            is_live=True,
        ),
        more={
            "operator": operator,
            "operators": operators,
            "may_edit": operator in asking.operators(request, MONEY),
            "policy": policy_of(operator.pk),
            "last_month": str(last_month),
        },
    )


@login_required
@require_POST
def start_run(request: HttpRequest) -> HttpResponse:
    """Ask for the invoices of a month now; audited."""
    operator = asking.edited_operator(request, MONEY)
    try:
        runs.ask_run(
            operator_id=operator.pk,
            period=Month.parse(request.POST.get("month", "")),
            started_by=asking.person(request),
            as_of=clock.now(),
        )
    except ValueError:
        messages.error(request, _("Not started: write the month as 2026-11."))
    except invoices.PeriodNotOver:
        messages.error(request, _("Not started: the month is not over."))
    else:
        messages.success(request, _("Started. The list shows how far it has come."))
    return redirect("run_list")


@login_required
@require_POST
def set_policy(request: HttpRequest) -> HttpResponse:
    """Say how an operator's invoices are made; audited."""
    operator = asking.edited_operator(request, MONEY)
    values: dict[str, str | bool] = {name: request.POST.get(name, "").strip() for name in FIELDS}
    values |= {name: request.POST.get(name) == "1" for name in SWITCHES}
    try:
        policies.set_policy(
            operator_id=operator.pk,
            values=values,
            changed_by=asking.person(request),
            as_of=clock.now(),
        )
    except policies.NotAPolicy as error:
        messages.error(request, _("Not saved: %(what)s") % {"what": error})
    else:
        messages.success(request, _("Saved."))
    return redirect("run_list")


@login_required
@require_POST
def credit_invoice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Credit an invoice, or the lines that are ticked; audited."""
    access.require_role(request.user, MONEY)
    invoice = access.get_or_404(
        Invoice.objects.in_charge(request.user), request.user, public_id=public_id
    )
    access.require_role_at(request.user, MONEY, operator_id=invoice.operator_id, location_id=None)
    chosen = [int(raw) for raw in request.POST.getlist("line") if raw.isascii() and raw.isdigit()]
    try:
        note = crediting.credit_invoice(
            invoice_id=invoice.pk,
            reason=request.POST.get("reason", ""),
            credited_by=asking.person(request),
            as_of=clock.now(),
            line_ids=chosen,
        )
    except crediting.ReasonMissing:
        messages.error(request, _("Nothing was credited: say why."))
    except (crediting.NothingToCredit, crediting.NotCreditable):
        messages.error(request, _("Nothing was credited: choose lines not credited yet."))
    else:
        messages.success(request, _("Credit note %(number)s is issued.") % {"number": note.label})
        return redirect("invoice_page", public_id=note.public_id)
    return redirect("invoice_page", public_id=public_id)
