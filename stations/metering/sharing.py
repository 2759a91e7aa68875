"""Sharing one fuse over the connectors that charge: who may draw how many amperes, and who waits.

The promise: what every connector may draw by the limits its station is known to hold, or may
hold, never adds up to more than the fuse, on any phase, at any instant. It is kept by raising
nobody before what others give up is confirmed. All currents are whole A per phase.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

RUNNING, HELD, FULL, FIXED = "running", "held", "full", "fixed"
ACCEPTED, REJECTED, UNSENT, LOST = "accepted", "rejected", "unsent", "lost"
# A raise waits so long after the last change: a station is not flooded for an ampere.
SETTLE: Final = timedelta(seconds=30)
# A vehicle that draws so much less than it may gives the rest to others, but a margin.
SLACK_A, MARGIN_A = 3, 2
# A new limit needs time to be followed before what flows says anything about the vehicle.
FOLLOWED: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A connector under the fuse.

    `phases` are the fuse's phases it draws from; `default_a` is what it may draw without a word of
    ours; `confirmed_a` the session's limit the station accepted, None while it has none;
    `pending_a` one on its way. `can_steer`: a session goes on and its station listens.
    """

    key: int
    phases: tuple[int, ...]
    max_a: int
    default_a: int
    confirmed_a: int | None = None
    pending_a: int | None = None
    is_unsure: bool = False
    can_steer: bool = False
    is_full: bool = False
    wants_a: int | None = None
    turn_since: datetime | None = None
    waits_since: datetime | None = None
    changed_at: datetime | None = None

    @property
    def ceiling_a(self) -> int:
        """Return what may be drawn now at most, whatever became of our last words.

        The default is in it always: the session may have ended unheard, and another one begun.
        """
        return max(self.default_a, self.confirmed_a or 0, self.pending_a or 0)

    @property
    def current_a(self) -> int:
        """Return what the session may draw as the station last accepted it."""
        return self.default_a if self.confirmed_a is None else self.confirmed_a


@dataclass(frozen=True, slots=True)
class Fuse:
    """What is shared, and how: A per phase, the least a vehicle charges with, a turn's length."""

    limit_a: int
    min_a: int = 6
    turn: timedelta = timedelta(minutes=15)


@dataclass(slots=True)
class Plan:
    """Who shall have what, and what to send now."""

    targets: dict[int, int] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    orders: dict[int, int] = field(default_factory=dict)


def ceilings(points: Iterable[Point]) -> tuple[int, int, int]:
    """Return what may be drawn now at most on each phase."""
    sums = [0, 0, 0]
    for point in points:
        for phase in point.phases:
            sums[phase] += point.ceiling_a
    return sums[0], sums[1], sums[2]


def plan(fuse: Fuse, points: Sequence[Point], now: datetime) -> Plan:
    """Return each connector's part and the limits that may be sent at once."""
    steered = _in_order(fuse, [point for point in points if point.can_steer], now)
    free = [fuse.limit_a] * 3
    for point in points:
        _take(free, point, point.default_a if point.can_steer else point.ceiling_a)
    made = Plan()
    for point in points:
        if not point.can_steer:
            made.targets[point.key], made.states[point.key] = point.ceiling_a, FIXED
    _admit(fuse, steered, free, made)
    _fill(fuse, steered, free, made)
    _order(fuse, points, steered, made, now)
    return made


def fits_default(fuse: Fuse, points: Sequence[Point], keys: Iterable[int], default_a: int) -> bool:
    """Say whether some connectors may be given a default: less always, more if there is room."""
    chosen = set(keys)
    free = _free_now(fuse, points)
    grows = False
    for point in points:
        if point.key in chosen and point.default_a < default_a:
            grows = True
            _take(free, point, max(0, default_a - point.ceiling_a))
    return not grows or min(free) >= 0


def safe_default(fuse: Fuse, phases: Sequence[tuple[int, ...]]) -> int:
    """Return what each connector may draw unasked: the minimum where a third is enough for all.

    0 where it is not: then a vehicle waits the seconds until we answered, and a station that is
    cut off begins nothing new, but the fuse carries as many vehicles as it can.
    """
    used = [sum(phase in each for each in phases) * fuse.min_a for phase in range(3)]
    return fuse.min_a if phases and max(used) * 3 <= fuse.limit_a else 0


