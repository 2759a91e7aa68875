"""The price a driver sees before charging, with tax, in the order the law asks for.

Per kWh, per minute, per session, then whatever else. Source: Regulation (EU) 2023/1804 art. 5.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from typing import Final

from billing.tariffs import bill, selection
from billing.tariffs.bill import LineKind, PricedLine
from billing.tariffs.model import Dimension, Offer, PriceLimit, Restrictions, TaxIncluded
from billing.tariffs.native.model import SLOT, NativeTariff
from billing.tariffs.native.spot import price_of, slot_of

MINUTES_PER_HOUR: Final = 60
NEVER: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Kind(Enum):
    """What a price is for, in the order in which a driver reads them."""

    PER_KWH = "per_kwh"
    SPOT_NOW = "spot_now"
    SPOT_AHEAD = "spot_ahead"
    SPOT = "spot"
    PER_MINUTE = "per_minute"
    IDLE_MINUTE = "idle_minute"
    PER_SESSION = "per_session"
    RESERVATION = "reservation"
    LEAST = "least"
    MOST = "most"
    MOST_A_DAY = "most_a_day"


ORDER: Final = tuple(Kind)
KINDS: Final = {
    Dimension.ENERGY: Kind.PER_KWH,
    Dimension.TIME: Kind.PER_MINUTE,
    Dimension.PARKING_TIME: Kind.IDLE_MINUTE,
    Dimension.FLAT: Kind.PER_SESSION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One price with tax; None is one that nobody can say beforehand.

    Rules are when it holds, None is always; grace in s is before it begins. `is_now` is what
    holds where charging begins at this instant.
    """

    kind: Kind
    incl: Fraction | None
    is_now: bool = True
    rules: Restrictions | None = None
    grace_s: int = 0
    cap: Fraction | None = None
    # Of several prices the lowest is told as the price, and this is the highest, until when.
    highest: Fraction | None = None
    until: datetime | None = None


def shown_prices(
    tariff: NativeTariff,
    *,
    local: datetime,
    power_w: int | None = None,
    spot: Mapping[datetime, Fraction] | None = None,
) -> tuple[Shown, ...]:
    """Return every price a driver may meet at a connector of a power in W, free ones left out.

    Spot prices are the exchange's, by the start of their quarter.
    """
    found = [*_listed(tariff, local, power_w), *_spot(tariff, local, spot or {})]
    found += [*_idle(tariff), *_limits(tariff)]
    return tuple(sorted(found, key=lambda each: (ORDER.index(each.kind), not each.is_now)))


def _listed(tariff: NativeTariff, local: datetime, power_w: int | None) -> Iterator[Shown]:
    for dimension, kind in KINDS.items():
        offers = [*_class_offers(tariff, dimension, power_w), *tariff.base.offers[dimension]]
        is_taken = False
        for offer in offers:
            rules = offer.restrictions
            is_reserved = rules is not None and rules.reservation is not None
            holds = not is_reserved and not is_taken and _holds(rules, local, power_w)
            is_taken = is_taken or holds
            if offer.component.price or (holds and len(offers) > 1):
                yield Shown(
                    kind=Kind.RESERVATION if is_reserved else kind,
                    incl=_incl(tariff, offer, dimension),
                    is_now=holds,
                    rules=rules,
                )
            if rules is None:
                break  # what comes after one that always holds is never met


def _class_offers(
    tariff: NativeTariff, dimension: Dimension, power_w: int | None
) -> Iterator[Offer]:
    for each in tariff.power_classes:
        if power_w is not None and each.has(power_w):
            for number, element in enumerate(each.elements):
                for index, component in enumerate(element.components):
                    if component.dimension is dimension:
                        yield Offer(number, index, component, element.restrictions)


def _holds(rules: Restrictions | None, local: datetime, power_w: int | None) -> bool:
    """Return whether a price holds in the first moment of a session."""
    if rules is None:
        return True
    today = local.date()
    days = not rules.weekdays or today.weekday() in rules.weekdays
    begun = rules.start_date is None or today >= rules.start_date
    ended = rules.end_date is not None and today >= rules.end_date
    first = not rules.min_energy_wh and not rules.min_duration_s and not rules.min_current_a
    power = power_w is None or (
        (rules.min_power_w is None or power_w >= rules.min_power_w)
        and (rules.max_power_w is None or power_w < rules.max_power_w)
    )
    clock = selection.time_holds(local.time(), rules.start_time, rules.end_time)
    return days and begun and not ended and first and power and clock


def _incl(tariff: NativeTariff, offer: Offer, dimension: Dimension) -> Fraction | None:
    per_minute = dimension in {Dimension.TIME, Dimension.PARKING_TIME}
    price = offer.component.price / (MINUTES_PER_HOUR if per_minute else 1)
    return _with_tax(tariff, price, offer.component.vat)


def _with_tax(tariff: NativeTariff, price: Fraction, vat: Fraction | None) -> Fraction | None:
    line = PricedLine(
        kind=LineKind.ENERGY,
        element=None,
        component=None,
        started_at=NEVER,
        ended_at=NEVER,
        quantity=Fraction(1),
        billed_quantity=Fraction(1),
        price=price,
        vat=vat,
    )
    return bill.with_amount(line, tariff.base.tax_included).amount.incl


def _spot(
    tariff: NativeTariff, local: datetime, exchange: Mapping[datetime, Fraction]
) -> Iterator[Shown]:
    """Yield the price of this quarter and the range of those that follow, else what we add."""
    ours = tariff.spot
    if ours is None:
        return
    now = slot_of(local.astimezone(UTC))
    if now not in exchange:
        yield Shown(kind=Kind.SPOT, incl=_with_tax(tariff, ours.markup + ours.grid_fee, ours.vat))
        return
    costs = {
        slot: _with_tax(tariff, price_of(exchange[slot], ours, tariff.base.tax_included), ours.vat)
        for slot in sorted(exchange)
        if slot >= now
    }
    yield Shown(kind=Kind.SPOT_NOW, incl=costs[now])
    ahead = [cost for slot, cost in costs.items() if slot > now and cost is not None]
    if ahead:
        yield Shown(
            kind=Kind.SPOT_AHEAD,
            incl=min(ahead),
            highest=max(ahead),
            until=max(costs) + SLOT,
            is_now=False,
        )


def _idle(tariff: NativeTariff) -> Iterator[Shown]:
    fee = tariff.idle_fee
    if fee is not None and fee.price:
        has_hours = fee.start_time is not None or fee.end_time is not None
        rules = Restrictions(start_time=fee.start_time, end_time=fee.end_time)
        yield Shown(
            kind=Kind.IDLE_MINUTE,
            incl=_with_tax(tariff, fee.price / MINUTES_PER_HOUR, fee.vat),
            rules=rules if has_hours else None,
            grace_s=fee.grace_s,
            cap=_side(tariff, fee.cap),
        )


def _limits(tariff: NativeTariff) -> Iterator[Shown]:
    limits = (
        (Kind.LEAST, tariff.base.min_price),
        (Kind.MOST, tariff.base.max_price),
        (Kind.MOST, tariff.max_per_session),
        (Kind.MOST_A_DAY, tariff.max_per_day),
    )
    for kind, limit in limits:
        if limit is not None:
            yield Shown(kind=kind, incl=_side(tariff, limit))


def _side(tariff: NativeTariff, limit: PriceLimit | None) -> Fraction | None:
    """Return a limit with tax, None where only the side without is told."""
    if limit is None:
        return None
    if limit.incl is None and tariff.base.tax_included is TaxIncluded.NOT_APPLICABLE:
        return limit.excl
    return limit.incl
