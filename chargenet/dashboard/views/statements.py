"""What is open between a customer and the operator, and forgetting a customer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import erasure, paper
from billing.models import Customer
from billing.queries import statements
from chargenet.core import access, clock, listing
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.queries import customer_page
from chargenet.dashboard.views import asking


@require_safe
@login_required
def show_statement(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show what is open between a customer and the operator, as a page or a file."""
    access.require_role(request.user, NETWORK)
    customer = customer_page.customer_for(request.user, customer_id)
    found = statements.statements_of(customer, timezone.localdate(clock.now()))
    form = request.GET.get("format", "")
    if form == "csv":
        return _csv(customer, found)
    if form == "pdf":
        asked = request.GET.get("currency", "")
        chosen = next((each for each in found if each.currency == asked), found[0])
        return _pdf(chosen)
    context = {
        "customer": customer,
        "statements": found,
        "may_edit": access.has_role_at(
            request.user, MONEY, operator_id=customer.operator_id, location_id=None
        ),
    }
    return render(request, "dashboard/statement.html", context)


def _csv(customer: Customer, found: list[statements.Statement]) -> HttpResponse:
    head = [
        *(_("What"), _("Number"), _("Date"), _("Due"), _("Days late"), _("Currency")),
        *(_("Asked"), _("Left to pay"), _("Interest to the day"), _("Disputed")),
    ]
    lines: list[list[listing.Value]] = []
    for each in found:
        for item in each.items:
            days = (item.invoice.issue_date.isoformat(), item.invoice.due_date.isoformat())
            what = (item.kind, item.invoice.label, *days)
            amounts = (item.days_late, each.currency, item.asked, item.left, item.interest)
            lines.append([*what, *amounts, _("Yes") if item.is_disputed else ""])
        for credit in each.credits:
            told = (credit.invoice.label, credit.invoice.issue_date.isoformat(), "", "")
            back = (each.currency, "", -credit.amount, "", "")
            lines.append([_("Credit"), *told, *back])
    name = f"statement-{customer.pk}.csv"
    return listing.csv_file(name, head, [[listing.cell(value) for value in row] for row in lines])


def _pdf(statement: statements.Statement) -> HttpResponse:
    content = paper.pdf(statements.sheet_of(statement), made_at=clock.now())
    name = f"statement-{statement.customer.pk}-{statement.day.isoformat()}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@login_required
@require_POST
def erase_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Forget a customer but for what the books must keep; audited."""
    access.require_role(request.user, MONEY)
    customer = customer_page.customer_for(request.user, customer_id)
    access.require_role_at(request.user, MONEY, operator_id=customer.operator_id, location_id=None)
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    if not reason:
        messages.error(request, _("Not erased: say who asked for it, and when."))
        return redirect("customer_page", customer_id=customer_id)
    try:
        erasure.erase_customer(
            customer_id=customer.pk,
            reason=reason,
            erased_by=asking.person(request),
            as_of=clock.now(),
        )
    except erasure.StillNeeded as error:
        why = ", ".join(customer_page.needed_word(each) for each in error.why)
        messages.error(request, _("Not erased yet: %(why)s.") % {"why": why})
    else:
        messages.success(request, _("Erased. What the books must keep is kept."))
    return redirect("customer_page", customer_id=customer_id)
