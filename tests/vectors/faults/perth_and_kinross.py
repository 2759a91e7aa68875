"""What a public session list says by itself: who died, and what simple rules would have said.

Knows nothing of `faults`: it is the yardstick. A connector is dead that was used at least once a
day for four weeks, and then not for 30 days or never again, while the rest of its site went on.
"""

import csv
import gzip
import os
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

NAME = "pkc_sessions_2016-2019.csv.gz"
DAY = timedelta(days=1)
BEFORE = 28 * DAY
DEAD_FOR = 30 * DAY
USED_A_DAY = 1.0
# A site that keeps less than this of its usual visitors was closed, or its road was.
SITE_GOES_ON = 0.2
TUNED_UNTIL = datetime(2018, 9, 1)  # noqa: DTZ001  the list has wall-clock times
FAILED_KWH, FAILED_FOR = 0.5, timedelta(minutes=2)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One session of the list, in local wall-clock time."""

    key: Key
    site: str
    start: datetime
    end: datetime
    kwh: float


@dataclass(frozen=True, slots=True)
class Death:
    """A connector that was not used from `last` to `back`, though it had been every day."""

    key: Key
    site: str
    last: datetime
    back: datetime | None
    a_day: float


def path() -> Path:
    """Return the list, or skip where the shared data is not there."""
    root = Path(__file__).parents[3]
    found = Path(os.environ.get("CHARGENET_SHARED") or root.parent / "shared") / "data" / NAME
    if not found.exists():
        pytest.skip(f"The shared session list {NAME} is not on this machine.")
    return found


def read_rows(source: Path) -> list[Row]:
    """Return the whole rows of the list by start; of twins the first."""
    seen: set[tuple[Key, str]] = set()
    rows = []
    with gzip.open(source, "rt", encoding="utf-8", newline="") as lines:
        for one in csv.DictReader(lines):
            key = (one["station_id"], one["connector_id"])
            if not one["end"] or not one["kwh"] or (key, one["start"]) in seen:
                continue
            seen.add((key, one["start"]))
            start, end = (datetime.fromisoformat(one[name]) for name in ("start", "end"))
            if end >= start and float(one["kwh"]) >= 0:
                rows.append(Row(key, one["site"], start, end, float(one["kwh"])))
    return sorted(rows, key=lambda row: row.start)


def starts_of(rows: Iterable[Row]) -> dict[Key, list[datetime]]:
    """Return the starts of each connector, in order."""
    found: dict[Key, list[datetime]] = defaultdict(list)
    for row in rows:
        found[row.key].append(row.start)
    return found


def connector_days(starts: Mapping[Key, list[datetime]], until: datetime) -> float:
    """Return the days connectors were known, from the first start of each."""
    return sum((until - times[0]) / DAY for times in starts.values())


def dead_connectors(rows: list[Row]) -> list[Death]:
    """Return the connectors that stopped for a month or for good beside others that went on."""
    starts, sites = starts_of(rows), {row.key: row.site for row in rows}
    until = rows[-1].start
    found = []
    for key, times in starts.items():
        for number, last in enumerate(times):
            back = times[number + 1] if number + 1 < len(times) else None
            if (back or until) - last < DEAD_FOR or last - times[0] < BEFORE:
                continue
            a_day = _between(times, last - BEFORE, last) / (BEFORE / DAY)
            others = [other for one, other in starts.items() if sites[one] == sites[key]]
            if a_day >= USED_A_DAY and _goes_on(others, times, last, back or until):
                found.append(Death(key, sites[key], last, back, a_day))
    return found


def _goes_on(
    site: list[list[datetime]], own: list[datetime], last: datetime, until: datetime
) -> bool:
    others = [times for times in site if times is not own]
    before = sum(_between(times, last - BEFORE, last) for times in others) / (BEFORE / DAY)
    after = sum(_between(times, last, until) for times in others) / ((until - last) / DAY)
    return before > 0 and after >= SITE_GOES_ON * before


def _between(times: list[datetime], since: datetime, until: datetime) -> int:
    return bisect_right(times, until) - bisect_left(times, since)


def silent_longer_than(days: float, starts: Mapping[Key, list[datetime]], until: datetime) -> int:
    """Return how often the simple rule speaks: unused for so many days, whoever it is."""
    limit = days * DAY
    return sum(
        (later - before) > limit
        for times in starts.values()
        for before, later in zip(times, [*times[1:], until], strict=True)
    )


def failed_in_a_row(number: int, rows: Iterable[Row]) -> int:
    """Return how often the simple rule speaks: so many failed sessions, one after the other."""
    runs: dict[Key, int] = defaultdict(int)
    alerts = 0
    for row in rows:
        has_failed = row.kwh < FAILED_KWH or row.end - row.start < FAILED_FOR
        runs[row.key] = runs[row.key] + 1 if has_failed else 0
        alerts += runs[row.key] == number
    return alerts
