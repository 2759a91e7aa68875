"""The exchange's prices as a page shows them, and the quarters nobody told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing.models import RatingHold, SpotPrice, Tariff
from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Operator

SLOT: Final = timedelta(minutes=15)
LOOKED_BACK: Final = timedelta(days=3)


@dataclass(frozen=True)
class SpotRow:
    """The price of one quarter."""

    starts_at: datetime
    area: str
    price: str
    amount: Decimal
    currency: str
    source: str
    read_at: datetime


@dataclass(frozen=True)
class Lack:
    """An area whose prices some tariff needs, how many quarters lack, and until when they go."""

    area: str
    missing: int
    known_until: datetime | None
    waiting: int


def spot_of(operator: Operator, person: Person) -> QuerySet[SpotPrice]:
    """Return the prices an operator has taken in."""
    return SpotPrice.objects.visible_to(person).filter(operator=operator)


def spot_spec(operator: Operator) -> Spec:
    """Return what the list of prices can do."""
    areas = SpotPrice.objects.filter(operator=operator).values_list("area", flat=True).distinct()
    return Spec(
        name="spot",
        columns=(
            Column("start", _("Quarter from"), ("starts_at",), csv=lambda row: row.starts_at),
            Column("area", _("Area"), ("area",), csv=lambda row: row.area),
            Column(
                "price",
                _("Price per kWh, without VAT"),
                ("price",),
                is_number=True,
                csv=lambda row: row.amount,
            ),
            Column("source", _("From"), csv=lambda row: row.source),
        ),
        default_sort="-start",
        filters=(
            Filter(
                "area",
                _("All areas"),
                [(area, area) for area in sorted(areas)],
                lambda value: Q(area=value),
            ),
        ),
    )


def describe_spot(rows: Sequence[SpotPrice]) -> list[SpotRow]:
    """Return the rows of some prices."""
    return [
        SpotRow(
            starts_at=row.starts_at,
            area=row.area,
            price=formats.money_with(formats.number(row.price, digits=4), row.currency),
            amount=row.price,
            currency=row.currency,
            source=row.source,
            read_at=row.read_at,
        )
        for row in rows
    ]


def lacks_of(operator: Operator, as_of: datetime) -> list[Lack]:
    """Return what lacks of the areas that tariffs name, of the last three days until now."""
    areas = (
        Tariff.objects.filter(operator=operator, native__has_key="spot")
        .exclude(spot_area="")
        .values_list("spot_area", "currency")
        .distinct()
    )
    since = as_of - LOOKED_BACK
    wanted = (as_of - since) // SLOT
    waiting = RatingHold.objects.filter(operator=operator, reason="spot_missing").count()
    found = []
    for area, currency in sorted(areas):
        rows = SpotPrice.objects.filter(operator=operator, area=area, currency=currency)
        told = rows.filter(starts_at__gt=since - SLOT, starts_at__lte=as_of - SLOT).count()
        last = rows.order_by("-starts_at").values_list("starts_at", flat=True).first()
        until = None if last is None else last + SLOT
        found.append(Lack(area, max(wanted - told, 0), until, waiting))
    return found
