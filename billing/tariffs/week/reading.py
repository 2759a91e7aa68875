"""Reading a tariff back into the week's form, where the form can show all of it."""

from collections import Counter
from collections.abc import Iterable
from datetime import time
from fractions import Fraction
from typing import Final

from billing.tariffs import selection
from billing.tariffs.model import (
    Component,
    Dimension,
    Offer,
    PriceLimit,
    Restrictions,
    Tariff,
    TaxIncluded,
)
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.week.model import (
    DAYS,
    HOURS,
    LETTERS,
    Level,
    SpotPart,
    Unpaintable,
    WeekForm,
)


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


MINUTES_PER_HOUR: Final = 60
S_PER_MINUTE: Final = 60
HUNDRED: Final = Fraction(100)
# A limit without tax may have endless decimals, and is written with twelve.
ROUNDING: Final = Fraction(1, 10**9)
OTHER_RULES: Final = gettext_noop("a price that depends on more than the hour and the weekday")
HALF_HOURS: Final = gettext_noop("a price that changes within the hour")
MANY_LEVELS: Final = gettext_noop("more than six price levels")
MANY_RATES: Final = gettext_noop("more than one rate of VAT")
STEPS: Final = gettext_noop("a step larger than one")
OWN_PARTS: Final = gettext_noop("power classes, or a cap per session beside the highest price")
LIMITS: Final = gettext_noop("a limit whose two sides differ by another tax than the prices")
DATES: Final = gettext_noop("a first or last instant")
NO_TAX: Final = gettext_noop("that no tax applies")
SOME_HOURS: Final = gettext_noop("a fee that holds at some hours only")
SHOWN_RULES: Final = frozenset({"start_time", "end_time", "weekdays"})


def read_week(tariff: NativeTariff, texts: Iterable[tuple[str, str]] = ()) -> WeekForm:
    """Return a tariff as the form shows it; raises Unpaintable where it would lose something."""
    base = tariff.base
    _check(tariff)
    idle = tariff.idle_fee
    parking = _one(base, Dimension.PARKING_TIME)
    levels, week = _week(base)
    per_hour = idle.price if idle else parking
    vat = _vat(tariff)
    return WeekForm(
        currency=base.currency,
        levels=levels,
        week=week,
        vat=vat,
        is_tax_included=base.tax_included is TaxIncluded.YES,
        start_fee=_one(base, Dimension.FLAT),
        idle_per_minute=None if per_hour is None else per_hour / MINUTES_PER_HOUR,
        idle_grace_min=idle.grace_s // 60 if idle else 0,
        idle_cap=_side(tariff, idle.cap if idle else None, vat),
        idle_start=idle.start_time if idle else None,
        idle_end=idle.end_time if idle else None,
        is_idle_by_minute=_idle_step(base) == S_PER_MINUTE,
        spot=_spot(tariff),
        least=_side(tariff, base.min_price, vat),
        most=_side(tariff, base.max_price, vat),
        most_per_day=_side(tariff, tariff.max_per_day, vat),
        texts=tuple(texts),
    )


def _spot(tariff: NativeTariff) -> SpotPart | None:
    ours = tariff.spot
    return None if ours is None else SpotPart(ours.markup, ours.grid_fee, ours.least)


def _idle_step(base: Tariff) -> int:
    offers = base.offers[Dimension.PARKING_TIME]
    return int(offers[0].component.step_size) if offers else 1


def _check(tariff: NativeTariff) -> None:
    idle = tariff.idle_fee
    is_odd = idle is not None and idle.grace_s % 60 > 0
    if tariff.power_classes or tariff.max_per_session is not None or is_odd:
        raise Unpaintable("$", OWN_PARTS)
    if tariff.base.starts_at or tariff.base.ends_at:
        raise Unpaintable("$.start_date_time", DATES)
    if tariff.base.tax_included is TaxIncluded.NOT_APPLICABLE:
        raise Unpaintable("$.tax_included", NO_TAX)
    for number, element in enumerate(tariff.base.elements):
        where = f"$.elements[{number}]"
        if any(_is_stepped(each) for each in element.components):
            raise Unpaintable(where, STEPS)
        if element.restrictions is not None:
            _check_rules(element.restrictions, where)


