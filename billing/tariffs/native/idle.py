"""The idle fee: for standing on after charging, past a grace, in its hours, up to its cap.

What the charger, the grid, smart charging or a cable took is out of the facts before this: it
costs nothing and eats no grace.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Final

from billing.tariffs import instants, limits, selection
from billing.tariffs.bill import Cause, LineKind, PricedLine, Rule
from billing.tariffs.native.benefits import Benefit, FreeIdle
from billing.tariffs.native.model import IdleFee
from stations.metering.session_facts import Period, SessionFacts

S_PER_HOUR: Final = 3600
Stretch = tuple[datetime, datetime, Fraction]


def idle_lines(
    facts: SessionFacts, fee: IdleFee, benefits: Iterable[Benefit] = ()
) -> list[PricedLine]:
    """Return a line for each stretch of idling that costs, in h; the cap is another's affair."""
    free = [each for each in benefits if isinstance(each, FreeIdle)]
    grace_s = Fraction(fee.grace_s + sum(each.seconds for each in free))
    causes = [Cause(Rule.IDLE_FEE, "$.idle_fee")]
    causes += [Cause(Rule.FREE_IDLE, each.granted_by) for each in free]
    lines: list[PricedLine] = []
    for start, end, idle_s in _within_hours(_past_grace(facts.periods, grace_s), facts, fee):
        if lines and lines[-1].ended_at == start:
            lines[-1] = _longer(lines[-1], end, idle_s)
        else:
            lines.append(_line(fee, start, end, idle_s, tuple(causes)))
    return lines


def lowered_to_cap(lines: list[PricedLine], fee: IdleFee | None) -> list[PricedLine]:
    """Return all lines of a session, those of idling lowered to the fee's cap together."""
    if fee is None or fee.cap is None:
        return lines
    idle = [line for line in lines if line.kind is LineKind.PARKING_TIME]
    capped = limits.lower_to(idle, fee.cap)
    if capped is idle:
        return lines
    cause = Cause(Rule.IDLE_CAP, "$.idle_fee.cap")
    told = iter([replace(line, causes=(*line.causes, cause)) for line in capped])
    return [next(told) if line.kind is LineKind.PARKING_TIME else line for line in lines]


def _past_grace(periods: Iterable[Period], grace_s: Fraction) -> Iterator[Stretch]:
    """Yield what is left of idling when the grace is used up, in s of idling between instants."""
    for period in periods:
        if not period.parking_s:
            continue
        idle_s = Fraction(period.parking_s)
        if idle_s <= grace_s:
            grace_s -= idle_s
            continue
        span_s = instants.seconds_between(period.started_at, period.ended_at)
        start = instants.later(period.started_at, span_s * grace_s / idle_s)
        yield start, period.ended_at, idle_s - grace_s
        grace_s = Fraction(0)


def _within_hours(
    stretches: Iterable[Stretch], facts: SessionFacts, fee: IdleFee
) -> Iterator[Stretch]:
    clocks = [clock for clock in (fee.start_time, fee.end_time) if clock is not None]
    if not clocks:
        yield from stretches
        return
    for start, end, idle_s in stretches:
        strikes = instants.clock_changes(start, end, facts.time_zone, clocks)
        span_s = instants.seconds_between(start, end)
        for left, right in pairwise([start, *strikes, end]):
            now = left.astimezone(facts.time_zone).time()
            if selection.time_holds(now, fee.start_time, fee.end_time):
                share = instants.seconds_between(left, right) / span_s if span_s else Fraction(1)
                yield left, right, idle_s * share


def _line(
    fee: IdleFee, start: datetime, end: datetime, idle_s: Fraction, causes: tuple[Cause, ...]
) -> PricedLine:
    return PricedLine(
        kind=LineKind.PARKING_TIME,
        element=None,
        component=None,
        started_at=start,
        ended_at=end,
        quantity=idle_s / S_PER_HOUR,
        billed_quantity=idle_s / S_PER_HOUR,
        price=fee.price,
        vat=fee.vat,
        causes=causes,
    )


def _longer(line: PricedLine, end: datetime, idle_s: Fraction) -> PricedLine:
    quantity = line.quantity + idle_s / S_PER_HOUR
    return replace(line, ended_at=end, quantity=quantity, billed_quantity=quantity)
