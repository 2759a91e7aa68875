"""When drivers come: the hours of a week by weight, and time measured by them.

An hour in which nobody comes counts for nothing, a busy one for more than an hour; so a night
and a Sunday are no silence. Source: the profile-time F(t) of the drought rule (F11).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from faults.rules.facts import Period

HOURS: Final = 168
EVEN: Final[tuple[float, ...]] = (1.0,) * HOURS
# Each hour leans on the two before and the two after it.
SMOOTHED_OVER: Final = 5
# Starts that a new site is thought to have had, evenly: few facts bend the week only a little.
EVEN_STARTS: Final = 168.0
# Any Monday at midnight, by the wall.
_MONDAY: Final = datetime(2001, 1, 1)  # noqa: DTZ001  a wall-clock time
_HOUR: Final = 3600.0


def profile(starts: Iterable[datetime], time_zone: str) -> tuple[float, ...]:
    """Return how much of a week's use falls in each of its hours, mean 1, Monday 0 h first."""
    zone = ZoneInfo(time_zone)
    counts = [0.0] * HOURS
    for start in starts:
        local = start.astimezone(zone)
        counts[local.weekday() * 24 + local.hour] += 1
    reach = SMOOTHED_OVER // 2
    smoothed = [
        sum(counts[(hour + step) % HOURS] for step in range(-reach, reach + 1)) / SMOOTHED_OVER
        for hour in range(HOURS)
    ]
    total = sum(smoothed) + EVEN_STARTS
    return tuple((one + EVEN_STARTS / HOURS) * HOURS / total for one in smoothed)


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time by use: a week is seven days on it, as on any other."""

    zone: ZoneInfo
    weights: tuple[float, ...]
    sums: tuple[float, ...]

    @property
    def fastest(self) -> float:
        """Return how many times faster than a real one it runs in its busiest hour."""
        return max(self.weights)

    def reading(self, at: datetime) -> float:
        """Return the days of use since a fixed instant."""
        wall = at.astimezone(self.zone).replace(tzinfo=None)
        weeks, rest = divmod((wall - _MONDAY).total_seconds() / _HOUR, HOURS)
        hour = int(rest)
        spent = self.sums[hour] + (rest - hour) * self.weights[hour]
        return (weeks * HOURS + spent) / 24

    def days(self, begin: datetime, end: datetime, away: Sequence[Period] = ()) -> float:
        """Return the days of use between two instants, without those in which nobody could."""
        if end <= begin:
            return 0.0
        spent = self.reading(end) - self.reading(begin)
        for since, until in _merged(away, begin, end):
            spent -= self.reading(until) - self.reading(since)
        return max(0.0, spent)


@lru_cache(maxsize=256)
def clock_of(weights: tuple[float, ...], time_zone: str) -> Clock:
    """Return the clock of a site's week."""
    return Clock(ZoneInfo(time_zone), weights, tuple(accumulate(weights, initial=0.0)))


def _merged(
    away: Sequence[Period], begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the parts of some periods within a span, none of them twice."""
    cut = sorted((max(since, begin), min(until or end, end)) for since, until in away)
    merged: list[tuple[datetime, datetime]] = []
    for since, until in cut:
        if until <= since:
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return merged


def real_least(days: float, clock: Clock) -> timedelta:
    """Return the least real time in which so many days of use can pass."""
    return timedelta(days=min(days / clock.fastest, 3650.0))