def wanted(point: Point, drawn_a: int | None, now: datetime) -> int | None:
    """Return what a vehicle was seen to want; None lets it have what it may.

    It is judged by what flows a while after its limit last changed.
    """
    given = point.confirmed_a
    if drawn_a is None or given is None or point.changed_at is None:
        return point.wants_a
    if now - point.changed_at < FOLLOWED:
        return point.wants_a
    if drawn_a <= given - SLACK_A:
        return drawn_a + MARGIN_A
    if point.wants_a is not None and drawn_a >= given - 1:
        return None
    return point.wants_a


def after(point: Point, outcome: str, now: datetime) -> Point:
    """Return a connector once the last limit sent to it is accepted, rejected, unsent or lost.

    Of a lost one nobody knows whether it holds: the higher of both is reckoned with.
    """
    if outcome == ACCEPTED:
        return replace(
            point, confirmed_a=point.pending_a, pending_a=None, is_unsure=False, changed_at=now
        )
    if outcome == LOST:
        highest = max(point.confirmed_a or 0, point.pending_a or 0)
        return replace(point, confirmed_a=highest, pending_a=None, is_unsure=True, changed_at=now)
    return replace(point, pending_a=None)


def freed(point: Point) -> Point:
    """Return a connector whose session ended: what was said of it ended with it."""
    return replace(
        point,
        confirmed_a=None,
        pending_a=None,
        is_unsure=False,
        is_full=False,
        wants_a=None,
        turn_since=None,
        waits_since=None,
        changed_at=None,
    )


def _take(free: list[int], point: Point, amperes: int) -> None:
    for phase in point.phases:
        free[phase] -= amperes


def _room(free: Sequence[int], point: Point) -> int:
    return min(free[phase] for phase in point.phases)


def _free_now(fuse: Fuse, points: Iterable[Point]) -> list[int]:
    return [fuse.limit_a - used for used in ceilings(points)]


def _in_order(fuse: Fuse, points: list[Point], now: datetime) -> list[Point]:
    """Return who is asked first: turns that go on, who waits longest, turns that are over."""

    def rank(point: Point) -> tuple[int, datetime, int]:
        if point.is_full:
            return 3, point.waits_since or now, point.key
        if point.turn_since is not None:
            is_over = now - point.turn_since >= fuse.turn
            return (2 if is_over else 0), point.turn_since, point.key
        return 1, point.waits_since or now, point.key

    return sorted(points, key=rank)


def _admit(fuse: Fuse, steered: list[Point], free: list[int], made: Plan) -> None:
    for point in steered:
        least = max(min(fuse.min_a, point.max_a) - point.default_a, 0)
        is_in = _room(free, point) >= least
        if is_in:
            _take(free, point, least)
        made.targets[point.key] = point.default_a + (least if is_in else 0)
        made.states[point.key] = (FULL if point.is_full else RUNNING) if is_in else HELD


def _fill(fuse: Fuse, steered: list[Point], free: list[int], made: Plan) -> None:
    """Give what is left an ampere at a time, in turn: nobody gets two before all got one."""
    growing = [p for p in steered if made.states[p.key] == RUNNING]
    while growing:
        still = []
        for point in growing:
            if made.targets[point.key] < _most(fuse, point) and _room(free, point) >= 1:
                _take(free, point, 1)
                made.targets[point.key] += 1
                still.append(point)
        growing = still


def _most(fuse: Fuse, point: Point) -> int:
    if point.wants_a is None:
        return point.max_a
    return min(point.max_a, max(point.wants_a, fuse.min_a))


def _order(
    fuse: Fuse, points: Sequence[Point], steered: list[Point], made: Plan, now: datetime
) -> None:
    """Send what takes at once; send what gives as far as everything confirmed leaves room."""
    free = _free_now(fuse, points)
    for point in steered:
        target = made.targets[point.key]
        if point.pending_a is not None:
            continue
        if target < point.current_a or (point.is_unsure and target <= point.ceiling_a):
            made.orders[point.key] = target
            continue
        if target == point.current_a or not _may_raise(point, now):
            continue
        raised = min(target, point.ceiling_a + max(_room(free, point), 0))
        if raised == target or (point.current_a < fuse.min_a <= raised):
            made.orders[point.key] = raised
            _take(free, point, max(raised - point.ceiling_a, 0))


def _may_raise(point: Point, now: datetime) -> bool:
    is_new = point.confirmed_a in (None, 0) or point.changed_at is None
    return is_new or now - (point.changed_at or now) >= SETTLE
