"""Choosing the price that holds: per dimension, at each instant, the first element that matches.

Source: OCPI 2.2.1 ch. 11.4.4, TariffElement, and 11.4.6, TariffRestrictions.
"""

from collections.abc import Iterable
from datetime import time
from fractions import Fraction

from billing.tariffs.model import Dimension, Offer, ReservationRule, Restrictions, Tariff
from billing.tariffs.splitting import Segment
from stations.metering.session_facts import ReservationOutcome

EXPIRY_FIRST = (ReservationRule.RESERVATION_EXPIRES, ReservationRule.RESERVATION)


def choose_offer(
    dimension: Dimension, segment: Segment, tariff: Tariff, outcome: ReservationOutcome
) -> tuple[Offer | None, frozenset[str]]:
    """Return the offer that prices a dimension over a segment, and the quantities that lacked.

    No offer means free. Where an answer hangs on a quantity nobody measured, the cheapest of
    the possible offers holds.
    """
    possible: list[Offer] = []
    lacking: set[str] = set()
    for offer in _candidates(dimension, segment, tariff, outcome):
        unknown = _unmeasured(offer.restrictions, segment)
        if not _may_hold(offer.restrictions, segment):
            continue
        possible.append(offer)
        if not unknown:
            break
        lacking.update(unknown)
    if not possible:
        return None, frozenset()
    return min(possible, key=lambda offer: offer.component.price), frozenset(lacking)


def _candidates(
    dimension: Dimension, segment: Segment, tariff: Tariff, outcome: ReservationOutcome
) -> Iterable[Offer]:
    offers = tariff.offers[dimension]
    if not segment.period.is_reservation:
        return [offer for offer in offers if _reservation(offer) is None]
    used = outcome is ReservationOutcome.USED
    rules = (ReservationRule.RESERVATION,) if used else EXPIRY_FIRST
    return [offer for rule in rules for offer in offers if _reservation(offer) is rule]


def _reservation(offer: Offer) -> ReservationRule | None:
    return None if offer.restrictions is None else offer.restrictions.reservation


def _may_hold(rules: Restrictions | None, segment: Segment) -> bool:
    """Return whether an element may hold; what was not measured stands in nobody's way."""
    if rules is None:
        return True
    period = segment.period
    return (
        _clock_holds(rules, segment)
        and _within(segment.energy_before_wh, rules.min_energy_wh, rules.max_energy_wh)
        and _within(segment.age_s, rules.min_duration_s, rules.max_duration_s)
        and _range_within(
            (period.min_power_w, period.max_power_w), rules.min_power_w, rules.max_power_w
        )
        and _range_within(
            (period.min_current_a, period.max_current_a), rules.min_current_a, rules.max_current_a
        )
    )


def _clock_holds(rules: Restrictions, segment: Segment) -> bool:
    today = segment.local.date()
    if rules.weekdays and today.weekday() not in rules.weekdays:
        return False
    if rules.start_date is not None and today < rules.start_date:
        return False
    if rules.end_date is not None and today >= rules.end_date:
        return False
    return time_holds(segment.local.time(), rules.start_time, rules.end_time)


def time_holds(now: time, start: time | None, end: time | None) -> bool:
    """Return whether a clock on the wall stands in a window; an end before its start wraps."""
    if start is not None and end is not None:
        if start == end:
            return True
        if end < start:  # over midnight
            return now >= start or now < end
    return (start is None or now >= start) and (end is None or now < end)


def _within(value: Fraction, least: Fraction | None, limit: Fraction | None) -> bool:
    return (least is None or value >= least) and (limit is None or value < limit)


def _range_within(
    seen: tuple[Fraction | int | None, Fraction | int | None],
    least: Fraction | None,
    limit: Fraction | None,
) -> bool:
    low, high = _known_range(seen)
    above = least is None or low is None or low >= least
    return above and (limit is None or high is None or high < limit)


def _known_range(
    seen: tuple[Fraction | int | None, Fraction | int | None],
) -> tuple[Fraction | int | None, Fraction | int | None]:
    low, high = seen
    return (high if low is None else low), (low if high is None else high)


def _unmeasured(rules: Restrictions | None, segment: Segment) -> set[str]:
    """Return the names of the quantities an element asks for and nobody measured."""
    lacking: set[str] = set()
    if rules is None:
        return lacking
    period = segment.period
    if (rules.min_power_w, rules.max_power_w) != (None, None) and (
        period.min_power_w is None and period.max_power_w is None
    ):
        lacking.add("power")
    if (rules.min_current_a, rules.max_current_a) != (None, None) and (
        period.min_current_a is None and period.max_current_a is None
    ):
        lacking.add("current")
    return lacking
