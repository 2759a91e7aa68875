"""Instants and the clock on the wall: exact seconds, and when a local clock reads what."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
MIDNIGHT = time(0)


def seconds_between(first: datetime, last: datetime) -> Fraction:
    """Return the exact seconds from one instant to another."""
    passed = last - first
    if not passed.microseconds:  # almost always, and no divisor to look for
        return Fraction(passed.days * 86_400 + passed.seconds)
    return Fraction(passed // MICROSECOND, 1_000_000)


def later(instant: datetime, seconds: Fraction) -> datetime:
    """Return the instant so many seconds later, cut to the microsecond."""
    return instant + timedelta(microseconds=int(seconds * 1_000_000))


def clock_changes(
    started_at: datetime, ended_at: datetime, zone: ZoneInfo, clocks: Iterable[time]
) -> list[datetime]:
    """Return the instants strictly between two, in UTC, at which a local clock strikes.

    Always includes local midnight and the instants at which the zone changes its offset, where
    the clock jumps over a bound or shows it a second time.
    """
    strikes = {MIDNIGHT, *clocks}
    found = set(_offset_changes(started_at, ended_at, zone))
    day = started_at.astimezone(zone).date()
    last = ended_at.astimezone(zone).date()
    while day <= last:
        for strike in strikes:
            for fold in (0, 1):
                local = datetime.combine(day, strike, zone).replace(fold=fold)
                found.add(local.astimezone(UTC))
        day += DAY
    return sorted(instant for instant in found if started_at < instant < ended_at)


def _offset_changes(
    started_at: datetime, ended_at: datetime, zone: ZoneInfo
) -> Iterator[datetime]:
    """Yield the instants at which a zone changes its offset; at most one a day is looked for."""
    left = started_at
    while left < ended_at:
        right = min(left + DAY, ended_at)
        if _offset(left, zone) != _offset(right, zone):
            yield _offset_change(left, right, zone)
        left = right


def _offset_change(left: datetime, right: datetime, zone: ZoneInfo) -> datetime:
    before = _offset(left, zone)
    while right - left > MICROSECOND:
        middle = left + (right - left) // 2
        if _offset(middle, zone) == before:
            left = middle
        else:
            right = middle
    return right


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()
