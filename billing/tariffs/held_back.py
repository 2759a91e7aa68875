"""Time in which something of ours held the vehicle: it is never parking.

While the grid or smart charging holds back energy the vehicle still asks for it: that is time of
charging. While the charger fails or the cable is not let go, nothing is sold at all.
Source: OCPI 2.3.0 ch. 10.4.3, CdrDimensionType, PARKING_TIME.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Final

from billing.tariffs import instants
from stations.metering.session_facts import Held, HeldBy, Period, SessionFacts

UNSOLD: Final = frozenset({HeldBy.CHARGER, HeldBy.CABLE})


def without_held(facts: SessionFacts) -> SessionFacts:
    """Return the facts with nothing of what was held back counted as parking, in s."""
    if not facts.held:
        return facts
    parts = (part for period in facts.periods for part in _parts(period, facts.held))
    return replace(facts, periods=tuple(parts), held=())


def _parts(period: Period, held: tuple[Held, ...]) -> Iterator[Period]:
    if not period.parking_s:
        yield period
        return
    bounds = {bound for each in held for bound in (each.started_at, each.ended_at)}
    inside = {bound for bound in bounds if period.started_at < bound < period.ended_at}
    edges = sorted({period.started_at, period.ended_at, *inside})
    if len(edges) == 1:  # no length on the clock: what held it then held all of it
        yield _judged(period, held, period.started_at)
        return
    for start, end in pairwise(edges):
        yield _judged(cut(period, start, end), held, start)


def cut(period: Period, start: datetime, end: datetime) -> Period:
    """Return a part of a period, its energy and its times in proportion to the clock."""
    if (start, end) == (period.started_at, period.ended_at):
        return period
    whole_s = instants.seconds_between(period.started_at, period.ended_at)
    share = instants.seconds_between(start, end) / whole_s
    energy = period.energy_wh
    return replace(
        period,
        started_at=start,
        ended_at=end,
        energy_wh=None if energy is None else energy * share,
        charging_s=period.charging_s * share,
        parking_s=period.parking_s * share,
        reservation_s=period.reservation_s * share,
    )


def _judged(part: Period, held: tuple[Held, ...], at: datetime) -> Period:
    """Return a part with its parking as what it was; what held it holds all of it."""
    reasons = {each.by for each in held if each.started_at <= at < each.ended_at}
    if not reasons:
        return part
    sold = Fraction(0) if reasons & UNSOLD else Fraction(part.parking_s)
    return replace(part, charging_s=part.charging_s + sold, parking_s=Fraction(0))
