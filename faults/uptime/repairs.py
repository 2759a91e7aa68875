"""How fast faults are found, taken up and mended, and how often they come back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

REPEAT_WITHIN: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One closed or open ticket as the figures see it; None: it has not come to that.

    `last_good_at` is the last evidence that the place was well: a fault that hid began some time
    between it and `found_at`. `visits` counts the times somebody was on site.
    """

    connector_id: int | None
    code: str
    last_good_at: datetime | None
    began_at: datetime
    found_at: datetime
    acknowledged_at: datetime | None = None
    restored_at: datetime | None = None
    closed_at: datetime | None = None
    visits: int = 0
    is_no_fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairFigures:
    """Means over the tickets that came so far; `detect` is a range, the truth lies between.

    Shares are 0 to 1. `false_rate` counts tickets closed without a fault a thousand
    connector-days; `mtbf` is operating time a failure.
    """

    tickets: int
    detect: tuple[timedelta, timedelta] | None
    acknowledge: timedelta | None
    restore: timedelta | None
    between_failures: timedelta | None
    inherent_availability: float | None
    first_time_fix: float | None
    remote_fix: float | None
    repeat: float | None
    false_rate: float | None


def figures(
    repairs: Sequence[Repair], *, operating: timedelta, connector_days: float
) -> RepairFigures:
    """Return the figures of repairs at connectors that were in use for so long together."""
    real = [one for one in repairs if not one.is_no_fault]
    closed = [one for one in real if one.closed_at is not None]
    visited = [one for one in closed if one.visits > 0]
    restore = _mean([one.restored_at - one.began_at for one in real if one.restored_at])
    between = operating / len(real) if real else None
    return RepairFigures(
        tickets=len(repairs),
        detect=_detected(real),
        acknowledge=_mean(
            [one.acknowledged_at - one.found_at for one in real if one.acknowledged_at]
        ),
        restore=restore,
        between_failures=between,
        inherent_availability=(
            between / (between + restore) if between and restore is not None else None
        ),
        first_time_fix=_share(sum(one.visits == 1 for one in visited), len(visited)),
        remote_fix=_share(len(closed) - len(visited), len(closed)),
        repeat=_share(_repeats(real), len(real)),
        false_rate=(
            1000 * (len(repairs) - len(real)) / connector_days if connector_days > 0 else None
        ),
    )


def _detected(real: Sequence[Repair]) -> tuple[timedelta, timedelta] | None:
    """Return the mean time from beginning to finding: at least, and at most.

    At least: it began when its evidence begins. At most: it began right after the last good sign.
    """
    if not real:
        return None
    least = _mean([max(one.found_at - one.began_at, timedelta(0)) for one in real])
    most = _mean(
        [
            max(one.found_at - min(one.last_good_at or one.began_at, one.began_at), timedelta(0))
            for one in real
        ]
    )
    assert least is not None, "there are repairs"
    assert most is not None, "there are repairs"
    return least, most


def _repeats(real: Sequence[Repair]) -> int:
    """Return how many came again at the same connector within a fortnight of the last one."""
    ends: dict[tuple[int | None, str], datetime] = {}
    again = 0
    grouped: dict[tuple[int | None, str], list[Repair]] = defaultdict(list)
    for one in real:
        grouped[one.connector_id, one.code].append(one)
    for key, found in grouped.items():
        for one in sorted(found, key=lambda each: each.found_at):
            last = ends.get(key)
            again += last is not None and one.found_at - last < REPEAT_WITHIN
            ends[key] = one.closed_at or one.found_at
    return again


def _mean(spans: Sequence[timedelta]) -> timedelta | None:
    if not spans:
        return None
    return timedelta(seconds=fmean(span.total_seconds() for span in spans))


def _share(good: int, of: int) -> float | None:
    return good / of if of else None
