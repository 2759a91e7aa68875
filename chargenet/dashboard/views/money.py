"""Money for the operator: what waits for a price, revenue, invoices, customers."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Invoice
from billing.queries import customers, pages, settling
from chargenet.core import access, clock, formats, listing, units
from chargenet.core import pages as core_pages
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.parts import Chart, Series
from chargenet.dashboard.queries import revenue, sessions
from chargenet.dashboard.queries.revenue import Period, PlaceRow

BARS = 15


@login_required
def list_unbilled(request: HttpRequest) -> HttpResponseBase:
    """Show completed sessions that have no price yet, and why."""
    access.require_role(request.user, NETWORK)
    return core_pages.answer_list(
        request,
        rows=sessions.unbilled_of(request.user),
        spec=sessions.unbilled_spec(),
        describe=sessions.describe_unbilled,
        look=Look(
            title=_("Unbilled sessions"),
            intro=_(
                "Completed, and not priced yet. Nothing is ever priced 0 for want of a tariff."
            ),
            row_template="dashboard/unbilled_row.html",
            empty_title=_("Everything is billed"),
            empty_text=_("Each completed session has its price."),
        ),
    )


@login_required
def list_invoices(request: HttpRequest) -> HttpResponseBase:
    """Show invoices, the newest first."""
    access.require_role(request.user, NETWORK)
    today = timezone.localdate(clock.now())
    return core_pages.answer_list(
        request,
        rows=pages.invoices_of(request.user),
        spec=pages.invoice_spec(today),
        describe=lambda rows: pages.describe_invoices(rows, today),
        look=Look(
            title=_("Invoices"),
            row_template="dashboard/invoice_row.html",
            empty_title=_("No invoices yet"),
            empty_text=_("Invoices are made when the month is over."),
            action_href=reverse("run_list"),
            action_label=_("Invoice runs"),
        ),
    )


@login_required
def show_invoice(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one invoice with its lines and payments."""
    access.require_role(request.user, NETWORK)
    invoice = access.get_or_404(pages.invoices_of(request.user), request.user, public_id=public_id)
    page = pages.invoice_page(invoice, timezone.localdate(clock.now()))
    may_settle = access.has_role_at(
        request.user, MONEY, operator_id=invoice.operator_id, location_id=None
    )
    context = {
        "page": page,
        "invoice": invoice,
        "may_settle": may_settle,
        "settling": settling.settling_of(invoice),
        "may_credit": may_settle
        and any(not line.is_credited for line in page.lines)
        and invoice.kind != Invoice.Kind.CREDIT_NOTE,
    }
    return render(request, "dashboard/invoice.html", context)


@login_required
def list_customers(request: HttpRequest) -> HttpResponseBase:
    """Show who pays, and what they owe."""
    access.require_role(request.user, NETWORK)
    may_edit = access.has_role(request.user, *MONEY)
    return core_pages.answer_list(
        request,
        rows=customers.customers_of(request.user),
        spec=customers.customer_spec(),
        describe=customers.describe_customers,
        look=Look(
            title=_("Customers"),
            row_template="dashboard/customer_row.html",
            template="dashboard/customers.html",
            action_href=reverse("customer_add") if may_edit else "",
            action_label=_("New customer") if may_edit else "",
            empty_title=_("No customers yet"),
            empty_text=_("A driver becomes a customer with the first session that has a price."),
        ),
    )


@login_required
def show_revenue(request: HttpRequest) -> HttpResponseBase:
    """Show what each station, connector or cable earned in a period."""
    access.require_role(request.user, MONEY)
    today = timezone.localdate(clock.now())
    period = revenue.read_period(request.GET.get("period", ""), today)
    asked = request.GET.get("by", "")
    place = asked if asked in revenue.PLACES else "station"
    currency = revenue.currency_of(request.user)
    rows = revenue.by_place(request.user, currency, period, place)
    if request.GET.get("format") == "csv":
        return _revenue_csv(rows, place, period)
    total = sum((row.amount for row in rows), Decimal(0))
    before = revenue.total(request.user, currency, period.same_days_before(today))
    bar = _bar(rows, place, currency)
    context = {
        "period": period,
        "periods": [(each, revenue.kind_word(each)) for each in revenue.kinds_of(period, today)],
        "places": [(name, _place_word(name)) for name in revenue.PLACES],
        "place": place,
        "place_word": _place_word(place),
        "currency": currency,
        "rows": rows,
        "total": total,
        "sessions": sum(row.sessions for row in rows),
        "energy_wh": sum(row.energy_wh for row in rows),
        "before": before,
        "delta": formats.change(total, before),
        "bar": bar,
        "line": _line(request, period, currency, today, is_tall=bar.is_tall),
    }
    return render(request, "dashboard/revenue.html", context)


def _place_word(place: str) -> str:
    return {"station": _("Station"), "connector": _("Connector"), "cable": _("Cable")}[place]


def _bar(rows: list[PlaceRow], place: str, currency: str) -> Chart:
    shown = rows[:BARS]
    title = {
        "station": _("Revenue per station"),
        "connector": _("Revenue per connector"),
        "cable": _("Revenue per cable"),
    }
    return Chart(
        name="places",
        title=title[place],
        labels=[row.name for row in shown],
        series=[Series(_("Revenue"), [row.amount for row in shown])],
        unit=currency,
        label_head=_place_word(place),
        digits=2,
        is_horizontal=True,
        is_tall=len(shown) > 8,
    )


def _is_over(day: date, period: Period, today: date) -> bool:
    """Say whether a day can be compared: today is not over, a year's month may have begun."""
    return day <= today if period.is_year else day < today


def _line(
    request: HttpRequest, period: Period, currency: str, today: date, *, is_tall: bool
) -> Chart:
    now = revenue.over_time(request.user, currency, period)
    before = list(revenue.over_time(request.user, currency, period.before()).values())
    before = (before + [Decimal(0)] * len(now))[: len(now)]
    return Chart(
        name="days",
        title=_("Revenue per month") if period.is_year else _("Revenue per day"),
        labels=[day.isoformat() for day in now],
        series=[
            Series(
                _("This period"),
                [amount if _is_over(day, period, today) else None for day, amount in now.items()],
                "line",
            ),
            Series(_("The period before"), before, "line"),
        ],
        unit=currency,
        label_head=_("Month") if period.is_year else _("Day"),
        digits=2,
        is_time=True,
        is_tall=is_tall,
    )


def _revenue_csv(rows: list[PlaceRow], place: str, period: Period) -> HttpResponse:
    head = [_place_word(place), _("Sessions"), _("Energy (kWh)"), _("Revenue excl. VAT")]
    lines = (
        [
            listing.cell(row.name),
            listing.cell(row.sessions),
            listing.cell(units.kwh_from_wh(row.energy_wh)),
            listing.cell(row.amount),
        ]
        for row in rows
    )
    return listing.csv_file(f"revenue-{place}-{period.name}.csv", head, lines)
