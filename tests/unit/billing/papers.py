"""Tariffs and sessions as short texts for tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.tariffs import cdr, ocpi, price
from billing.tariffs.bill import PricedSession

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)  # a Monday


def component(kind: str, price: Any, vat: Any = None, step: int = 1) -> dict[str, Any]:
    made = {"type": kind, "price": Decimal(str(price)), "step_size": step}
    if vat is not None:
        made["vat"] = Decimal(str(vat))
    return made


def element(*components: dict[str, Any], **restrictions: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"price_components": list(components)}
    if restrictions:
        made["restrictions"] = restrictions
    return made


def tariff(*elements: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {
        "country_code": "SE",
        "party_id": "NOR",
        "id": "1",
        "currency": "SEK",
        "last_updated": "2026-01-01T00:00:00Z",
        "elements": list(elements),
        **extra,
    }


def period(started_at: datetime, **volumes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "start_date_time": started_at.isoformat(),
        "dimensions": [
            {"type": name, "volume": Decimal(str(volume))}
            for name, volume in volumes.items()
            if name != "seconds"
        ],
    }
    if "seconds" in volumes:
        made["duration_seconds"] = volumes["seconds"]
    return made


def session(
    *periods: dict[str, Any],
    start: datetime = NINE,
    end: datetime | None = None,
    zone: str = "UTC",
    **extra: Any,
) -> dict[str, Any]:
    return {
        "time_zone": zone,
        "start_date_time": start.isoformat(),
        "end_date_time": (end or start + timedelta(hours=1)).isoformat(),
        "charging_periods": list(periods),
        **extra,
    }


def priced(
    price_list: dict[str, Any], told: dict[str, Any], *, fees_without_energy: bool = False
) -> PricedSession:
    return price.price_session(
        cdr.parse_session(told),
        ocpi.parse_tariff(price_list),
        fees_without_energy=fees_without_energy,
    )
