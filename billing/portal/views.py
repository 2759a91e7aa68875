"""The driver's own pages: charging, invoices, paying, account; made for one hand."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import payments
from billing.models import Invoice, Payment
from billing.queries import drivers, invoice_states, pages, shown
from chargenet.core import access, clock, tenancy
from chargenet.core import pages as core_pages
from chargenet.core.models import User

PER_PAGE = 20
# What the demo's provider understands; a card number never comes to this server.
TEST_CARDS = (
    ("card_ok", gettext_lazy("A card that works"), "4242"),
    ("card_insufficient_funds", gettext_lazy("A card without enough money"), "9995"),
    ("card_expired", gettext_lazy("A card that has expired"), "0069"),
    ("card_declined", gettext_lazy("A card the bank declines"), "0002"),
)
DECLINES = {
    "insufficient_funds": gettext_lazy("There is not enough money on the card."),
    "expired_card": gettext_lazy("The card has expired."),
    "card_declined": gettext_lazy("The bank declined the card."),
}


def _driver(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the page asks for a sign-in first"
    return request.user


@login_required
def list_sessions(request: HttpRequest) -> HttpResponse:
    """Show the driver's sessions, the one that runs on top."""
    driver, as_of = _driver(request), clock.now()
    paginator = Paginator(drivers.own_sessions(driver), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    sessions = drivers.describe_own(list(page.object_list), as_of)
    context = {
        "live": [session for session in sessions if session.is_open],
        "sessions": [session for session in sessions if not session.is_open],
        "page": page,
    }
    is_fragment = core_pages.is_fragment(request)
    name = "billing/portal/sessions_live.html" if is_fragment else "billing/portal/sessions.html"
    return render(request, name, context)


@login_required
def show_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Show one session and how its price was made."""
    driver, as_of = _driver(request), clock.now()
    page = drivers.own_session_page(driver, session_id, as_of)
    price = _price_while_charging(driver, session_id, as_of) if page.session.is_open else None
    return render(request, "billing/portal/session.html", {"page": page, "price": price})


def _price_while_charging(
    driver: User, session_id: int, as_of: datetime
) -> shown.PriceBefore | None:
    """Return the prices of a driver's own session, read from its operator's price lists."""
    session = drivers.own_sessions(driver).get(pk=session_id)
    tenancy.enter_scope(operators=[session.operator_id], person=driver.pk)
    price = shown.price_of(session, as_of)
    tenancy.enter_scope(operators=access.operator_ids(driver), person=driver.pk)
    return price


@login_required
def list_invoices(request: HttpRequest) -> HttpResponse:
    """Show the driver's invoices, what is to pay first."""
    driver = _driver(request)
    today = timezone.localdate(clock.now())
    own = invoice_states.with_payments(Invoice.objects.filter(customer__user_id=driver.pk))
    paginator = Paginator(
        own.select_related("customer").order_by(F("is_paid"), "-issued_at"), PER_PAGE
    )
    page = paginator.get_page(request.GET.get("page"))
    rows = pages.describe_invoices(list(page.object_list), today)
    return render(request, "billing/portal/invoices.html", {"invoices": rows, "page": page})


def _own_invoice(request: HttpRequest, public_id: str) -> Invoice:
    driver = _driver(request)
    own = invoice_states.with_payments(Invoice.objects.filter(customer__user_id=driver.pk))
    found: Invoice = access.get_or_404(own.select_related("customer"), driver, public_id=public_id)
    return found


@login_required
def show_invoice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one invoice; once it is paid, the same page is the receipt."""
    invoice = _own_invoice(request, public_id)
    page = pages.invoice_page(invoice, timezone.localdate(clock.now()))
    return render(request, "billing/portal/invoice.html", {"page": page, "invoice": invoice})


@login_required
def pay_invoice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the demo provider's card page, and pay with the card chosen there."""
    invoice = _own_invoice(request, public_id)
    page = pages.invoice_page(invoice, timezone.localdate(clock.now()))
    if page.state in {"paid", "credited", "owed"}:
        return redirect("portal_invoice", public_id=public_id)
    if request.method == "POST":
        return _pay(request, invoice)
    context = {"page": page, "invoice": invoice, "cards": TEST_CARDS, "attempt": uuid.uuid4().hex}
    return render(request, "billing/portal/pay.html", context)


def _pay(request: HttpRequest, invoice: Invoice) -> HttpResponse:
    method = request.POST.get("method", "")
    if method not in {card for card, _name, _digits in TEST_CARDS}:
        messages.error(request, _("Choose a card."))
        return redirect("portal_pay", public_id=invoice.public_id)
    attempt = "".join(c for c in request.POST.get("attempt", "") if c.isalnum())[:16]
    try:
        payment = payments.start_payment(
            invoice_id=invoice.pk, method=method, attempt=attempt, as_of=clock.now()
        )
    except payments.InvoiceAlreadyPaid:
        messages.info(request, _("This invoice is already paid."))
        return redirect("portal_invoice", public_id=invoice.public_id)
    if payment.state == Payment.State.DECLINED:
        reason = DECLINES.get(payment.failure_code, _("The payment was declined."))
        text = _("%(reason)s Nothing was charged. Try another card.") % {"reason": reason}
        messages.error(request, text)
        return redirect("portal_pay", public_id=invoice.public_id)
    if payment.state == Payment.State.CAPTURED:
        messages.success(request, _("Paid. Thank you! This page is your receipt."))
    else:
        messages.info(request, _("The payment is on its way. We tell you here when it is done."))
    return redirect("portal_invoice", public_id=invoice.public_id)


@login_required
def show_account(request: HttpRequest) -> HttpResponse:
    """Show who is signed in, their cards, and the way out."""
    tokens = drivers.own_tokens(_driver(request))
    return render(request, "billing/portal/account.html", {"tokens": tokens})
