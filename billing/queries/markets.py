"""What the exchange asks in an area over a time, as the engine takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from billing.models import SpotPrice
from billing.tariffs.native.model import SLOT


@dataclass(frozen=True, slots=True)
class Market:
    """Whose prices: as an operator took them in, of an area, in a currency."""

    operator_id: int
    area: str
    currency: str


def spot_between(market: Market, start: datetime, end: datetime) -> Mapping[datetime, Fraction]:
    """Return the known prices per kWh of the quarters that touch [start, end)."""
    rows = SpotPrice.objects.filter(
        operator_id=market.operator_id,
        area=market.area,
        currency=market.currency,
        starts_at__gt=start - SLOT,
        starts_at__lt=end,
    )
    return {
        starts_at: Fraction(price) for starts_at, price in rows.values_list("starts_at", "price")
    }


def known_until(market: Market) -> datetime | None:
    """Return the end of the last quarter whose price is known; None where none is."""
    rows = SpotPrice.objects.filter(
        operator_id=market.operator_id, area=market.area, currency=market.currency
    )
    last = rows.order_by("-starts_at").values_list("starts_at", flat=True).first()
    return None if last is None else last + SLOT


def areas_of(operator_id: int) -> list[str]:
    """Return the areas an operator has prices of."""
    rows = SpotPrice.objects.filter(operator_id=operator_id).order_by("area")
    return list(rows.values_list("area", flat=True).distinct())