def _is_stepped(component: Component) -> bool:
    """Return whether a price has a step the form cannot show; it shows minutes of standing."""
    is_shown = (
        component.dimension is Dimension.PARKING_TIME and component.step_size == S_PER_MINUTE
    )
    return bool(component.price) and component.step_size > 1 and not is_shown


def _check_rules(rules: Restrictions, where: str) -> None:
    for name in Restrictions.__slots__:
        value = getattr(rules, name)
        if name not in SHOWN_RULES and value is not None:
            raise Unpaintable(where, OTHER_RULES)
    for clock in (rules.start_time, rules.end_time):
        if clock is not None and clock.minute:
            raise Unpaintable(where, HALF_HOURS)


def _one(base: Tariff, dimension: Dimension) -> Fraction | None:
    """Return the price of a kind that holds at every hour; None where there is none."""
    offers = base.offers[dimension]
    if not offers:
        return None
    if offers[0].restrictions is not None:
        raise Unpaintable(f"$.elements[{offers[0].element}]", SOME_HOURS)
    return offers[0].component.price


def _vat(tariff: NativeTariff) -> Fraction | None:
    rates = {part.vat for element in tariff.base.elements for part in element.components}
    rates |= {part.vat for part in (tariff.idle_fee, tariff.spot) if part is not None}
    if len(rates) > 1:
        raise Unpaintable("$.elements", MANY_RATES)
    return next(iter(rates), None)


def _side(tariff: NativeTariff, limit: PriceLimit | None, vat: Fraction | None) -> Fraction | None:
    """Return a limit as the form tells it; raises Unpaintable where the form would change it."""
    if limit is None:
        return None
    is_inside = tariff.base.tax_included is TaxIncluded.YES
    if limit.incl is None:
        if is_inside and vat:
            raise Unpaintable("$", LIMITS)
        return limit.excl
    if abs(limit.excl * (1 + (vat or 0) / HUNDRED) - limit.incl) > ROUNDING:
        raise Unpaintable("$", LIMITS)
    return limit.incl if is_inside else limit.excl


def _week(base: Tariff) -> tuple[tuple[Level, ...], tuple[str, ...]]:
    cells = [[_level_at(base, day, hour) for hour in range(HOURS)] for day in range(DAYS)]
    counts = Counter(level for row in cells for level, _element in row)
    first = {level: element for row in cells for level, element in reversed(row)}
    common = max(counts, key=lambda level: counts[level])
    levels = sorted(counts, key=lambda level: (level != common, first[level]))
    if len(levels) > len(LETTERS):
        raise Unpaintable("$.elements", MANY_LEVELS)
    week = ("".join(LETTERS[levels.index(level)] for level, _element in row) for row in cells)
    return tuple(levels), tuple(week)


def _level_at(base: Tariff, day: int, hour: int) -> tuple[Level, int]:
    """Return what an hour costs, and the first element that says so."""
    energy = _offer_at(base.offers[Dimension.ENERGY], day, hour)
    hourly = _offer_at(base.offers[Dimension.TIME], day, hour)
    level = Level(
        None if energy is None else energy.component.price,
        None if hourly is None else hourly.component.price / MINUTES_PER_HOUR,
    )
    return level, min((each.element for each in (energy, hourly) if each), default=0)


def _offer_at(offers: Iterable[Offer], day: int, hour: int) -> Offer | None:
    for offer in offers:
        if offer.restrictions is None or _holds(offer.restrictions, day, time(hour)):
            return offer
    return None


def _holds(rules: Restrictions, day: int, clock: time) -> bool:
    if rules.weekdays and day not in rules.weekdays:
        return False
    return selection.time_holds(clock, rules.start_time, rules.end_time)
