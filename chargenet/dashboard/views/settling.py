"""Settling invoices: disputes, credit set off or paid back, receipts, interest."""

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import claims, credits, dunning, receipts
from billing.models import Cdr, Customer, Invoice
from chargenet.core import access, clock
from chargenet.dashboard.navigation import MONEY
from chargenet.dashboard.views import asking


@login_required
@require_POST
def dispute_invoice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Note that a customer does not accept an invoice, or that the dispute is over; audited."""
    invoice = _invoice(request, public_id)
    person, as_of = asking.person(request), clock.now()
    if request.POST.get("deed") == "close":
        dunning.close_dispute(invoice_id=invoice.pk, closed_by=person, as_of=as_of)
        messages.success(request, _("The dispute is over: reminders go on."))
        return redirect("invoice_page", public_id=public_id)
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    if not reason:
        messages.error(request, _("Not saved: say what is disputed."))
        return redirect("invoice_page", public_id=public_id)
    try:
        dunning.open_dispute(invoice_id=invoice.pk, reason=reason, opened_by=person, as_of=as_of)
    except dunning.AlreadyDisputed:
        messages.info(request, _("It is disputed already."))
    else:
        messages.success(request, _("Disputed: nobody is reminded of it meanwhile."))
    return redirect("invoice_page", public_id=public_id)


@login_required
@require_POST
def use_credit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Set a customer's credit off against an invoice, or note that it was paid back; audited."""
    invoice = _invoice(request, public_id)
    try:
        if request.POST.get("deed") == "pay_back":
            _pay_back(request, invoice)
        else:
            _set_off(request, invoice)
    except (credits.NoCredit, InvalidOperation):
        messages.error(request, _("Nothing was done: there is no such credit left."))
    except credits.ReferenceMissing:
        messages.error(request, _("Nothing was done: say how it was paid back."))
    except (credits.NotSettleable, Invoice.DoesNotExist, ValueError):
        messages.error(request, _("Nothing was done: that invoice has nothing to pay."))
    else:
        messages.success(request, _("Saved."))
    return redirect("invoice_page", public_id=public_id)


def _pay_back(request: HttpRequest, invoice: Invoice) -> None:
    written = request.POST.get("amount", "").replace("\u202f", "").replace("\xa0", "")
    amount = Decimal(written.replace(" ", "").replace(",", ".") or "0")
    is_fine = amount.is_finite() and amount == amount.quantize(Decimal("0.01"))
    credits.pay_back(
        source_id=invoice.pk,
        amount=amount if is_fine else Decimal(0),
        reference=request.POST.get("reference", ""),
        used_by=asking.person(request),
        as_of=clock.now(),
    )


def _set_off(request: HttpRequest, invoice: Invoice) -> None:
    rows = Invoice.objects.in_charge(request.user)
    other = rows.get(pk=int(request.POST.get("invoice", "")[:18]))
    is_source = request.POST.get("deed") == "set_off"
    credits.set_off(
        source_id=invoice.pk if is_source else other.pk,
        target_id=other.pk if is_source else invoice.pk,
        used_by=asking.person(request),
        as_of=clock.now(),
    )


@login_required
@require_POST
def issue_receipt(request: HttpRequest, session_id: int) -> HttpResponse:
    """Issue the receipt of a session; audited."""
    access.require_role(request.user, MONEY)
    rows = Cdr.objects.in_charge(request.user)
    cdr = access.get_or_404(rows, request.user, session_id=session_id)
    access.require_role_at(request.user, MONEY, operator_id=cdr.operator_id, location_id=None)
    try:
        made = receipts.issue_receipt(
            cdr_id=cdr.pk, issued_by=asking.person(request), as_of=clock.now()
        )
    except receipts.TooMuch:
        messages.error(request, _("Too much for a receipt: an invoice says who buys."))
    except receipts.NothingToReceipt:
        messages.error(request, _("No receipt: the session is on a document, or costs nothing."))
    else:
        messages.success(request, _("Issued: %(numbers)s") % {"numbers": made.label})
        return redirect("invoice_page", public_id=made.public_id)
    return redirect("session_page", session_id=session_id)


@login_required
@require_POST
def claim_interest(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Issue an interest invoice about what a customer paid late; audited."""
    access.require_role(request.user, MONEY)
    rows = Customer.objects.in_charge(request.user)
    customer = access.get_or_404(rows, request.user, pk=customer_id)
    access.require_role_at(request.user, MONEY, operator_id=customer.operator_id, location_id=None)
    try:
        made = claims.claim_interest(
            customer_id=customer.pk, issued_by=asking.person(request), as_of=clock.now()
        )
    except claims.NothingToClaim:
        messages.info(request, _("Nothing to claim: all was paid in time, or is claimed."))
        return redirect("customer_statement", customer_id=customer_id)
    messages.success(request, _("Issued: %(numbers)s") % {"numbers": made.label})
    return redirect("invoice_page", public_id=made.public_id)


def _invoice(request: HttpRequest, public_id: str) -> Invoice:
    access.require_role(request.user, MONEY)
    rows = Invoice.objects.in_charge(request.user)
    invoice = access.get_or_404(rows, request.user, public_id=public_id)
    access.require_role_at(request.user, MONEY, operator_id=invoice.operator_id, location_id=None)
    return invoice
