"""A tariff in the words an OCPP 2.1 station reckons with, where it can be said exactly.

Money excluding tax, energy in Wh, power in W, times local. What OCPP 2.1 has no words for is
refused by name: a station that shows no price is better than one that shows a wrong one.
Source: OCPP 2.1 TariffType; OCPI 2.2.1 ch. 11.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from fractions import Fraction
from typing import Any, Final

from billing.tariffs.model import (
    Dimension,
    Offer,
    PriceLimit,
    Restrictions,
    Tariff,
    TaxIncluded,
)

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Where a dimension's prices stand, what one is called, and how many of it OCPI prices at once.
PLACES: Final[Mapping[Dimension, tuple[str, str, int]]] = {
    Dimension.ENERGY: ("energy", "priceKwh", 1),
    Dimension.TIME: ("chargingTime", "priceMinute", 60),
    Dimension.PARKING_TIME: ("idleTime", "priceMinute", 60),
    Dimension.FLAT: ("fixedFee", "priceFixed", 1),
}
# What we measure between two bounds, and its words: inclusive below, exclusive above, as in OCPI.
RANGES: Final = (
    ("min_energy_wh", "max_energy_wh", "minEnergy", "maxEnergy"),
    ("min_current_a", "max_current_a", "minCurrent", "maxCurrent"),
    ("min_power_w", "max_power_w", "minPower", "maxPower"),
    ("min_duration_s", "max_duration_s", "minTime", "maxTime"),
)
WHOLE: Final = ("min_duration_s", "max_duration_s")
CLOCK: Final = ("start_time", "end_time")
MIDNIGHT: Final = time(0)
MOST_DECIMALS: Final = 6
ID_LENGTH: Final = 40
HUNDRED: Final = 100


class Unsayable(ValueError):
    """A tariff OCPP 2.1 has no exact words for; the text names what stands in the way."""


@dataclass(frozen=True, slots=True)
class StationTariff:
    """A tariff ready for the wire, under an id that only this content has."""

    tariff_id: str
    text: str


def say_tariff(tariff: Tariff, *, scope: str, as_of: datetime) -> StationTariff:
    """Return a tariff as a station reckons with it, one id a scope and content (I07, I08).

    It holds from now on: a driver's tariff must not say from when (I08.FR.09). Raises Unsayable.
    """
    if tariff.starts_at is not None and tariff.starts_at > as_of:
        raise Unsayable("a tariff that has not begun")
    if tariff.ends_at is not None:
        raise Unsayable("an end of the tariff")
    said: dict[str, Any] = {"currency": tariff.currency}
    for dimension, (place, _, _) in PLACES.items():
        if tariff.offers[dimension]:
            said[place] = _prices(tariff, dimension)
    for limit, place in ((tariff.min_price, "minCost"), (tariff.max_price, "maxCost")):
        if limit is not None:
            said[place] = _limit(limit)
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(f"{scope}\n{text}".encode()).hexdigest()
    tariff_id = digest[:ID_LENGTH]
    return StationTariff(tariff_id, json.dumps({"tariffId": tariff_id, **said}))


def _prices(tariff: Tariff, dimension: Dimension) -> dict[str, Any]:
    _, word, parts = PLACES[dimension]
    offers = tariff.offers[dimension]
    rates = {offer.component.vat for offer in offers}
    if len(rates) > 1:
        raise Unsayable("several tax rates for one kind of price")
    if any(offer.component.step_size > 1 for offer in offers if dimension is not Dimension.FLAT):
        raise Unsayable("billing in steps")
    rate = rates.pop()
    said: dict[str, Any] = {"prices": []}
    for offer, held in _apart(offers):
        price = _net(offer.component.price, rate, tariff.tax_included) / parts
        row: dict[str, Any] = {word: _number(price, "a price without a finite decimal")}
        conditions = _conditions(held, dimension) if held is not None else {}
        if conditions:
            row["conditions"] = conditions
        said["prices"].append(row)
    if tariff.tax_included is not TaxIncluded.NOT_APPLICABLE and rate is not None:
        said["taxRates"] = [{"type": "VAT", "tax": _number(rate, "a tax rate")}]
    return said


def _net(price: Fraction, rate: Fraction | None, included: TaxIncluded) -> Fraction:
    """Return a price without tax; in OCPI no rate is no tax where prices are said without it."""
    if included is not TaxIncluded.YES:
        return price
    if rate is None:
        raise Unsayable("a price whose tax nobody knows")
    return price / (1 + rate / HUNDRED)


def _limit(limit: PriceLimit) -> dict[str, Any]:
    if limit.incl is None:
        raise Unsayable("a limit of the price whose tax nobody knows")
    what = "a limit without a finite decimal"
    return {"exclTax": _number(limit.excl, what), "inclTax": _number(limit.incl, what)}


def _number(value: Fraction, what: str) -> int | float:
    """Return a JSON number that is the value to its last digit; raises Unsayable."""
    scaled = value * 10**MOST_DECIMALS
    if scaled.denominator != 1 or abs(scaled.numerator) >= 10**15:
        raise Unsayable(what)
    # Below 15 digits a double prints as the decimal it was made of: JSON has no other number.
    return value.numerator if value.denominator == 1 else float(value)


def _apart(offers: tuple[Offer, ...]) -> list[tuple[Offer, Restrictions | None]]:
    """Return offers of which one at most holds at any time.

    OCPI takes the first that holds. Which one a station takes is its own affair, so it must never
    have the choice: what is left to the last offer is said in its conditions.
    """
    rows = [(offer, offer.restrictions) for offer in offers]
    if len(rows) == 2 and rows[0][1] is not None and rows[1][1] is None:
        rows[1] = (rows[1][0], _rest_of(rows[0][1]))
    for place, (_, held) in enumerate(rows):
        for _, other in rows[place + 1 :]:
            if held is None or other is None or not _exclude(held, other):
                raise Unsayable("prices that hold at the same time")
    return rows


def _rest_of(held: Restrictions) -> Restrictions:
    """Return the conditions under which others do not hold; raises Unsayable."""
    said = {
        name for name in Restrictions.__slots__ if getattr(held, name) not in (None, frozenset())
    }
    if said and said <= set(CLOCK):
        start, end = held.start_time or MIDNIGHT, held.end_time or MIDNIGHT
        return Restrictions(start_time=end, end_time=start)
    if said == {"weekdays"}:
        return Restrictions(weekdays=frozenset(range(7)) - held.weekdays)
    for low, high, _, _ in RANGES:
        if said == {low}:
            return Restrictions(**{high: getattr(held, low)})
        if said == {high}:
            return Restrictions(**{low: getattr(held, high)})
    raise Unsayable("prices that hold at the same time")


def _exclude(one: Restrictions, other: Restrictions) -> bool:
    """Say whether two sets of conditions can never hold together."""
    if one.weekdays and other.weekdays and not one.weekdays & other.weekdays:
        return True
    if _dates_exclude(one, other) or _clocks_exclude(one, other):
        return True
    return any(
        _ends_before(one, other, low, high) or _ends_before(other, one, low, high)
        for low, high, _, _ in RANGES
    )


def _ends_before(one: Restrictions, other: Restrictions, low: str, high: str) -> bool:
    end, start = getattr(one, high), getattr(other, low)
    return end is not None and start is not None and end <= start


def _dates_exclude(one: Restrictions, other: Restrictions) -> bool:
    return _ends_before(one, other, "start_date", "end_date") or _ends_before(
        other, one, "start_date", "end_date"
    )


def _clocks_exclude(one: Restrictions, other: Restrictions) -> bool:
    return not any(
        first[0] < second[1] and second[0] < first[1]
        for first in _minutes(one)
        for second in _minutes(other)
    )


def _minutes(held: Restrictions) -> list[tuple[int, int]]:
    """Return when in a day conditions hold, as minutes, none of it over midnight."""
    start = _minute(held.start_time or MIDNIGHT)
    end = _minute(held.end_time or MIDNIGHT) or 24 * 60
    return [(start, end)] if start < end else [(0, end), (start, 24 * 60)]


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _conditions(held: Restrictions, dimension: Dimension) -> dict[str, Any]:
    if held.reservation is not None:
        raise Unsayable("a price of a reservation")
    said: dict[str, Any] = {}
    if held.start_time is not None or held.end_time is not None:
        if (held.start_time or MIDNIGHT) == (held.end_time or MIDNIGHT):
            raise Unsayable("hours that begin when they end")
        said["startTimeOfDay"] = f"{held.start_time or MIDNIGHT:%H:%M}"
        said["endTimeOfDay"] = f"{held.end_time or MIDNIGHT:%H:%M}"
    if held.weekdays:
        said["dayOfWeek"] = [DAYS[day] for day in sorted(held.weekdays)]
    if held.start_date is not None:
        said["validFromDate"] = held.start_date.isoformat()
    if held.end_date is not None:
        said["validToDate"] = held.end_date.isoformat()
    measured = _measured(held)
    if measured and dimension is Dimension.FLAT:
        raise Unsayable("a fee that depends on what is measured")
    return said | measured


def _measured(held: Restrictions) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for low, high, least, most in RANGES:
        for name, word in ((low, least), (high, most)):
            value = getattr(held, name)
            if value is None:
                continue
            if name in WHOLE and value.denominator != 1:
                raise Unsayable("a part of a second")
            said[word] = _number(value, "a bound without a finite decimal")
    return said
