"""Historic session lists: what a row says, and which rows contradict themselves or others."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

NO_END_OR_ENERGY: Final = "no_end_or_energy"
ENDS_BEFORE_START: Final = "ends_before_start"
NEGATIVE_ENERGY: Final = "negative_energy"
DUPLICATE_START: Final = "duplicate_start"
OVERLAP: Final = "overlap"
# The order in which a row's flag is looked for.
FLAGS: Final = (NO_END_OR_ENERGY, ENDS_BEFORE_START, NEGATIVE_ENERGY, DUPLICATE_START, OVERLAP)

# 100 MWh: more than a megawatt charger delivers in four days; a number beyond is a broken row.
MOST_KWH: Final = 100_000
EARLIEST: Final = datetime(1900, 1, 1)  # noqa: DTZ001  a wall-clock time
LATEST: Final = datetime(2200, 1, 1)  # noqa: DTZ001  a wall-clock time
MOST_CONNECTORS: Final = 255

# Start, line and end of the unflagged rows of one place, in µs since 1970.
Spans = tuple["array[int]", "array[int]", "array[int]"]


class RowRefused(ValueError):
    """A row cannot be read; the text says which value is wrong."""


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One row of a session list: instants UTC, energy Wh as listed (it may be negative).

    `written_start` is the start as the row has it, which is what makes rows twins.
    """

    line: int
    session: str
    station: str
    connector: int
    started_at: datetime
    ended_at: datetime | None
    energy_wh: int | None
    written_start: str
    site: str = ""
    model: str = ""
    customer: str = ""
    is_rounded: bool = False

    @property
    def own_flag(self) -> str:
        """Return what is wrong with the row by itself, or an empty text."""
        if self.ended_at is None or self.energy_wh is None:
            return NO_END_OR_ENERGY
        if self.ended_at < self.started_at:
            return ENDS_BEFORE_START
        return NEGATIVE_ENERGY if self.energy_wh < 0 else ""


def read_energy(written: str) -> tuple[int | None, bool]:
    """Return Wh of a text in kWh and whether it had to be rounded; None for an empty text.

    Half a Wh is rounded away from zero; what is below zero never becomes zero, for it is a
    sign of trouble. Raises RowRefused.
    """
    if not written:
        return None, False
    try:
        exact_wh = Decimal(written) * 1000
    except DecimalException as error:
        raise RowRefused(f"energy {written!r} is no number of kWh") from error
    if not exact_wh.is_finite() or abs(exact_wh) > MOST_KWH * 1000:
        raise RowRefused(f"energy {written!r} kWh is beyond belief")
    energy_wh = int(exact_wh.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if exact_wh < 0 and energy_wh == 0:
        energy_wh = -1
    return energy_wh, energy_wh != exact_wh


def read_connector(written: str) -> int:
    """Return a connector's number; raises RowRefused."""
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= MOST_CONNECTORS):
        raise RowRefused(f"connector {written!r} is no number from 1 to {MOST_CONNECTORS}")
    return int(written)


def read_span(start: str, end: str, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Return start and end in UTC of two local wall-clock times; no end for an empty text.

    The night the clocks go back has an hour twice: of the possible readings the shortest that
    is not negative holds, the earlier of equals, so nobody pays for an hour of doubt. A time
    the clocks skipped in spring is read with the offset before the jump. A text with an offset
    of its own is that instant. Raises RowRefused.
    """
    starts = _readings(_wall("start", start), zone)
    if not end:
        return starts[0], None
    ends = _readings(_wall("end", end), zone)
    spans = [(finish - begin, begin, finish) for begin, finish in product(starts, ends)]
    possible = [span for span in spans if span[0] >= timedelta()]
    _, begin, finish = min(possible) if possible else max(spans)
    return begin, finish


def _wall(name: str, written: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise RowRefused(f"{name} {written!r} is no date and time") from error
    if not EARLIEST <= at.replace(tzinfo=None) < LATEST:
        raise RowRefused(f"{name} {written!r} is beyond belief")
    return at


def _readings(at: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the instants a wall-clock time can mean, the earlier first."""
    if at.tzinfo is not None:
        return [at.astimezone(UTC)]
    first = at.replace(tzinfo=zone, fold=0)
    second = at.replace(tzinfo=zone, fold=1)
    # In a gap the second reading is the earlier instant; only a repeated hour has two.
    is_repeated = second.utcoffset() != first.utcoffset() and second.astimezone(
        UTC
    ) > first.astimezone(UTC)
    return [reading.astimezone(UTC) for reading in ([first, second] if is_repeated else [first])]


class Flagger:
    """Gives each row of a list its flag: add them in file order, then ask for the flags.

    Keeps some 50 bytes a row, so that a long list needs little memory.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[int, str]] = set()
        self._places: dict[tuple[str, int], int] = {}
        self._flags: dict[int, str] = {}
        self._spans: dict[int, Spans] = {}

    def add(self, row: ListedSession) -> None:
        """Look at one more row."""
        place = self._places.setdefault((row.station, row.connector), len(self._places))
        twin = (place, row.written_start)
        flag = row.own_flag or (DUPLICATE_START if twin in self._seen else "")
        self._seen.add(twin)
        if flag:
            self._flags[row.line] = flag
            return
        assert row.ended_at is not None, "a row without an end has its flag already"
        spans = self._spans.setdefault(place, (array("q"), array("q"), array("q")))
        for column, value in zip(
            spans, (_us(row.started_at), row.line, _us(row.ended_at)), strict=True
        ):
            column.append(value)

    def flags(self) -> dict[int, str]:
        """Return the flag of every flagged row by its line: overlaps are known only now."""
        overlaps = {line: OVERLAP for spans in self._spans.values() for line in _overlaps(spans)}
        return self._flags | overlaps


def _overlaps(spans: Spans) -> Iterator[int]:
    """Yield the line of each session that starts before an earlier, unflagged one has ended."""
    last_end: int | None = None
    for started, line, ended in sorted(zip(*spans, strict=True)):
        if last_end is not None and started < last_end:
            yield line
        else:
            last_end = ended


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
