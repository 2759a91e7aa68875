"""What several charging profiles together allow at an EVSE, instant by instant (OCPP block K)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

STATION_MAX, TX_DEFAULT, TX = "station_max", "tx_default", "tx"
PRIORITY, EXTERNAL = "priority", "external"
ABSOLUTE, RECURRING, RELATIVE = "Absolute", "Recurring", "Relative"
DAILY, WEEKLY = "Daily", "Weekly"
DAYS: Final = {DAILY: 1, WEEKLY: 7}
MAINS_V: Final = 230
ALL_PHASES: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """From so many seconds after the schedule's start: a limit in the schedule's unit."""

    start_s: int
    limit: Decimal
    phases: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One charging profile; evse 0 is the whole station, duration None is without end.

    `zone` makes a recurring profile begin at the same hour there, on both nights of the year on
    which the clock changes; without it a day is 24 hours of UTC.
    """

    purpose: str
    steps: tuple[Step, ...]
    evse: int = 0
    stack_level: int = 0
    kind: str = ABSOLUTE
    recurrency: str = DAILY
    unit: str = "A"
    starts_at: datetime | None = None
    duration_s: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time asked for, and what turns A into W: volts, and phases where none are named."""

    starts_at: datetime
    duration_s: int
    evse: int = 1
    unit: str = "A"
    session_at: datetime | None = None
    is_priority: bool = False
    volts: int = MAINS_V
    phases: int = ALL_PHASES


@dataclass(frozen=True, slots=True)
class Slice:
    """From so many seconds after the window's start: the limit, None where nothing limits."""

    start_s: int
    limit: Decimal | None
    phases: int | None = None


def compose(profiles: Iterable[Profile], window: Window) -> tuple[Slice, ...]:
    """Return what may flow at an EVSE over a window, in the window's unit.

    A session's own profile takes the place of the default; of one purpose the highest stack level
    that says something holds; the station's and others' limits cut what is left. Source: OCPP
    2.0.1 part 2 K 3.3-3.5, K08.FR.04.
    """
    here = [p for p in profiles if p.evse in (0, window.evse)]
    slices: list[Slice] = []
    for instant in _boundaries(here, window):
        limit, phases = limit_at(here, window, instant)
        if slices and (slices[-1].limit, slices[-1].phases) == (limit, phases):
            continue
        seconds = int((instant - window.starts_at).total_seconds())
        slices.append(Slice(seconds, limit, phases))
    return tuple(slices)


def limit_at(
    profiles: Sequence[Profile], window: Window, instant: datetime
) -> tuple[Decimal | None, int | None]:
    """Return the limit that holds at an instant and its phases; None where nothing limits."""
    found = [
        step
        for step in (
            _session_step(profiles, window, instant),
            _leading(profiles, STATION_MAX, window, instant),
            _leading(profiles, EXTERNAL, window, instant),
        )
        if step is not None
    ]
    if not found:
        return None, None
    lowest = min(found, key=lambda step: step.limit)
    named = [step.phases for step in found if step.phases is not None]
    return lowest.limit, min(named, default=None)


def _session_step(profiles: Sequence[Profile], window: Window, instant: datetime) -> Step | None:
    purposes = (PRIORITY, TX, TX_DEFAULT) if window.is_priority else (TX, TX_DEFAULT)
    for purpose in purposes:
        if purpose != TX_DEFAULT and window.session_at is None:
            continue
        step = _leading(profiles, purpose, window, instant)
        if step is not None:
            return step
    return None


def _leading(
    profiles: Sequence[Profile], purpose: str, window: Window, instant: datetime
) -> Step | None:
    """Return what the highest stack level says; of two the one of the EVSE itself."""
    said = []
    for profile in profiles:
        if profile.purpose == purpose:
            step = _step_of(profile, window, instant)
            if step is not None:
                said.append(((profile.stack_level, profile.evse), step))
    return max(said, key=lambda pair: pair[0])[1] if said else None


def _step_of(profile: Profile, window: Window, instant: datetime) -> Step | None:
    if profile.valid_from is not None and instant < profile.valid_from:
        return None
    if profile.valid_to is not None and instant >= profile.valid_to:
        return None
    begun = _begun(profile, window, instant)
    if begun is None:
        return None
    passed_s = (instant - begun).total_seconds()
    if profile.duration_s is not None and passed_s >= profile.duration_s:
        return None
    step = next((s for s in reversed(profile.steps) if s.start_s <= passed_s), None)
    return None if step is None else _in_unit(step, profile, window)


def _in_unit(step: Step, profile: Profile, window: Window) -> Step:
    if profile.unit == window.unit:
        return step
    volts = window.volts * (step.phases or window.phases)
    limit = step.limit * volts if window.unit == "W" else step.limit / volts
    return replace(step, limit=limit)


def _begun(profile: Profile, window: Window, instant: datetime) -> datetime | None:
    """Return when the run of a profile's schedule that holds at an instant began."""
    if profile.kind == RELATIVE:
        began = window.session_at or window.starts_at
        return began if began <= instant else None
    start = profile.starts_at or profile.valid_from
    if start is None:
        # An absolute profile without a start begins when it is taken (K01.FR.14 asks for one).
        return window.starts_at if instant >= window.starts_at else None
    if start > instant:
        return None
    if profile.kind != RECURRING:
        return start
    return _recurrence(start, profile, instant)


def _recurrence(start: datetime, profile: Profile, instant: datetime) -> datetime:
    days = DAYS[profile.recurrency]
    runs = max((instant - start) // timedelta(days=days) - 1, 0)
    begun = start
    while True:
        following = _shifted(start, (runs + 1) * days, profile.zone)
        if following > instant:
            return _shifted(start, runs * days, profile.zone) if runs else begun
        runs += 1


def _shifted(start: datetime, days: int, zone: tzinfo | None) -> datetime:
    """Return the instant so many days later; at the same hour of a zone where there is one."""
    if zone is None:
        return start + timedelta(days=days)
    local = start.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=zone).astimezone(start.tzinfo)


def _boundaries(profiles: Sequence[Profile], window: Window) -> list[datetime]:
    """Return every instant of the window at which the outcome may change, its start first."""
    end = window.starts_at + timedelta(seconds=window.duration_s)
    found = {window.starts_at}
    for profile in profiles:
        for edge in (profile.valid_from, profile.valid_to):
            if edge is not None:
                found.add(edge)
        for begun in _runs(profile, window, end):
            offsets = [step.start_s for step in profile.steps]
            if profile.duration_s is not None:
                offsets.append(profile.duration_s)
            found.update(begun + timedelta(seconds=offset) for offset in (0, *offsets))
    return sorted(instant for instant in found if window.starts_at <= instant < end)


def _runs(profile: Profile, window: Window, end: datetime) -> list[datetime]:
    """Return the beginnings of a schedule's runs that reach into a window."""
    at_start = _begun(profile, window, window.starts_at)
    runs = [] if at_start is None else [at_start]
    start = profile.starts_at or profile.valid_from
    if profile.kind == RELATIVE:
        start = window.session_at
    if start is not None and window.starts_at <= start < end:
        runs.append(start)
    if profile.kind == RECURRING and start is not None:
        days = DAYS[profile.recurrency]
        count = max((window.starts_at - start) // timedelta(days=days), 0)
        while (begun := _shifted(start, count * days, profile.zone)) < end:
            runs.append(begun)
            count += 1
    return runs
