"""Asking a station to hold a charging profile, and hearing whether it does (OCPP K01-K04, K10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from chargenet.core.models import User
from stations import commands
from stations.charging import turns
from stations.metering import sharing
from stations.models import ChargingProfile, Command, LoadMember, Session, Station

ORIGIN: Final = "profile"
LIFETIME: Final = timedelta(minutes=2)
# A station's own and other people's profiles count from 1; what the site's limit sends is above.
FIRST_OF_SITE: Final = 1_000_000
Purpose, State = ChargingProfile.Purpose, ChargingProfile.State
KINDS: Final = ("Absolute", "Recurring", "Relative")
RECURRENCIES: Final = ("Daily", "Weekly")
MOST_PERIODS: Final = 1024


class ProfileRefused(ValueError):
    """A profile no station may be asked to hold; the text says which rule it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A profile as somebody wants it; the schedule is in the words of `metering.schedules`."""

    purpose: str
    schedule: Mapping[str, Any]
    evse_number: int = 0
    stack_level: int = 0
    transaction: str = ""
    maker: str = ChargingProfile.Maker.PERSON
    number: int | None = None


@transaction.atomic
def set_profile(
    *, station: Station, wish: Wish, requested_by: User | None = None, as_of: datetime
) -> ChargingProfile:
    """Ask a station to hold a profile; one of the same number takes the older one's place.

    Raises ProfileRefused where the standard forbids it or another profile stands there.
    """
    turns.hold_profiles(station.pk)
    _check(station, wish)
    number = wish.number if wish.number is not None else _next_number(station)
    _make_way(station, wish, number)
    profile, _ = ChargingProfile.objects.update_or_create(
        station=station,
        number=number,
        defaults={
            "operator_id": station.operator_id,
            "evse_number": wish.evse_number,
            "purpose": wish.purpose,
            "stack_level": wish.stack_level,
            "transaction": wish.transaction,
            "maker": wish.maker,
            "schedule": dict(wish.schedule),
            "state": State.SENT,
            "reason": "",
            "asked_at": as_of,
        },
    )
    commands.send_command(
        station=station,
        action=commands.SET_PROFILE,
        payload={"evse": wish.evse_number, "profile": said(profile)},
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{profile.pk}",
    )
    return profile


@transaction.atomic
def clear_profile(
    *, profile: ChargingProfile, requested_by: User | None = None, as_of: datetime
) -> None:
    """Ask a station to forget a profile (K10)."""
    ChargingProfile.objects.filter(pk=profile.pk).update(state=State.CLEARING, asked_at=as_of)
    commands.send_command(
        station=profile.station,
        action=commands.CLEAR_PROFILE,
        payload={"id": profile.number},
        requested_by=requested_by,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{profile.pk}",
    )


def forget_session_profiles(station: Station, evse_number: int) -> None:
    """Take note that a session's profiles ended with it, as the standard says."""
    ChargingProfile.objects.filter(
        station=station,
        evse_number=evse_number,
        purpose=Purpose.TX,
        state__in=ChargingProfile.HELD,
    ).update(state=State.CLEARED, accepted=None)


def is_under_way(station_id: int, number: int) -> bool:
    """Say whether the last call about a profile has not been followed to its end yet."""
    profile = ChargingProfile.objects.filter(station_id=station_id, number=number).first()
    return (
        profile is not None
        and Command.objects.filter(
            station_id=station_id, origin=f"{ORIGIN}:{profile.pk}", followed_at=None
        ).exists()
    )


def said(profile: ChargingProfile) -> dict[str, Any]:
    """Return a profile in the words of our command."""
    return {
        "id": profile.number,
        "stack_level": profile.stack_level,
        "purpose": profile.purpose,
        "transaction": profile.transaction or None,
        **profile.schedule,
    }


def outcome_of(command: Command) -> str:
    """Return how a call ended in the words of `metering.sharing`."""
    if command.state == Command.State.ACCEPTED:
        return sharing.ACCEPTED
    if command.state in (Command.State.REJECTED, Command.State.ERROR):
        return sharing.REJECTED
    if command.state == Command.State.EXPIRED and command.sent_at is None:
        return sharing.UNSENT
    return sharing.LOST


def apply_answer(command: Command, as_of: datetime) -> ChargingProfile | None:
    """Write what a station's answer means for the profile; a newer wish for it is left alone."""
    key = command.origin.partition(":")[2]
    profile = ChargingProfile.objects.select_related("station").filter(pk=int(key)).first()
    if (
        profile is None
        or Command.objects.filter(
            station_id=command.station_id, origin=command.origin, pk__gt=command.pk
        ).exists()
    ):
        return None
    outcome = outcome_of(command)
    if command.action == commands.CLEAR_PROFILE:
        _cleared(profile, command, outcome)
    else:
        _answered(profile, command, outcome)
    profile.answered_at = as_of
    profile.save(update_fields=["state", "reason", "accepted", "answered_at"])
    return profile


