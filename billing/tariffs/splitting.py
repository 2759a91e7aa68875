"""Splitting a session at every instant where a price may change.

Source: OCPI 2.2.1 ch. 10.4.2, ChargingPeriod: a new period whenever a relevant factor changes.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from billing.tariffs import instants, joining
from billing.tariffs.joining import Bounds
from billing.tariffs.model import Restrictions, Tariff
from stations.metering.session_facts import Period, SessionFacts

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch over which every price holds: what was used, and the state at its beginning.

    Energy Wh, time s, power W, current A; None is not measured. Age is the seconds since the
    session began, without a reservation in front of it. What was told of it first ended at
    first_ended_at: a fee is shown with that stretch.
    """

    started_at: datetime
    ended_at: datetime
    first_ended_at: datetime
    local: datetime
    energy_wh: Fraction | None
    charging_s: Fraction
    parking_s: Fraction
    reservation_s: Fraction
    energy_before_wh: Fraction
    age_s: Fraction
    period: Period


def split_session(facts: SessionFacts, tariff: Tariff) -> list[Segment]:
    """Cut the periods of a session wherever a restriction of the tariff may change its answer."""
    bounds = _bounds(facts, tariff.restrictions)
    began_at = session_start(facts)
    segments: list[Segment] = []
    energy_wh = ZERO
    for grown in joining.joined(facts.periods, bounds, began_at):
        period, _first_ended_at = grown
        span_s = instants.seconds_between(period.started_at, period.ended_at)
        edges = [ZERO, *_cuts(period, bounds, began_at, energy_wh, span_s), span_s]
        segments.extend(
            _segment(grown, facts, (left, right, span_s), began_at, energy_wh)
            for left, right in pairwise(edges)
        )
        if period.energy_wh:
            energy_wh += period.energy_wh
    return segments


def _bounds(facts: SessionFacts, restrictions: tuple[Restrictions, ...]) -> Bounds:
    if not restrictions:
        return Bounds()
    return Bounds(
        _strikes(facts, restrictions),
        sorted(_age_bounds(restrictions)),
        sorted(_energy_bounds(restrictions)),
        asks_measures=joining.asks_measures(restrictions),
    )


def _strikes(facts: SessionFacts, restrictions: tuple[Restrictions, ...]) -> list[datetime]:
    """Return the instants, in order, at which the clock on the wall may change an answer."""
    followed = [rules for rules in restrictions if rules.follows_clock]
    if not followed or not facts.periods:
        return []
    clocks = [clock for rules in followed for clock in (rules.start_time, rules.end_time) if clock]
    first = min(period.started_at for period in facts.periods)
    last = max(period.ended_at for period in facts.periods)
    return instants.clock_changes(first, last, facts.time_zone, clocks)


def session_start(facts: SessionFacts) -> datetime:
    """Return when the session itself began: behind the reservation, if one was in front."""
    if not any(period.is_reservation for period in facts.periods):
        return facts.started_at
    starts = (each.started_at for each in facts.periods if not each.is_reservation)
    return next(starts, facts.ended_at)


def _cuts(
    period: Period, bounds: Bounds, began_at: datetime, energy_wh: Fraction, span_s: Fraction
) -> list[Fraction]:
    """Return where inside a period to cut, in seconds from its beginning, in order."""
    first = bisect_right(bounds.strikes, period.started_at)
    last = bisect_left(bounds.strikes, period.ended_at)
    found = {
        instants.seconds_between(period.started_at, strike)
        for strike in bounds.strikes[first:last]
    }
    if bounds.ages:
        offset_s = instants.seconds_between(began_at, period.started_at)
        found.update(bound - offset_s for bound in bounds.ages)
    energy = period.energy_wh
    if energy and bounds.energies:
        pace = span_s / energy
        found.update((bound - energy_wh) * pace for bound in bounds.energies)
    return sorted(cut for cut in found if 0 < cut < span_s)


def _age_bounds(restrictions: tuple[Restrictions, ...]) -> set[Fraction]:
    pairs = ((rules.min_duration_s, rules.max_duration_s) for rules in restrictions)
    return {bound for pair in pairs for bound in pair if bound is not None}


def _energy_bounds(restrictions: tuple[Restrictions, ...]) -> set[Fraction]:
    pairs = ((rules.min_energy_wh, rules.max_energy_wh) for rules in restrictions)
    return {bound for pair in pairs for bound in pair if bound is not None}


def _segment(
    grown: tuple[Period, datetime],
    facts: SessionFacts,
    place: tuple[Fraction, Fraction, Fraction],
    began_at: datetime,
    energy_before_wh: Fraction,
) -> Segment:
    period, first_ended_at = grown
    left, right, span_s = place
    is_whole = left == 0 and right == span_s
    share = 1 if is_whole else (right - left) / span_s
    started_at = instants.later(period.started_at, left) if left else period.started_at
    ended_at = period.ended_at if right == span_s else instants.later(period.started_at, right)
    before = (period.energy_wh or 0) * left / span_s if left else ZERO
    age_s = instants.seconds_between(began_at, period.started_at) + left
    return Segment(
        started_at=started_at,
        ended_at=ended_at,
        first_ended_at=min(ended_at, first_ended_at),
        local=started_at.astimezone(facts.time_zone),
        energy_wh=None if period.energy_wh is None else _part(period.energy_wh, share),
        charging_s=_part(period.charging_s, share),
        parking_s=_part(period.parking_s, share),
        reservation_s=_part(period.reservation_s, share),
        energy_before_wh=energy_before_wh + before if before else energy_before_wh,
        age_s=max(age_s, ZERO),
        period=period,
    )


def _part(volume: Fraction | int, share: Fraction | int) -> Fraction:
    part = volume if share == 1 else volume * share
    return part if type(part) is Fraction else Fraction(part)
