"""E-invoices as files, for operators and for the customer."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.models import Invoice
from billing.queries import einvoices
from chargenet.core import access


@require_safe
@login_required
def send_einvoice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send an invoice as Peppol XML; where it is not valid, a page says what to mend."""
    # Interest and fees are no supply: they go by paper alone.
    supplies = Invoice.objects.exclude(kind=Invoice.Kind.INTEREST)
    rows = einvoices.with_einvoice_rows(supplies)
    invoice = access.get_or_404(rows, request.user, public_id=public_id)
    made = einvoices.checked_einvoice(invoice)
    if not made.verdict.is_valid:
        is_own = invoice.customer.user_id == request.user.pk
        context = {"invoice": invoice, "made": made, "is_own": is_own}
        page = "billing/einvoice_refused.html"
        return render(request, page, context, status=HTTPStatus.CONFLICT)
    name = f"{invoice.operator.slug}-{invoice.label}.xml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made.content, content_type="application/xml", headers=headers)
