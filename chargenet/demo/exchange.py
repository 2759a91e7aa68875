"""The demo's exchange: each quarter of an hour has its price, dear in the evening."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from billing.models import SpotPrice
from chargenet.core.models import Operator

AREA: Final = "SE3"
SOURCE: Final = "demo"
CLOCK: Final = ZoneInfo("Europe/Stockholm")
SLOT: Final = timedelta(minutes=15)
# As far back as the demo's history reaches, and some days ahead, as no real exchange tells them.
BACK, AHEAD = timedelta(days=80), timedelta(days=4)
# SEK per kWh without VAT, by the hour of the day.
HOURS: Final = (
    *("0.42", "0.38", "0.35", "0.35", "0.39", "0.55", "0.84", "1.12"),
    *("1.18", "0.96", "0.80", "0.68", "0.61", "0.58", "0.63", "0.79"),
    *("1.05", "1.38", "1.46", "1.31", "1.02", "0.81", "0.64", "0.50"),
)
WEEKEND: Final = Decimal("0.7")


def make_spot_prices(operator: Operator, *, as_of: datetime) -> None:
    """Give an operator the exchange's prices; those it has stay as they are."""
    first = (as_of - BACK).replace(minute=0, second=0, microsecond=0)
    slots = [first + number * SLOT for number in range((BACK + AHEAD) // SLOT)]
    SpotPrice.objects.bulk_create(
        [
            SpotPrice(
                operator=operator,
                area=AREA,
                currency="SEK",
                starts_at=slot,
                price=_price(slot),
                source=SOURCE,
                read_at=as_of,
            )
            for slot in slots
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )


def _price(slot: datetime) -> Decimal:
    local = slot.astimezone(CLOCK)
    price = Decimal(HOURS[local.hour]) * (WEEKEND if local.weekday() > 4 else 1)
    # a day is dearer than another, and each quarter differs a little from the one before
    price *= 1 + Decimal((local.toordinal() * 7) % 11 - 5) / 25
    return round(price + Decimal(local.minute) / 1500, 5)
