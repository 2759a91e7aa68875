"""When an element holds, as boxes: one half-open range per thing a restriction may ask for.

Proofs about elements are then subtractions: what is left of one box when others are taken away.
"""

from collections.abc import Iterable, Sequence
from datetime import MINYEAR, date, time
from fractions import Fraction
from itertools import product
from typing import Final

from billing.tariffs.model import Restrictions

Bound = Fraction | int
Span = tuple[Bound, Bound]
Box = tuple[Span, ...]
# Above every number the reader lets through, in Wh, W, A and s.
END: Final = 10**70
WEEK: Final[Span] = (0, 7)
DAY: Final[Span] = (0, 24 * 60)
ALWAYS: Final[Span] = (0, END)
FIRST_DAY, LAST_DAY = date(MINYEAR, 1, 1).toordinal(), date.max.toordinal()
# The axes in their order; the first three are the clock's, the others are measured.
WEEKDAY, MINUTE, DATE = range(3)
CLOCK_AXES: Final = 3
MEASURED: Final = (
    ("min_energy_wh", "max_energy_wh"),
    ("min_duration_s", "max_duration_s"),
    ("min_power_w", "max_power_w"),
    ("min_current_a", "max_current_a"),
)
EVERYTHING: Final[Box] = (WEEK, DAY, (FIRST_DAY, LAST_DAY), *(ALWAYS for _ in MEASURED))
# Enough for every price list people write, and an end to those that machines cross on purpose.
MOST_VISITS: Final = 10_000


class TooMany(Exception):
    """The elements cross in too many ways to be taken apart."""


def boxes_of(rules: Restrictions | None) -> list[Box]:
    """Return the boxes in which an element holds; none where it never does."""
    if rules is None:
        return [EVERYTHING]
    first = rules.start_date.toordinal() if rules.start_date else FIRST_DAY
    last = rules.end_date.toordinal() if rules.end_date else LAST_DAY
    measured = [
        (getattr(rules, low) or 0, END if getattr(rules, high) is None else getattr(rules, high))
        for low, high in MEASURED
    ]
    found = [
        (days, minutes, (first, last), *measured)
        for days, minutes in product(_weekday_runs(rules), _minute_spans(rules))
    ]
    return [box for box in found if all(low < high for low, high in box)]


def _weekday_runs(rules: Restrictions) -> list[Span]:
    days = sorted(rules.weekdays)
    if not days:
        return [WEEK]
    runs: list[Span] = []
    for day in days:
        if runs and runs[-1][1] == day:
            runs[-1] = (runs[-1][0], day + 1)
        else:
            runs.append((day, day + 1))
    return runs


def _minute_spans(rules: Restrictions) -> list[Span]:
    start = _minute(rules.start_time)
    end = _minute(rules.end_time) or DAY[1]
    if start == end:
        return [DAY]
    return [(start, end)] if start < end else [(0, end), (start, DAY[1])]


def _minute(clock: time | None) -> int:
    return 0 if clock is None else clock.hour * 60 + clock.minute


def left_of(boxes: Iterable[Box], others: Iterable[Box]) -> list[Box]:
    """Return what is left of boxes when others are taken away; raises TooMany."""
    rest = list(boxes)
    visits = 0
    for other in others:
        visits += len(rest)
        if visits > MOST_VISITS:
            raise TooMany
        rest = [part for box in rest for part in _without(box, other)]
    return rest


def meet(boxes: Iterable[Box], others: Sequence[Box]) -> bool:
    """Return whether two elements ever hold together."""
    return any(_meets(box, other) for box in boxes for other in others)


def _meets(box: Box, other: Box) -> bool:
    return all(
        low < until and since < high
        for (low, high), (since, until) in zip(box, other, strict=True)
    )


def _without(box: Box, other: Box) -> list[Box]:
    if not _meets(box, other):
        return [box]
    parts: list[Box] = []
    rest = list(box)
    for axis, (since, until) in enumerate(other):
        low, high = rest[axis]
        if low < since:
            parts.append(_with(rest, axis, (low, since)))
            low = since
        if until < high:
            parts.append(_with(rest, axis, (until, high)))
            high = until
        rest[axis] = (low, high)
    return parts


def _with(box: Sequence[Span], axis: int, span: Span) -> Box:
    return (*box[:axis], span, *box[axis + 1 :])
