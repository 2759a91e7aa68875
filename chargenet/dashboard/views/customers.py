"""Who pays: customers, their groups, cost centres and contracts."""

from http import HTTPStatus
from typing import TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import contracts, customers
from billing.models import Contract, CostCentre, Customer, CustomerGroup
from chargenet.core import access, clock
from chargenet.core.models import Operator
from chargenet.dashboard.navigation import MONEY, NETWORK
from chargenet.dashboard.queries import customer_page as reads
from chargenet.dashboard.views import asking

LONGEST_NUMBER = 18
R = TypeVar("R", CostCentre, Contract)


@login_required
def show_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show one customer."""
    access.require_role(request.user, NETWORK)
    return _page(request, reads.customer_for(request.user, customer_id))


def _page(
    request: HttpRequest,
    customer: Customer,
    *,
    wrong: dict[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    written = None if wrong is None else _written(request)
    context = {
        "page": reads.page_of(customer),
        "customer": customer,
        "mark": customers.mark_of(customer),
        "parts": reads.form_of(customer.operator, customer, written=written, wrong=wrong),
        "may_edit": access.has_role_at(
            request.user, MONEY, operator_id=customer.operator_id, location_id=None
        ),
    }
    return render(request, "dashboard/customer.html", context, status=status)


def _written(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}


def _edited(request: HttpRequest, customer_id: int) -> Customer:
    """Return a customer to who keeps the books there; raises Http404, PermissionDenied."""
    access.require_role(request.user, MONEY)
    customer = reads.customer_for(request.user, customer_id)
    access.require_role_at(request.user, MONEY, operator_id=customer.operator_id, location_id=None)
    return customer


@login_required
@require_POST
def change_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Write down what a customer's form says."""
    customer = _edited(request, customer_id)
    try:
        customers.save_customer(
            operator=customer.operator,
            customer=customer,
            written=_written(request),
            actor=asking.person(request),
            as_of=clock.now(),
            seen=request.POST.get("seen"),
        )
    except customers.CustomerStale:
        messages.error(
            request, _("Nothing was saved: somebody else changed it. Below is how it is now.")
        )
        return redirect("customer_page", customer_id)
    except customers.CustomerUnfit as error:
        messages.error(request, _("Nothing was saved: look at the fields marked below."))
        return _page(request, customer, wrong=error.wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("Saved."))
    return redirect("customer_page", customer_id)


@login_required
def add_customer(request: HttpRequest) -> HttpResponse:
    """Show the form of a new customer, and take it."""
    access.require_role(request.user, MONEY)
    operators = asking.operators(request, MONEY)
    asked = request.POST if request.method == "POST" else request.GET
    operator = asking.chosen_operator(operators, asked.get("operator", ""))
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = customers.save_customer(
                operator=operator,
                customer=None,
                written=_written(request),
                actor=asking.person(request),
                as_of=clock.now(),
            )
        except customers.CustomerUnfit as error:
            wrong = error.wrong
        except customers.NameTaken:
            wrong = {"reference": "taken"}
        else:
            messages.success(request, _("Saved."))
            return redirect("customer_page", made.pk)
    return _new(request, operators, operator, wrong)


def _new(
    request: HttpRequest, operators: list[Operator], operator: Operator, wrong: dict[str, str]
) -> HttpResponse:
    written = _written(request) if wrong else None
    parts = reads.form_of(operator, None, written=written, wrong=wrong)
    context = {"parts": parts, "operators": operators, "operator": operator}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "dashboard/customer_add.html", context, status=status)


@login_required
@require_POST
def change_centres(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Add a cost centre, or retire one."""
    customer = _edited(request, customer_id)
    user, now = asking.person(request), clock.now()
    if "retire" in request.POST:
        centre = _one(CostCentre, customer, request.POST["retire"])
        contracts.retire_cost_centre(centre=centre, actor=user, as_of=now)
        return redirect("customer_page", customer_id)
    code, name = request.POST.get("code", ""), request.POST.get("name", "")
    try:
        contracts.add_cost_centre(customer=customer, code=code, name=name, actor=user, as_of=now)
    except (customers.CustomerUnfit, customers.NameTaken):
        messages.error(request, _("Not added: a code is needed that is not there yet."))
    return redirect("customer_page", customer_id)


@login_required
@require_POST
def change_contracts(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Let a customer pay for a card, or for one no longer."""
    customer = _edited(request, customer_id)
    user, now = asking.person(request), clock.now()
    if "end" in request.POST:
        contract = _one(Contract, customer, request.POST["end"])
        contracts.end_contract(contract=contract, actor=user, as_of=now)
        return redirect("customer_page", customer_id)
    raw = request.POST.get("centre", "")
    centre = _one(CostCentre, customer, raw) if raw else None
    uid = request.POST.get("token", "")
    try:
        contracts.add_contract(
            customer=customer, token_uid=uid, centre=centre, actor=user, as_of=now
        )
    except contracts.ContractUnfit as error:
        told = {
            "token_unknown": _("Not added: no card of yours has this number."),
            "token_taken": _("Not added: somebody pays for this card already."),
        }
        messages.error(request, told[str(error)])
    return redirect("customer_page", customer_id)


def _one(model: type[R], customer: Customer, raw: str) -> R:
    number = int(raw) if raw.isdecimal() and len(raw) < LONGEST_NUMBER else 0
    found = model.objects.filter(customer=customer, pk=number).first()
    if found is None:
        raise Http404
    return found


@login_required
def list_groups(request: HttpRequest) -> HttpResponse:
    """Show the groups of customers, and how many are in each."""
    access.require_role(request.user, NETWORK)
    rows = CustomerGroup.objects.in_charge(request.user).annotate(count=Count("customers"))
    context = {
        "groups": rows.select_related("operator").order_by("name"),
        "operators": asking.operators(request, MONEY),
    }
    return render(request, "dashboard/customer_groups.html", context)


@login_required
@require_POST
def add_group(request: HttpRequest) -> HttpResponse:
    """Make a group of customers."""
    operator = asking.edited_operator(request, MONEY)
    try:
        customers.add_group(
            operator=operator,
            name=request.POST.get("name", ""),
            note=request.POST.get("note", ""),
            actor=asking.person(request),
            as_of=clock.now(),
        )
    except (customers.CustomerUnfit, customers.NameTaken):
        messages.error(request, _("Not added: a name is needed that is not there yet."))
    return redirect("customer_groups")
