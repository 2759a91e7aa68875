"""Periods of a session as few as its tariff can tell apart: what no price asks is not asked twice.

A station that tells its meter each minute makes hundreds of periods of a session of which a
tariff tells two apart. Only neighbours are joined between which no restriction can change its
answer, so that the lines are the same as without.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Final, TypeVar

from billing.tariffs import instants
from billing.tariffs.model import Restrictions
from stations.metering.session_facts import Period

Place = TypeVar("Place", datetime, Fraction)
ZERO: Final = Fraction(0)
ASKED_OF_A_PERIOD: Final = ("min_power_w", "max_power_w", "min_current_a", "max_current_a")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a tariff may change its answer: instants, ages in s, energies in Wh, all in order.

    With asks_measures it also asks for power or current, period by period.
    """

    strikes: Sequence[datetime] = ()
    ages: Sequence[Fraction] = ()
    energies: Sequence[Fraction] = ()
    asks_measures: bool = False


@dataclass(slots=True)
class _Growing:
    """Periods of one kind in a row, and the next bounds behind their beginning."""

    first: Period
    kind: tuple[object, ...]
    ended_at: datetime
    next_strike: datetime | None
    next_age: Fraction | None
    next_energy: Fraction | None
    energy_wh: Fraction | int
    charging_s: Fraction | int
    parking_s: Fraction | int
    is_alone: bool = True

    def period(self) -> Period:
        """Return what grew as one period."""
        if self.is_alone:
            return self.first
        return replace(
            self.first,
            ended_at=self.ended_at,
            energy_wh=self.energy_wh,
            charging_s=self.charging_s,
            parking_s=self.parking_s,
        )


def asks_measures(restrictions: Iterable[Restrictions]) -> bool:
    """Return whether a restriction asks for power or current."""
    return any(
        getattr(rules, name) is not None for rules in restrictions for name in ASKED_OF_A_PERIOD
    )


def joined(
    periods: Iterable[Period], bounds: Bounds, began_at: datetime
) -> Iterator[tuple[Period, datetime]]:
    """Yield periods in their order, neighbours that no price can tell apart as one.

    With each comes where the first of what was joined ends: a fee is told of that stretch.
    """
    growing: _Growing | None = None
    before_wh: Fraction | int = 0
    for period in periods:
        kind = _kind(period, bounds)
        after_wh = before_wh + (period.energy_wh or 0)
        if growing is not None:
            if _goes_on(growing, period, kind, began_at, (before_wh, after_wh)):
                _grow(growing, period)
                before_wh = after_wh
                continue
            yield growing.period(), growing.first.ended_at
        growing = _begin(period, kind, bounds, began_at, before_wh)
        before_wh = after_wh
    if growing is not None:
        yield growing.period(), growing.first.ended_at


def _kind(period: Period, bounds: Bounds) -> tuple[object, ...]:
    """Return what is told apart whatever the clock says: what flows, and what was measured."""
    used = (bool(period.energy_wh), bool(period.charging_s), bool(period.parking_s))
    if not bounds.asks_measures:
        return used
    return (*used, *(getattr(period, name) for name in ASKED_OF_A_PERIOD))


def _goes_on(
    growing: _Growing,
    period: Period,
    kind: tuple[object, ...],
    began_at: datetime,
    energies: tuple[Fraction | int, Fraction | int],
) -> bool:
    is_next = kind == growing.kind and period.started_at == growing.ended_at
    if not is_next or period.is_reservation or growing.first.is_reservation:
        return False
    strike, age, energy = growing.next_strike, growing.next_age, growing.next_energy
    if strike is not None and not (period.started_at < strike >= period.ended_at):
        return False
    if energy is not None and not (energies[0] < energy >= energies[1]):
        return False
    if age is None:
        return True
    start_s, end_s = (
        instants.seconds_between(began_at, at) for at in (period.started_at, period.ended_at)
    )
    return start_s < age >= end_s


def _grow(growing: _Growing, period: Period) -> None:
    growing.is_alone = False
    growing.ended_at = period.ended_at
    growing.energy_wh += period.energy_wh or 0
    growing.charging_s += period.charging_s
    growing.parking_s += period.parking_s


def _begin(
    period: Period,
    kind: tuple[object, ...],
    bounds: Bounds,
    began_at: datetime,
    before_wh: Fraction | int,
) -> _Growing:
    age_s = instants.seconds_between(began_at, period.started_at) if bounds.ages else ZERO
    return _Growing(
        first=period,
        kind=kind,
        ended_at=period.ended_at,
        next_strike=_after(bounds.strikes, period.started_at),
        next_age=_after(bounds.ages, age_s),
        next_energy=_after(bounds.energies, Fraction(before_wh)) if bounds.energies else None,
        energy_wh=period.energy_wh or 0,
        charging_s=period.charging_s,
        parking_s=period.parking_s,
    )


def _after(bounds: Sequence[Place], place: Place) -> Place | None:
    number = bisect_right(bounds, place)
    return bounds[number] if number < len(bounds) else None
