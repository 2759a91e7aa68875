"""Who comes when, and how much they want: real sessions, or a plain shape where they are absent.

Source: Perth & Kinross Council 2016 to 2019 (OGL v3.0) and QualiCharge 2024-12/2025-01 (MIT), as
described beside the files. A week of a real site is drawn whole, so that holidays, weather and
crowds stay in it; which connector somebody takes is the world's own doing.
"""

import csv
import gzip
import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random

SHARED = Path(os.environ.get("CHARGENET_SHARED", Path(__file__).parents[5] / "shared")) / "data"
PKC = SHARED / "pkc_sessions_2016-2019.csv.gz"
QUALICHARGE = SHARED / "qualicharge_sessions_2024-12_2025-01.csv.gz"
WEEK = 7 * 86_400
# Tuning sees nothing of the network after this; validation and test see nothing before it.
SPLIT = datetime(2018, 9, 1)  # noqa: DTZ001
MONDAY = datetime(2016, 1, 4)  # noqa: DTZ001
# Demand of an hour where no data is at hand: a car park by a road.
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 15, 16, 16, 15, 15, 15, 15, 14, 12, 10, 7, 5, 3, 2)


@dataclass(frozen=True, slots=True)
class Book:
    """Real weeks of sites, {site: {week number: [second of the week]}}, and real wishes by kind.

    A wish is (kWh, seconds plugged in).
    """

    weeks: dict[str, dict[int, list[int]]]
    wishes: dict[str, list[tuple[float, float]]]

    def rate(self, site: str) -> float:
        """Return the sessions a day of a site over the weeks known of it."""
        weeks = self.weeks[site]
        return sum(len(starts) for starts in weeks.values()) / (7 * len(weeks))


def open_book(*, after_split: bool) -> Book:
    """Return what the world may draw from: before the split for tuning, after it for tests."""
    return _book(after_split)


@cache
def _book(after_split: bool) -> Book:
    weeks: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    wishes: dict[str, list[tuple[float, float]]] = {"ac": [], "dc": [], "fast": []}
    if PKC.exists():
        _read_pkc(weeks, wishes, after_split)
    if QUALICHARGE.exists():
        _read_qualicharge(wishes)
    busy = {site: dict(found) for site, found in weeks.items() if len(found) >= 20}
    rng = Random(1)
    for kind, usual in (("ac", (9.0, 9000.0)), ("dc", (12.0, 1800.0)), ("fast", (26.0, 1700.0))):
        if len(wishes[kind]) < 200:
            wishes[kind] = [_plain_wish(rng, *usual) for _ in range(2000)]
    return Book(busy, wishes)


def _plain_wish(rng: Random, energy: float, seconds: float) -> tuple[float, float]:
    return energy * rng.lognormvariate(0, 0.6), seconds * rng.lognormvariate(0, 0.5)


def _read_pkc(
    weeks: dict[str, dict[int, list[int]]],
    wishes: dict[str, list[tuple[float, float]]],
    after_split: bool,
) -> None:
    with gzip.open(PKC, "rt") as lines:
        for row in csv.DictReader(lines):
            start = datetime.fromisoformat(row["start"])
            if start.year < 2016 or (start >= SPLIT) is not after_split:
                continue
            second = int((start - MONDAY).total_seconds())
            weeks[row["site"]][second // WEEK].append(second % WEEK)
            if not row["end"] or not row["kwh"]:
                continue
            seconds = (datetime.fromisoformat(row["end"]) - start).total_seconds()
            _take_wish(wishes["dc" if "Rapid" in row["model"] else "ac"], row["kwh"], seconds)


def _read_qualicharge(wishes: dict[str, list[tuple[float, float]]]) -> None:
    with gzip.open(QUALICHARGE, "rt") as lines:
        for row in csv.DictReader(lines):
            start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
            seconds = (end - start).total_seconds()
            if seconds > 0 and float(row["kwh"]) / seconds * 3600 > 45:
                _take_wish(wishes["fast"], row["kwh"], seconds)


def _take_wish(into: list[tuple[float, float]], energy: str, seconds: float) -> None:
    """Keep what somebody got who got something; why others got nothing is not known."""
    if 1.0 <= float(energy) <= 90 and 240 <= seconds <= 10 * 3600:
        into.append((float(energy), seconds))


def draw_arrivals(
    book: Book, rng: Random, *, days: int, first_week: int, a_day: float
) -> list[float]:
    """Return when somebody comes to a site, in seconds from the world's begin, in order."""
    starts: list[float] = []
    site = rng.choice(sorted(book.weeks)) if book.weeks else ""
    for week in range(days // 7 + 1):
        drawn = _draw_week(book, rng, site, (first_week + week) % 52, a_day)
        starts.extend(week * WEEK + second for second in drawn)
    return sorted(start for start in starts if start < days * 86_400)


def _draw_week(book: Book, rng: Random, site: str, week: int, a_day: float) -> list[float]:
    if not site:
        return _plain_week(rng, a_day)
    found = book.weeks[site]
    near = [one for one in found if _weeks_between(one, week) <= 8] or list(found)
    left = a_day / book.rate(site)
    starts: list[float] = []
    while left > 0:
        real = found[rng.choice(near)]
        starts.extend(second + rng.uniform(0, 900) for second in real if rng.random() < left)
        left -= 1
    return starts


def _weeks_between(one: int, other: int) -> int:
    apart = abs(one % 52 - other % 52)
    return min(apart, 52 - apart)


def _plain_week(rng: Random, a_day: float) -> list[float]:
    count = max(0, round(rng.gauss(7 * a_day, (7 * a_day * 1.3) ** 0.5)))
    days = rng.choices(range(7), (10, 10, 10, 10, 11, 10, 9), k=count)
    hours = rng.choices(range(24), HOURS, k=count)
    return [
        day * 86_400 + hour * 3600 + rng.uniform(0, 3600)
        for day, hour in zip(days, hours, strict=True)
    ]