def _answered(profile: ChargingProfile, command: Command, outcome: str) -> None:
    if outcome == sharing.ACCEPTED:
        profile.state, profile.reason = State.INSTALLED, ""
        profile.accepted = profile.schedule
    elif outcome == sharing.LOST:
        profile.state, profile.reason = State.UNSURE, command.state
    else:
        # What the station accepted before goes on; only where there was nothing, nothing holds.
        profile.state = State.REFUSED if profile.accepted is None else State.INSTALLED
        profile.reason = reason_of(command)


def _cleared(profile: ChargingProfile, command: Command, outcome: str) -> None:
    """Unknown is as good as cleared: the station has no such profile (K10.FR.04)."""
    unknown = (command.answer or {}).get("status") == "Unknown"
    if outcome == sharing.ACCEPTED or unknown:
        profile.state, profile.accepted = State.CLEARED, None
    else:
        profile.state, profile.reason = State.UNSURE, reason_of(command)


def reason_of(command: Command) -> str:
    """Return in a few words why a station said no."""
    answer = command.answer or {}
    info = answer.get("statusInfo") if isinstance(answer.get("statusInfo"), dict) else {}
    words = [str(answer.get("status", "")), str((info or {}).get("reasonCode", "")), command.error]
    return " ".join(word for word in words if word)[:120] or command.state


def _next_number(station: Station) -> int:
    ours = ChargingProfile.objects.filter(station=station, number__lt=FIRST_OF_SITE)
    return (ours.aggregate(top=Max("number"))["top"] or 0) + 1


def _make_way(station: Station, wish: Wish, number: int) -> None:
    """Refuse a second profile of one purpose, level and place (K01.FR.06, K01.FR.39)."""
    same = ChargingProfile.objects.filter(
        station=station,
        evse_number=wish.evse_number,
        purpose=wish.purpose,
        stack_level=wish.stack_level,
        transaction=wish.transaction,
        state__in=ChargingProfile.HELD,
    ).exclude(number=number)
    if same.exclude(maker=ChargingProfile.Maker.STATION).exists():
        raise ProfileRefused("another profile of this purpose and level stands there")


def _check(station: Station, wish: Wish) -> None:
    if wish.purpose == Purpose.EXTERNAL:
        raise ProfileRefused("limits of others are not ours to set")  # K01.FR.22
    if wish.purpose == Purpose.PRIORITY and station.ocpp_version != "2.1":
        raise ProfileRefused("priority charging needs OCPP 2.1")
    if wish.purpose == Purpose.STATION_MAX and (
        wish.evse_number or wish.schedule.get("kind") == "Relative"
    ):
        raise ProfileRefused("the station's own limit is for all of it, at fixed times")
    if (wish.purpose == Purpose.TX) != bool(wish.transaction):
        raise ProfileRefused("a session's profile names its session, no other one does")
    if wish.maker != ChargingProfile.Maker.SITE and wish.purpose != Purpose.STATION_MAX:
        _check_free(station)
    if wish.transaction:
        _check_session(station, wish)
    if wish.evse_number and not station.evses.filter(number=wish.evse_number).exists():
        raise ProfileRefused("the station has no such EVSE")
    check_schedule(wish.schedule)


def _check_free(station: Station) -> None:
    """Leave a station under a shared limit to that: a second voice would break its promise."""
    if LoadMember.objects.filter(station=station, group__is_active=True).exists():
        raise ProfileRefused("the site's shared limit decides here")


def _check_session(station: Station, wish: Wish) -> None:
    running = Session.objects.filter(
        station=station,
        ocpp_transaction_id=wish.transaction,
        state=Session.State.OPEN,
        connector__evse__number=wish.evse_number,
    )
    if not running.exists():
        raise ProfileRefused("no such session goes on at that EVSE")  # K01.FR.03, K01.FR.16


def check_schedule(schedule: Mapping[str, Any]) -> None:
    """Raise ProfileRefused unless a schedule can be said in every version."""
    if schedule.get("unit") not in ("A", "W"):
        raise ProfileRefused("the unit is A or W")
    if schedule.get("kind") not in KINDS:
        raise ProfileRefused(f"the kind is one of {', '.join(KINDS)}")
    if schedule["kind"] == "Recurring" and (
        schedule.get("recurrency") not in RECURRENCIES or not schedule.get("start")
    ):
        raise ProfileRefused("a recurring schedule says when it begins, daily or weekly")
    if schedule["kind"] == "Absolute" and not schedule.get("start"):
        raise ProfileRefused("an absolute schedule says when it begins")
    _check_periods(schedule.get("periods"))


def _check_periods(periods: object) -> None:
    if not isinstance(periods, Sequence) or not 0 < len(periods) <= MOST_PERIODS:
        raise ProfileRefused("a schedule has periods")
    starts = [int(period["start"]) for period in periods]
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise ProfileRefused("the first period begins at 0, and each later than the one before")
    if any(float(period["limit"]) < 0 for period in periods):
        raise ProfileRefused("no limit is below 0")
