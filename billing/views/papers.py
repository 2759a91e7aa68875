"""Invoices on paper, for operators and for the customer."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from billing import archive
from billing.models import Invoice, Reminder
from billing.queries import papers
from chargenet.core import access


@require_safe
@login_required
def send_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send an invoice, a credit note or a receipt as a PDF: as archived, where it is already."""
    rows = papers.with_paper_rows(Invoice.objects.select_related("operator"))
    invoice = access.get_or_404(rows, request.user, public_id=public_id)
    name = f"{invoice.operator.slug}-{invoice.label}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    content = archive.kept_pdf(invoice)
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_safe
@login_required
def send_reminder(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a reminder as a PDF."""
    rows = Reminder.objects.select_related("operator", "invoice")
    reminder = access.get_or_404(rows, request.user, public_id=public_id)
    content = archive.kept_reminder(reminder)
    name = f"{reminder.operator.slug}-{reminder.label}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
