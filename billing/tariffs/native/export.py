"""Saying one of our own tariffs in OCPI, and naming everything that gets lost on the way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from billing.tariffs import ocpi_document
from billing.tariffs.lint import boxes, coverage
from billing.tariffs.model import (
    Component,
    Dimension,
    Element,
    PriceLimit,
    Restrictions,
    Tariff,
)
from billing.tariffs.native.model import SLOT, IdleFee, NativeTariff, PowerClass, SpotPrice
from billing.tariffs.native.spot import price_of
from billing.tariffs.ocpi_document import Identity, Version
from billing.tariffs.writing import instant_text


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


NO_GRACE: Final = gettext_noop(
    "The grace of %(seconds)s s is lost: OCPI charges for standing from the first second."
)
NO_IDLE_CAP: Final = gettext_noop("The cap of the idle fee is lost: OCPI has none for one price.")
NO_DAY_CAP: Final = gettext_noop("The cap per day is lost: OCPI knows one session at a time.")
NO_SPOT: Final = gettext_noop(
    "The spot prices are lost: none were given. Export again when they are known."
)
SPOT_ENDS: Final = gettext_noop(
    "After %(end)s there is no price for energy: export again when the next prices are known."
)
DOUBLE_HOUR: Final = gettext_noop(
    "On %(day)s an hour comes twice: OCPI cannot tell them apart, both get the first one's price."
)
CLASS_MEASURED: Final = gettext_noop(
    "The class is by the power of the connector: OCPI asks for the power that flows."
)
CLASS_CHOSEN: Final = gettext_noop(
    "Only the prices of connectors of %(kw)s kW are told: give each connector its own tariff."
)
NEGATIVE: Final = gettext_noop("The price %(price)s is told as 0: OCPI knows no price below.")
ROUNDED: Final = gettext_noop("The price %(price)s has endless decimals and ends at twelve.")


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing OCPI cannot say: its place in our tariff, and a template with its values."""

    where: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the sentence in English; a page translates the template and fills it itself."""
        return self.template % self.values


@dataclass(frozen=True, slots=True)
class Export:
    """A tariff in OCPI, and what of it is lost; nothing lost is a tariff that costs the same."""

    tariff: Tariff
    document: dict[str, Any]
    lost: tuple[Loss, ...]


def export_tariff(
    tariff: NativeTariff,
    identity: Identity,
    *,
    version: Version,
    zone: ZoneInfo,
    spot: Mapping[datetime, Fraction] | None = None,
    connector_power_w: Fraction | int | None = None,
) -> Export:
    """Return a tariff as OCPI says it, and a list of what is lost.

    Spot prices become elements of their hours, local to the zone. Where the connector's power in
    W is given only its class is told; without, classes are told by the power that flows.
    """
    lost: list[Loss] = []
    classes = list(_class_elements(tariff, connector_power_w, lost))
    energy = list(_spot_elements(tariff, spot or {}, zone, lost))
    idle = [_idle_element(tariff.idle_fee, lost)] if tariff.idle_fee is not None else []
    if tariff.max_per_day is not None:
        lost.append(Loss("$.max_per_day", NO_DAY_CAP))
    plain = replace(
        tariff.base,
        elements=(*classes, *tariff.base.elements, *energy, *idle),
        max_price=_lower(tariff.base.max_price, tariff.max_per_session),
    )
    plain = _reached(plain)
    lost += _rounded(plain)
    return Export(plain, ocpi_document.tariff_document(plain, identity, version), tuple(lost))


def _class_elements(
    tariff: NativeTariff, power_w: Fraction | int | None, lost: list[Loss]
) -> Iterator[Element]:
    for number, each in enumerate(tariff.power_classes):
        where = f"$.power_classes[{number}]"
        if power_w is None:
            lost.append(Loss(where, CLASS_MEASURED))
            yield from (_by_power(element, each) for element in each.elements)
        elif each.has(power_w):
            yield from each.elements
    if tariff.power_classes and power_w is not None:
        kw = ocpi_document.number(Fraction(power_w) / 1000)
        lost.append(Loss("$.power_classes", CLASS_CHOSEN, {"kw": kw}))


def _by_power(element: Element, each: PowerClass) -> Element:
    rules = element.restrictions or Restrictions()
    least = max(each.from_w, rules.min_power_w or Fraction(0))
    tops = [top for top in (each.below_w, rules.max_power_w) if top is not None]
    bound = replace(rules, min_power_w=least or None, max_power_w=min(tops, default=None))
    return replace(element, restrictions=bound)


def _idle_element(fee: IdleFee, lost: list[Loss]) -> Element:
    if fee.grace_s:
        lost.append(Loss("$.idle_fee.grace_s", NO_GRACE, {"seconds": fee.grace_s}))
    if fee.cap is not None:
        lost.append(Loss("$.idle_fee.cap", NO_IDLE_CAP))
    component = Component(Dimension.PARKING_TIME, fee.price, fee.vat, 1)
    if fee.start_time is None and fee.end_time is None:
        return Element((component,))
    rules = Restrictions(start_time=fee.start_time, end_time=fee.end_time)
    return Element((component,), rules)


def _spot_elements(
    tariff: NativeTariff, prices: Mapping[datetime, Fraction], zone: ZoneInfo, lost: list[Loss]
) -> Iterator[Element]:
    """Yield an element for each stretch of one local day with one price."""
    if tariff.spot is None:
        return
    if not prices:
        lost.append(Loss("$.spot", NO_SPOT))
        return
    last = max(prices) + SLOT
    lost.append(Loss("$.spot", SPOT_ENDS, {"end": last.astimezone(zone).isoformat()}))
    yield from _hours(_by_wall(tariff, prices, zone, lost), tariff.spot)


def _by_wall(
    tariff: NativeTariff, prices: Mapping[datetime, Fraction], zone: ZoneInfo, lost: list[Loss]
) -> dict[datetime, Fraction]:
    """Return prices by the start of their slot on the wall; of an hour that is twice the first."""
    assert tariff.spot is not None, "asked for spot prices only"
    found: dict[datetime, Fraction] = {}
    doubled: set[date] = set()
    for slot in sorted(prices):
        wall = slot.astimezone(zone).replace(tzinfo=None)
        price = price_of(prices[slot], tariff.spot, tariff.base.tax_included)
        if price < 0:
            where = f"$.spot[{instant_text(slot)}]"
            lost.append(Loss(where, NEGATIVE, {"price": ocpi_document.number(price)}))
            price = Fraction(0)
        if found.setdefault(wall, price) != price:
            doubled.add(wall.date())
    lost += (Loss("$.spot", DOUBLE_HOUR, {"day": day.isoformat()}) for day in sorted(doubled))
    return found


def _hours(prices: Mapping[datetime, Fraction], spot: SpotPrice) -> Iterator[Element]:
    walls = sorted(prices)
    starts = [walls[0]]
    for before, wall in pairwise(walls):
        is_next = wall - before == SLOT and wall.date() == before.date()
        if not is_next or prices[wall] != prices[before]:
            starts.append(wall)
    ends = {start: _end(start, prices) for start in starts}
    for start, end in ends.items():
        component = Component(Dimension.ENERGY, prices[start], spot.vat, 1)
        rules = Restrictions(
            start_time=start.time(),
            end_time=None if end.time() == time(0) else end.time(),
            start_date=start.date(),
            end_date=start.date() + timedelta(days=1),
        )
        yield Element((component,), rules)


def _end(start: datetime, prices: Mapping[datetime, Fraction]) -> datetime:
    end = start + SLOT
    while end in prices and end.date() == start.date() and prices[end] == prices[start]:
        end += SLOT
    return end


def _reached(tariff: Tariff) -> Tariff:
    """Return a tariff without what a class took the place of, where that can be proved."""
    try:
        hidden_offers = list(coverage.hidden_offers(tariff))
    except boxes.TooMany:
        return tariff
    hidden = {(offer.element, offer.index) for offer, _ in hidden_offers}
    elements = (
        replace(
            element,
            components=tuple(
                component
                for index, component in enumerate(element.components)
                if (number, index) not in hidden
            ),
        )
        for number, element in enumerate(tariff.elements)
    )
    return replace(tariff, elements=tuple(each for each in elements if each.components))


def _lower(one: PriceLimit | None, other: PriceLimit | None) -> PriceLimit | None:
    """Return the limit that holds where both do: each side the lower."""
    if one is None or other is None:
        return one or other
    sides = [side for side in (one.incl, other.incl) if side is not None]
    return PriceLimit(min(one.excl, other.excl), min(sides, default=None))


def _rounded(tariff: Tariff) -> Iterator[Loss]:
    for number, element in enumerate(tariff.elements):
        for component in element.components:
            told = ocpi_document.number(component.price)
            if Fraction(told) != component.price:
                yield Loss(f"$.elements[{number}]", ROUNDED, {"price": told})
