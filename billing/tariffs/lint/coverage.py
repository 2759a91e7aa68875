"""Rules about elements together: never reached, decided by their order, or left unpriced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from billing.tariffs.lint import boxes
from billing.tariffs.lint.boxes import Box
from billing.tariffs.lint.finding import Finding, error, warning
from billing.tariffs.lint.told import Told
from billing.tariffs.model import Dimension, Offer, ReservationRule, Tariff
from billing.tariffs.ocpi import WEEKDAYS
from billing.tariffs.writing import decimal_text

MOST_OFFERS: Final = 300
# What the document calls the measured ranges, and how many of ours make one of its units.
UNITS: Final = (
    ("min_kwh", "max_kwh", 1000),
    ("min_duration", "max_duration", 1),
    ("min_power", "max_power", 1000),
    ("min_current", "max_current", 1),
)


@dataclass(frozen=True, slots=True)
class _Held:
    """An offer and the boxes in which its element holds."""

    offer: Offer
    boxes: tuple[Box, ...]

    @property
    def path(self) -> str:
        return f"$.elements[{self.offer.element}].price_components[{self.offer.index}]"


def _groups(tariff: Tariff) -> Iterator[list[_Held]]:
    """Yield the offers that compete: of one dimension, for sessions or one kind of reservation.

    An element that never holds has a rule of its own; a type priced twice in one, too. Raises
    TooMany.
    """
    for dimension in Dimension:
        for rule in (None, *ReservationRule):
            found: dict[int, _Held] = {}
            for offer in tariff.offers[dimension]:
                rules = offer.restrictions
                if (rules.reservation if rules else None) is rule:
                    held = _Held(offer, tuple(boxes.boxes_of(rules)))
                    if held.boxes:
                        found.setdefault(offer.element, held)
            if len(found) > MOST_OFFERS:
                raise boxes.TooMany
            if found:
                yield list(found.values())


def elements_are_reached(told: Told) -> Iterator[Finding]:
    """Find components behind others that hold whenever they would."""
    for offer, hiding in hidden_offers(told.tariff):
        path = f"$.elements[{offer.element}].price_components[{offer.index}]"
        dimension = offer.component.dimension.value
        if hiding is None:
            yield error("unreachable", path, dimension=dimension)
        else:
            yield error("overlap", path, dimension=dimension, earlier=hiding)


def hidden_offers(tariff: Tariff) -> Iterator[tuple[Offer, int | None]]:
    """Yield what is never reached, and the element that hides it; None where several do."""
    for group in _groups(tariff):
        for place, held in enumerate(group):
            earlier = group[:place]
            hiding = next((each for each in earlier if _covers(each.boxes, held.boxes)), None)
            if hiding is not None:
                yield held.offer, hiding.offer.element
            elif _covers([box for each in earlier for box in each.boxes], held.boxes):
                yield held.offer, None


def _covers(over: Sequence[Box], under: Sequence[Box]) -> bool:
    return not boxes.left_of(under, over)


def order_decides_nothing(told: Told) -> Iterator[Finding]:
    """Find two elements that cross and let their order decide a price."""
    for group in _groups(told.tariff):
        for place, held in enumerate(group):
            crossed = next((each for each in group[:place] if _cross(each, held)), None)
            if crossed is not None:
                yield warning(
                    "crossing",
                    held.path,
                    dimension=held.offer.component.dimension.value,
                    earlier=crossed.offer.element,
                )


def _cross(one: _Held, other: _Held) -> bool:
    first, second = one.offer.component, other.offer.component
    is_same = (first.price, first.vat) == (second.price, second.vat)
    if is_same or not boxes.meet(one.boxes, other.boxes):
        return False
    return not (_covers(one.boxes, other.boxes) or _covers(other.boxes, one.boxes))


def nothing_is_left_unpriced(told: Told) -> Iterator[Finding]:
    """Find hours without a price; for energy, also amounts, ages and powers."""
    for group in _groups(told.tariff):
        offer = group[0].offer
        if offer.restrictions is not None and offer.restrictions.reservation is not None:
            continue
        held = [box for each in group for box in each.boxes]
        gap = _gap([_clock_only(box) for box in held], told.tariff)
        if gap is None and offer.component.dimension is Dimension.ENERGY:
            gap = _gap(held, told.tariff)
        if gap is not None:
            dimension = offer.component.dimension.value
            yield warning("gap", "$.elements", dimension=dimension, when=_when(gap))


def _clock_only(box: Box) -> Box:
    return (*box[: boxes.CLOCK_AXES], *boxes.EVERYTHING[boxes.CLOCK_AXES :])


def _gap(held: Sequence[Box], tariff: Tariff) -> Box | None:
    """Return the first case in which nothing holds, within the time of the tariff."""
    rest = boxes.left_of([_whole_time(tariff)], held)
    possible = (box for box in rest if _has_its_weekday(box))
    return min(possible, default=None)


def _whole_time(tariff: Tariff) -> Box:
    """Return everything between the tariff's first and last day, wherever on earth."""
    first = tariff.starts_at.toordinal() - 1 if tariff.starts_at else boxes.FIRST_DAY
    last = tariff.ends_at.toordinal() + 2 if tariff.ends_at else boxes.LAST_DAY
    days = (first, max(last, first + 1))
    return (boxes.WEEK, boxes.DAY, days, *boxes.EVERYTHING[boxes.CLOCK_AXES :])


def _has_its_weekday(box: Box) -> bool:
    first, last = (int(bound) for bound in box[boxes.DATE])
    days = {date.fromordinal(day).weekday() for day in range(first, min(last, first + 7))}
    since, until = (int(bound) for bound in box[boxes.WEEKDAY])
    return not days.isdisjoint(range(since, until))


def _when(box: Box) -> str:
    """Return a case in the keys of the document, so that it reads the same in every language."""
    days, minutes, dates, *measured = box
    words = []
    if days != boxes.WEEK:
        names = (WEEKDAYS[day].value for day in range(int(days[0]), int(days[1])))
        words.append(f"day_of_week {', '.join(names)}")
    if minutes != boxes.DAY:
        words.append(f"start_time {_clock(minutes[0])}, end_time {_clock(minutes[1])}")
    if dates[0] != boxes.FIRST_DAY:
        words.append(f"start_date {date.fromordinal(int(dates[0]))}")
    if dates[1] != boxes.LAST_DAY:
        words.append(f"end_date {date.fromordinal(int(dates[1]))}")
    for (low, high), (least, most, factor) in zip(measured, UNITS, strict=True):
        if low:
            words.append(f"{least} {decimal_text(Fraction(low) / factor)}")
        if high != boxes.END:
            words.append(f"{most} {decimal_text(Fraction(high) / factor)}")
    return ", ".join(words)


def _clock(minute: Fraction | int) -> str:
    hours, minutes = divmod(int(minute), 60)
    return f"{hours % 24:02}:{minutes:02}"
