"""When a site is open: its published hours, as an operator writes them down and rules count them.

{"mon": [["06:00", "22:00"]], ..., "exceptions": {"2026-12-24": []}}; a day that is not named is
closed, hours may end at "24:00", and no hours at all (None) mean that it never closes.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXCEPTIONS: Final = "exceptions"
MOST_EXCEPTIONS: Final = 400
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
# Minutes since midnight, from and until.
Stretch = tuple[int, int]


class HoursRefused(ValueError):
    """Opening hours nobody can keep; the text names the place and says what to write."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: of each weekday, Monday first, and of single days."""

    week: tuple[tuple[Stretch, ...], ...]
    exceptions: Mapping[date, tuple[Stretch, ...]] = field(default_factory=dict)

    def on(self, day: date) -> tuple[Stretch, ...]:
        """Return the stretches of a day, in order."""
        return self.exceptions.get(day, self.week[day.weekday()])


def read_hours(said: Mapping[str, Any] | None) -> Hours | None:
    """Return the hours an operator wrote; None: it never closes. Raises HoursRefused."""
    if said is None:
        return None
    unknown = set(said) - {*DAYS, EXCEPTIONS}
    if unknown:
        raise HoursRefused(f"{min(unknown)}: not known; days are {', '.join(DAYS)}")
    special = said.get(EXCEPTIONS) or {}
    if not isinstance(special, Mapping) or len(special) > MOST_EXCEPTIONS:
        raise HoursRefused(f"{EXCEPTIONS}: at most {MOST_EXCEPTIONS} dates with their hours")
    return Hours(
        week=tuple(_stretches(said.get(day, []), day) for day in DAYS),
        exceptions={_date(key): _stretches(value, str(key)) for key, value in special.items()},
    )


def closed_spans(
    hours: Hours | None, zone: ZoneInfo, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when a site was closed between two instants; the clock of the site, DST and all."""
    if hours is None:
        return []
    closed, at = [], start
    for opens, closes in _openings(hours, zone, start, end):
        if at < opens:
            closed.append((at, min(opens, end)))
        at = max(at, closes)
    if at < end:
        closed.append((at, end))
    return closed


def _openings(
    hours: Hours, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for opens, closes in hours.on(day):
            span = _instant(day, opens, zone), _instant(day, closes, zone)
            if span[1] > start and span[0] < end:
                yield span
        day += timedelta(days=1)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    if minutes == 24 * 60:
        day, minutes = day + timedelta(days=1), 0
    local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone)
    return local.astimezone(UTC)


def _date(said: object) -> date:
    try:
        return date.fromisoformat(str(said))
    except ValueError as error:
        raise HoursRefused(f"{said}: a date is wanted, as 2026-12-24") from error


def _stretches(said: object, where: str) -> tuple[Stretch, ...]:
    if not isinstance(said, list | tuple):
        raise HoursRefused(f'{where}: a list is wanted, as [["06:00", "22:00"]]')
    found = sorted(_stretch(one, where) for one in said)
    for before, after in itertools.pairwise(found):
        if after[0] < before[1]:
            raise HoursRefused(f"{where}: two of the hours overlap")
    return tuple(found)


def _stretch(said: object, where: str) -> Stretch:
    if not isinstance(said, list | tuple) or len(said) != 2:
        raise HoursRefused(f'{where}: from and until are wanted, as ["06:00", "22:00"]')
    opens, closes = (_minutes(one, where) for one in said)
    if closes <= opens:
        raise HoursRefused(f"{where}: it must close after it opens; past midnight is two days")
    return opens, closes


def _minutes(said: object, where: str) -> int:
    if not isinstance(said, str) or not _CLOCK.fullmatch(said):
        raise HoursRefused(f"{where}: a time is wanted, as 06:00")
    return int(said[:2]) * 60 + int(said[3:])
