"""Reading a session as OCPI charging periods. Source: OCPI 2.2.1 ch. 10, CdrDimension."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from fractions import Fraction
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from billing.tariffs import instants, reading
from stations.metering.session_facts import Period, ReservationOutcome, SessionFacts

SESSION_KEYS = (
    *("time_zone", "start_date_time", "end_date_time", "charging_periods"),
    "reservation_outcome",
)
PERIOD_KEYS = ("start_date_time", "dimensions", "duration_seconds")
HOUR_S = 3600
THOUSAND = 1000
# A day of every year is more than any session; its clock is looked at day by day.
LONGEST = timedelta(days=366)
# Hours with four decimals are off by 0.18 s, and some cut where others round.
CLOSE_S = 1


class DimensionType(Enum):
    """What a charging period may tell; the last seven are read and unused."""

    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"
    RESERVATION_TIME = "RESERVATION_TIME"
    MIN_POWER = "MIN_POWER"
    MAX_POWER = "MAX_POWER"
    MIN_CURRENT = "MIN_CURRENT"
    MAX_CURRENT = "MAX_CURRENT"
    CURRENT = "CURRENT"
    ENERGY_EXPORT = "ENERGY_EXPORT"
    ENERGY_IMPORT = "ENERGY_IMPORT"
    FLAT = "FLAT"
    POWER = "POWER"
    STATE_OF_CHARGE = "STATE_OF_CHARGE"
    GRID_IMPORT = "GRID_IMPORT"


HOURS = (DimensionType.TIME, DimensionType.PARKING_TIME, DimensionType.RESERVATION_TIME)
Volumes = dict[DimensionType, Fraction]


@dataclass(frozen=True, slots=True)
class _Draft:
    where: str
    started_at: datetime
    volumes: Volumes
    duration_s: Fraction | None


def parse_session(document: object, *, where: str = "$") -> SessionFacts:
    """Read a session strictly; raises Refused with the JSON path of what cannot be used."""
    source = reading.as_object(document, where, allowed=SESSION_KEYS)
    zone = _zone(reading.required(source, "time_zone", where), f"{where}.time_zone")
    started_at, ended_at = (
        reading.as_instant(reading.required(source, key, where), f"{where}.{key}")
        for key in ("start_date_time", "end_date_time")
    )
    if ended_at < started_at:
        what = "the session ends before it starts"
        raise reading.Refused(f"{where}.end_date_time", what, "Exchange the two instants.")
    if ended_at - started_at > LONGEST:
        what = f"the session lasts more than {LONGEST.days} days"
        raise reading.Refused(f"{where}.end_date_time", what, "Look at its instants.")
    path = f"{where}.charging_periods"
    drafts = [
        _draft(item, f"{path}[{number}]")
        for number, item in enumerate(
            reading.as_list(reading.required(source, "charging_periods", where), path)
        )
    ]
    outcome = source.get("reservation_outcome")
    notes: list[str] = []
    periods = _periods(drafts, started_at, ended_at, notes)
    return SessionFacts(
        time_zone=zone,
        started_at=started_at,
        ended_at=ended_at,
        periods=periods,
        reservation=None
        if outcome is None
        else reading.as_choice(outcome, f"{where}.reservation_outcome", ReservationOutcome),
        notes=tuple(notes),
    )


def _zone(value: object, where: str) -> ZoneInfo:
    name = reading.as_text(value, where)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        what = f"{name!r} is no time zone"
        raise reading.Refused(where, what, "Write it as Europe/Stockholm.") from error


def _draft(value: object, where: str) -> _Draft:
    source = reading.as_object(value, where, allowed=PERIOD_KEYS)
    started = reading.required(source, "start_date_time", where)
    listed = reading.required(source, "dimensions", where)
    volumes: Volumes = {}
    for number, item in enumerate(reading.as_list(listed, f"{where}.dimensions")):
        path = f"{where}.dimensions[{number}]"
        each = reading.as_object(item, path, allowed=("type", "volume"))
        kind = reading.as_choice(
            reading.required(each, "type", path), f"{path}.type", DimensionType
        )
        if kind in volumes:
            raise reading.Refused(f"{path}.type", f"{kind.value} twice", "Give each type once.")
        read = reading.as_number if kind in UNUSED else reading.as_count
        volumes[kind] = read(reading.required(each, "volume", path), f"{path}.volume")
    if volumes.get(HOURS[2]) and (volumes.get(HOURS[0]) or volumes.get(HOURS[1])):
        what = "a reservation and a session in one period"
        raise reading.Refused(f"{where}.dimensions", what, "Split the period.")
    duration = source.get("duration_seconds")
    return _Draft(
        where,
        reading.as_instant(started, f"{where}.start_date_time"),
        volumes,
        None if duration is None else reading.as_count(duration, f"{where}.duration_seconds"),
    )


UNUSED = frozenset(list(DimensionType)[8:])


def _periods(
    drafts: list[_Draft], started_at: datetime, ended_at: datetime, notes: list[str]
) -> tuple[Period, ...]:
    """Return periods in order, clipped to the session; what had to be moved is noted."""
    ordered = sorted(drafts, key=lambda draft: draft.started_at)
    if ordered != drafts:
        notes.append("charging_periods: not in order of time, sorted")
    if any(not started_at <= draft.started_at <= ended_at for draft in drafts):
        notes.append("charging_periods: a period starts outside the session, clipped")
    starts = [min(max(draft.started_at, started_at), ended_at) for draft in ordered]
    limits = [*starts[1:], ended_at][: len(starts)]
    if starts and starts[0] > started_at:
        notes.append("charging_periods: nothing is told of the session's beginning, it is free")
    return tuple(
        _period(draft, start, limit, notes)
        for draft, start, limit in zip(ordered, starts, limits, strict=True)
    )


def _period(draft: _Draft, started_at: datetime, limit: datetime, notes: list[str]) -> Period:
    volumes = draft.volumes
    until_next = instants.seconds_between(started_at, limit)
    hours = sum((volumes.get(kind, Fraction(0)) for kind in HOURS), Fraction(0))
    length = draft.duration_s
    if length is None:
        told = any(kind in volumes for kind in HOURS)
        length = hours * HOUR_S if told else until_next
    charging, parking, reserved = _shares(volumes, hours, length)
    energy = volumes.get(DimensionType.ENERGY)
    if energy and not until_next and draft.started_at == started_at:
        what = "energy in no time"
        raise reading.Refused(draft.where, what, "Give the period a beginning before its end.")
    _note_length(draft, length, until_next, notes)
    # Energy is spread over the clock; a length said with four decimals may overrun the next.
    is_short = length < until_next and bool(length or not energy)
    ended_at = instants.later(started_at, length) if is_short else limit
    return Period(
        started_at=started_at,
        ended_at=ended_at,
        energy_wh=None if energy is None else energy * THOUSAND,
        charging_s=charging,
        parking_s=parking,
        reservation_s=reserved,
        min_power_w=_scaled(volumes.get(DimensionType.MIN_POWER), THOUSAND),
        max_power_w=_scaled(volumes.get(DimensionType.MAX_POWER), THOUSAND),
        min_current_a=volumes.get(DimensionType.MIN_CURRENT),
        max_current_a=volumes.get(DimensionType.MAX_CURRENT),
    )


def _note_length(draft: _Draft, length: Fraction, until_next: Fraction, notes: list[str]) -> None:
    """Say where a period's own length is not that of the clock, beyond what four decimals lose."""
    if length > until_next + CLOSE_S:
        notes.append(f"{draft.where}: longer than the time it has, billed as it says")
    elif length < until_next - CLOSE_S:
        notes.append(f"{draft.where}: nothing is told of the time after it, it is free")


def _shares(volumes: Volumes, hours: Fraction, length: Fraction) -> tuple[Fraction, ...]:
    """Return the seconds of charging, parking and reservation of a period of that length."""
    if hours:
        return tuple(length * volumes.get(kind, Fraction(0)) / hours for kind in HOURS)
    # No volume tells: the kind named says what the time was, and none named means charging.
    named = next((kind for kind in HOURS if kind in volumes), DimensionType.TIME)
    return tuple(length if kind is named else Fraction(0) for kind in HOURS)


def _scaled(value: Fraction | None, factor: int) -> Fraction | None:
    return None if value is None else value * factor
