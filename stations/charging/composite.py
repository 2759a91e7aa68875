"""What a station would allow: by what we know of its profiles, and in its own words (K08)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.dateparse import parse_datetime

from chargenet.core.models import User
from stations import commands
from stations.charging.reports import read_periods
from stations.metering import schedules
from stations.metering.schedules import Profile, Slice, Step, Window
from stations.models import (
    ChargingProfile,
    Command,
    CompositeSchedule,
    ExternalLimit,
    Session,
    Station,
)

ORIGIN: Final = "composite"
DURATION_S: Final = 24 * 3600
EXTERNAL: Final = "external"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What we expect beside what the station said; None where it said nothing."""

    evse_number: int
    expected: tuple[Slice, ...]
    told: CompositeSchedule | None

    @property
    def agrees(self) -> bool | None:
        """Return whether both begin alike; None where the station said nothing."""
        if self.told is None or self.told.refusal or not self.told.periods:
            return None
        first = self.expected[0].limit
        # Where we limit nothing a station names what its hardware can give.
        return first is None or abs(Decimal(self.told.periods[0]["limit"]) - first) <= 1


def ask_composite(
    *,
    station: Station,
    evse_number: int,
    duration_s: int = DURATION_S,
    requested_by: User | None = None,
    as_of: datetime,
) -> Command:
    """Ask a station what it would allow at an EVSE."""
    row, _ = CompositeSchedule.objects.update_or_create(
        station=station,
        evse_number=evse_number,
        defaults={"operator_id": station.operator_id, "asked_at": as_of},
    )
    return commands.send_command(
        station=station,
        action=commands.COMPOSITE_SCHEDULE,
        payload={"evse": evse_number, "duration": duration_s, "unit": "A"},
        requested_by=requested_by,
        as_of=as_of,
        origin=f"{ORIGIN}:{row.pk}",
    )


def follow_composite(command: Command, _as_of: datetime) -> None:
    """Keep what a station says it would allow."""
    row = CompositeSchedule.objects.filter(pk=int(command.origin.partition(":")[2])).first()
    if row is None:
        return
    answer = command.answer or {}
    told = answer.get("schedule") or answer.get("chargingSchedule") or {}
    row.refusal = ""
    if command.state != Command.State.ACCEPTED or not told:
        row.refusal = str(answer.get("status") or command.error or command.state)[:60]
    else:
        start = told.get("scheduleStart") or answer.get("scheduleStart")
        row.starts_at = parse_datetime(str(start)) if start else command.sent_at
        row.duration_s = max(int(told.get("duration") or 0), 0)
        row.unit = str(told.get("chargingRateUnit", "A"))[:1]
        row.periods = read_periods(told.get("chargingSchedulePeriod") or [])
    row.save(update_fields=["refusal", "starts_at", "duration_s", "unit", "periods"])


def compare(station: Station, *, as_of: datetime) -> list[Comparison]:
    """Return for each EVSE what should hold over the next day, beside the station's own word."""
    known = profiles_of(station)
    running = {
        session.connector.evse_id: session
        for session in Session.objects.filter(
            station=station, state=Session.State.OPEN
        ).select_related("connector")
    }
    told = {row.evse_number: row for row in CompositeSchedule.objects.filter(station=station)}
    found = []
    for evse in station.evses.order_by("number"):
        session = running.get(evse.pk)
        window = Window(
            starts_at=as_of,
            duration_s=DURATION_S,
            evse=evse.number,
            session_at=session.started_at if session else None,
        )
        expected = schedules.compose(known, window)
        found.append(Comparison(evse.number, expected, told.get(evse.number)))
    return found


def profiles_of(station: Station) -> list[Profile]:
    """Return what is known to hold at a station: accepted profiles and others' limits."""
    rows = ChargingProfile.objects.filter(station=station, state__in=ChargingProfile.HELD)
    found = [
        read_profile(row.accepted, row.purpose, row.evse_number, row.stack_level)
        for row in rows
        if row.accepted
    ]
    for limit in ExternalLimit.objects.filter(station=station, cleared_at=None):
        found += [read_profile(each, EXTERNAL, limit.evse_number, 0) for each in limit.schedules]
    return [profile for profile in found if profile is not None]


def read_profile(
    schedule: Mapping[str, Any], purpose: str, evse: int, level: int
) -> Profile | None:
    """Return a stored schedule as the calculator reads it, None for one that says nothing."""
    try:
        steps = tuple(
            Step(int(row["start"]), Decimal(str(row["limit"])), row.get("phases"))
            for row in schedule.get("periods") or []
        )
    except (InvalidOperation, KeyError, TypeError, ValueError):
        return None
    if not steps:
        return None
    return Profile(
        purpose=purpose,
        steps=steps,
        evse=evse,
        stack_level=level,
        kind=str(schedule.get("kind", schedules.ABSOLUTE)),
        recurrency=str(schedule.get("recurrency") or schedules.DAILY),
        unit=str(schedule.get("unit", "A")),
        starts_at=_instant(schedule.get("start")),
        duration_s=schedule.get("duration"),
        valid_from=_instant(schedule.get("valid_from")),
        valid_to=_instant(schedule.get("valid_to")),
    )


def _instant(text: object) -> datetime | None:
    found = parse_datetime(str(text)) if text else None
    return found if found is None or found.tzinfo else None
