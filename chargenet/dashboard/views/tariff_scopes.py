"""Where and for whom a form lets a price hold: only what is the operator's own."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_noop

from billing.models import Customer, CustomerGroup, Tariff
from billing.price_places import Scope, TariffRefused
from chargenet.core import access
from stations.models import Connector, Location, Station

W_PER_KW, MOST_KW = 1000, 10_000
NOT_A_POWER = gettext_noop("Write a power in kW between 0 and 10,000, or nothing.")


def scope_of(request: HttpRequest, tariff: Tariff) -> Scope:
    """Return what a form names; raises Http404 for what is not there, TariffRefused."""
    place = _named(request, tariff, request.POST.get("place", ""))
    whom = _named(request, tariff, request.POST.get("whom", "all"))
    return Scope(
        **(place | whom),
        from_power_w=_power(request.POST.get("above", "")),
        below_power_w=_power(request.POST.get("below", "")),
    )


def _named(request: HttpRequest, tariff: Tariff, raw: str) -> dict[str, int]:
    """Return the column and the row that a choice such as "site:7" names."""
    kind, _sep, number = raw.partition(":")
    if kind == "all":
        return {}
    rows: dict[str, tuple[str, Any]] = {
        "site": ("location_id", Location.objects.all()),
        "station": ("station_id", Station.objects.all()),
        "connector": ("connector_id", Connector.objects.all()),
        "group": ("group_id", CustomerGroup.objects.all()),
        "partner": ("partner_id", Customer.objects.filter(kind=Customer.Kind.PARTNER)),
    }
    if kind not in rows:
        raise Http404
    column, known = rows[kind]
    row = access.get_or_404(known, request.user, operator_id=tariff.operator_id, pk=number)
    return {column: row.pk}


def _power(raw: str) -> int | None:
    """Return a power in W; None for an empty field."""
    plain = raw.strip().replace(",", ".")
    if not plain:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise TariffRefused(NOT_A_POWER) from error
    if not value.is_finite() or not 0 <= value <= MOST_KW:
        raise TariffRefused(NOT_A_POWER)
    return int(value * W_PER_KW)
