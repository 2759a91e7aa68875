"""Where a price list holds, for whom, since when, and by which rule it comes to hold."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext as _

from billing.models import Contract, Customer, CustomerGroup, Tariff, TariffAssignment
from chargenet.core import formats
from chargenet.core.models import Operator
from stations.models import Connector, Location, Station

MOST_ROWS, MOST_PLACES = 200, 500
W_PER_KW = 1000


@dataclass(frozen=True)
class HoldRow:
    """Where a version holds, for whom and when; `why` is the rule by which it is found."""

    id: int
    why: str
    whom: str
    place: str
    power: str
    version: int
    valid_from: datetime
    valid_until: datetime | None
    state: str
    is_contract: bool = False


@dataclass(frozen=True)
class Choices:
    """Where and for whom a version can be let hold, as a form offers it."""

    sites: list[Location]
    stations: list[Station]
    connectors: list[Connector]
    groups: list[CustomerGroup]
    partners: list[Customer]


def holds_of(tariff: Tariff, as_of: datetime) -> list[HoldRow]:
    """Return where a price list holds, held and will hold; what holds now comes first."""
    rows = (
        TariffAssignment.objects.filter(operator_id=tariff.operator_id, tariff__code=tariff.code)
        .select_related("tariff", "location", "station", "connector__station", "connector__evse")
        .select_related("group", "partner")
        .order_by(F("valid_until").desc(nulls_first=True), "-valid_from", "-pk")
    )
    contracts = (
        Contract.objects.filter(operator_id=tariff.operator_id, tariff__code=tariff.code)
        .select_related("tariff", "customer")
        .order_by(F("valid_until").desc(nulls_first=True), "-valid_from", "-pk")
    )
    found = [_contract(row, as_of) for row in contracts[:MOST_ROWS]]
    found += [_hold(row, as_of) for row in rows[:MOST_ROWS]]
    return sorted(found, key=lambda row: ("holds", "waits", "over").index(row.state))


def places_of(tariff: Tariff, as_of: datetime) -> list[str]:
    """Return where a price list holds or will, each once."""
    rows = [row for row in holds_of(tariff, as_of) if row.state != "over" and not row.is_contract]
    return list(dict.fromkeys(row.place for row in rows))


def choices_of(operator: Operator) -> Choices:
    """Return where and for whom an operator's price can hold."""
    own = {"operator": operator}
    stations = Station.objects.filter(**own, is_active=True).select_related("location")
    connectors = Connector.objects.filter(**own, station__is_active=True)
    connectors = connectors.select_related("station", "evse")
    partners = Customer.objects.filter(**own, kind=Customer.Kind.PARTNER)
    return Choices(
        sites=list(Location.objects.filter(**own).order_by("name")[:MOST_PLACES]),
        stations=list(stations.order_by("name")[:MOST_PLACES]),
        connectors=list(
            connectors.order_by("station__name", "evse__number", "number")[:MOST_PLACES]
        ),
        groups=list(CustomerGroup.objects.filter(**own).order_by("name")[:MOST_PLACES]),
        partners=list(partners.order_by("name")[:MOST_PLACES]),
    )


def _hold(row: TariffAssignment, as_of: datetime) -> HoldRow:
    return HoldRow(
        id=row.pk,
        why=_why(row),
        whom=_whom(row),
        place=_place(row),
        power=_power(row),
        version=row.tariff.version,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        state=_state(row, as_of),
    )


def _contract(row: Contract, as_of: datetime) -> HoldRow:
    assert row.tariff is not None, "asked for those with a price of their own"
    return HoldRow(
        id=row.pk,
        why=_("Contract"),
        whom=row.customer.name,
        place=_("Everywhere"),
        power="",
        version=row.tariff.version,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        state=_state(row, as_of),
        is_contract=True,
    )


def _state(row: TariffAssignment | Contract, as_of: datetime) -> str:
    if row.valid_until is not None and row.valid_until <= as_of:
        return "over"
    return "waits" if row.valid_from > as_of else "holds"


def _why(row: TariffAssignment) -> str:
    """Return the rule by which a session comes to an assignment, as pages name it."""
    rules = (
        (row.group_id, _("Group")),
        (row.partner_id, _("Roaming partner")),
        (row.connector_id, _("Connector")),
        (row.station_id, _("Station")),
        (row.location_id, _("Site")),
    )
    return next((word for named, word in rules if named is not None), _("Operator's default"))


def _whom(row: TariffAssignment) -> str:
    if row.group is not None:
        return row.group.name
    return row.partner.name if row.partner is not None else _("Everybody")


def _place(row: TariffAssignment) -> str:
    if row.connector is not None:
        return f"{row.connector.station.name} · {row.connector.point}"
    if row.station is not None:
        return row.station.name
    return row.location.name if row.location is not None else _("Everywhere")


def _power(row: TariffAssignment) -> str:
    low, high = (_kw(each) for each in (row.from_power_w, row.below_power_w))
    if low and high:
        return f"{low}–{high} kW"
    if low:
        return _("from %(figure)s kW") % {"figure": low}
    return _("below %(figure)s kW") % {"figure": high} if high else ""


def _kw(power_w: int | None) -> str:
    if power_w is None:
        return ""
    value = (Decimal(power_w) / W_PER_KW).normalize()
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "a power is a finite number"
    return formats.number(value, digits=max(-exponent, 0))
