"""From registers to periods: how a session's energy spread over its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from stations.metering.session_facts import Period

TICK = timedelta(microseconds=1)
DAY_S = 86_400


class Sample(NamedTuple):
    """One reading of a session: when, the register in Wh, the power in W (None is unsaid)."""

    occurred_at: datetime
    register_wh: int | None
    power_w: int | None = None


class _Point(NamedTuple):
    at: datetime
    energy_wh: int
    power_w: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A session's own figures: energy Wh, registers Wh (None is unsaid), parking s at its end."""

    started_at: datetime
    ended_at: datetime
    energy_wh: int
    parking_s: int = 0
    meter_start_wh: int | None = None
    meter_stop_wh: int | None = None


def periods_of(measured: Measured, samples: Sequence[Sample] = ()) -> tuple[Period, ...]:
    """Return the periods of a session; without samples its energy flowed evenly.

    The energy of all periods is the session's: samples only say when it flowed.
    """
    parking_from = measured.ended_at - timedelta(seconds=measured.parking_s)
    parking_from = max(parking_from, measured.started_at)
    points = _points(measured, samples)
    if not points and measured.parking_s and parking_from > measured.started_at:
        points = [_Point(parking_from, measured.energy_wh, None)]
    first = _Point(measured.started_at, 0, points[0].power_w if points else None)
    last = _Point(measured.ended_at, measured.energy_wh, points[-1].power_w if points else None)
    points = [first, *points, last]
    if measured.parking_s:
        points = _with_point_at(points, parking_from)
    return tuple(
        _period(left, right, is_parking=bool(measured.parking_s) and left.at >= parking_from)
        for left, right in pairwise(points)
        if right.at > left.at or right.energy_wh > left.energy_wh
    )


def _points(measured: Measured, samples: Sequence[Sample]) -> list[_Point]:
    """Return the samples inside the session as energy since its start, never falling."""
    base = measured.meter_start_wh
    if base is None and measured.meter_stop_wh is not None:
        base = measured.meter_stop_wh - measured.energy_wh
    if base is None:
        return []
    points: list[_Point] = []
    reached = 0
    for sample in sorted(samples, key=lambda each: each.occurred_at):
        if sample.register_wh is None:
            continue
        energy_wh = sample.register_wh - base
        inside = measured.started_at < sample.occurred_at < measured.ended_at
        if inside and reached <= energy_wh <= measured.energy_wh:
            points.append(_Point(sample.occurred_at, energy_wh, sample.power_w))
            reached = energy_wh
    return points


def _with_point_at(points: list[_Point], at: datetime) -> list[_Point]:
    """Return the points with one more, its energy read off the line between its neighbours."""
    place = next(number for number, point in enumerate(points) if point.at >= at)
    left, right = points[place - 1], points[place]
    if right.at == at:
        return points
    share = Fraction((at - left.at) // TICK, (right.at - left.at) // TICK)
    energy_wh = left.energy_wh + round((right.energy_wh - left.energy_wh) * share)
    return [*points[:place], _Point(at, energy_wh, left.power_w), *points[place:]]


def _period(left: _Point, right: _Point, *, is_parking: bool) -> Period:
    length_s = _seconds(right.at - left.at)
    seen = [power for power in (left.power_w, right.power_w) if power is not None]
    return Period(
        started_at=left.at,
        ended_at=right.at,
        energy_wh=right.energy_wh - left.energy_wh,
        charging_s=0 if is_parking else length_s,
        parking_s=length_s if is_parking else 0,
        min_power_w=min(seen, default=None),
        max_power_w=max(seen, default=None),
    )


def _seconds(length: timedelta) -> Fraction | int:
    """Return exact seconds; almost always whole, and whole numbers are quick to add."""
    if not length.microseconds:
        return length.days * DAY_S + length.seconds
    return Fraction(length // TICK, 1_000_000)
