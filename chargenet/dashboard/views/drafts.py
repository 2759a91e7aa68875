"""Drafts of invoices: who will get one, what is kept out of it, and issuing it now."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import drafts, invoices
from billing.models import Customer
from billing.queries import draft_pages
from billing.vat.months import Month
from chargenet.core import access, clock, pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.views import asking


@login_required
def list_drafts(request: HttpRequest) -> HttpResponseBase:
    """Show who will get an invoice."""
    access.require_role(request.user, NETWORK)
    return pages.answer_list(
        request,
        rows=draft_pages.drafts_of(request.user),
        spec=draft_pages.draft_spec(),
        describe=draft_pages.describe_drafts,
        look=Look(
            title=_("Drafts"),
            intro=_("What the next invoices will say. A draft has no number yet."),
            row_template="dashboard/draft_row.html",
            empty_title=_("Nothing to invoice"),
            empty_text=_("Each priced session is on an invoice."),
        ),
    )


@login_required
def show_draft(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show what the next invoice of a customer will take, and what is kept out of it."""
    customer = _customer(request, customer_id, roles=NETWORK)
    context = {
        "customer": customer,
        "lines": draft_pages.draft_lines(customer),
        "held": drafts.held_out_of(customer.pk),
        "may_edit": access.has_role_at(
            request.user, MONEY, operator_id=customer.operator_id, location_id=None
        ),
        "last_month": Month.of(timezone.localdate(clock.now())).previous,
    }
    return render(request, "dashboard/draft.html", context)


@login_required
@require_POST
def change_draft(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Keep sessions out of a customer's invoice, let them go, or issue it now; audited."""
    access.require_role(request.user, MONEY)
    customer = _customer(request, customer_id, roles=MONEY)
    deed = request.POST.get("deed", "")
    if deed == "issue":
        _issue(request, customer)
    elif deed in {"hold", "let_go"}:
        _move(request, customer, deed)
    return redirect("draft_page", customer_id=customer.pk)


def _customer(request: HttpRequest, customer_id: int, *, roles: frozenset[str]) -> Customer:
    access.require_role(request.user, roles)
    rows = Customer.objects.in_charge(request.user).select_related("operator")
    customer = access.get_or_404(rows, request.user, pk=customer_id)
    access.require_role_at(request.user, roles, operator_id=customer.operator_id, location_id=None)
    return customer


def _move(request: HttpRequest, customer: Customer, deed: str) -> None:
    ids = [int(raw) for raw in request.POST.getlist("cdr") if raw.isascii() and raw.isdigit()]
    person, as_of = asking.person(request), clock.now()
    try:
        if deed == "hold":
            moved = drafts.hold_out(
                customer_id=customer.pk,
                cdr_ids=ids,
                reason=request.POST.get("reason", ""),
                held_by=person,
                as_of=as_of,
            )
        else:
            moved = drafts.let_go(customer_id=customer.pk, cdr_ids=ids, let_by=person, as_of=as_of)
    except drafts.ReasonMissing:
        messages.error(request, _("Nothing was kept out: say why."))
        return
    if moved:
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose sessions first."))


def _issue(request: HttpRequest, customer: Customer) -> None:
    last_month = Month.of(timezone.localdate(clock.now())).previous
    made = invoices.issue_invoice(customer_id=customer.pk, period=last_month, as_of=clock.now())
    if made:
        labels = ", ".join(invoice.label for invoice in made)
        messages.success(request, _("Issued: %(numbers)s") % {"numbers": labels})
    else:
        messages.info(request, _("There is nothing to invoice before this month."))
