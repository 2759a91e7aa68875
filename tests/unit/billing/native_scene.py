"""Our own tariffs and sessions under them, as short texts for tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from billing.tariffs import cdr, ocpi
from billing.tariffs.bill import PricedSession
from billing.tariffs.model import Tariff
from billing.tariffs.native import price
from billing.tariffs.native.model import SLOT, Given, NativeTariff
from stations.metering.session_facts import Held, SessionFacts
from tests.unit.billing.papers import NINE, element, period, session, tariff

MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return NINE + minutes * MINUTE


def base(*components: dict[str, Any], **extra: Any) -> Tariff:
    listed = [element(*components)] if components else []
    return ocpi.parse_tariff(tariff(*listed, **extra), may_be_empty=True)


def stay(
    *,
    kwh: Any = 10,
    charged_min: int = 60,
    idle_min: int = 0,
    start: datetime = NINE,
    zone: str = "UTC",
) -> SessionFacts:
    """Return a session that charges evenly and then stands."""
    charged = start + charged_min * MINUTE
    parts = [period(start, ENERGY=kwh, seconds=charged_min * 60)]
    if idle_min:
        parts.append(period(charged, PARKING_TIME=1, seconds=idle_min * 60))
    told = session(*parts, start=start, end=charged + idle_min * MINUTE, zone=zone)
    return cdr.parse_session(told)


def slots(*prices: Any, start: datetime = NINE) -> Mapping[datetime, Fraction]:
    return {start + number * SLOT: Fraction(str(price)) for number, price in enumerate(prices)}


def paid(
    native: NativeTariff, facts: SessionFacts | None = None, *held: Held, **given: Any
) -> PricedSession:
    told = replace(facts or stay(), held=held)
    return price.price_session(told, native, Given(**given))


def rules_of(result: PricedSession) -> list[list[str]]:
    return [[cause.rule.value for cause in line.causes] for line in result.lines]
