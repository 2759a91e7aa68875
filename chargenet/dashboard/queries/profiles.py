"""A station's charging profiles as its page shows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from chargenet.core import formats
from chargenet.dashboard.parts import Fact
from stations import charging
from stations.metering.schedules import Slice
from stations.models import (
    ChargingNeed,
    ChargingProfile,
    ExternalLimit,
    LoadGroup,
    LoadMember,
    Station,
)

RECENT_NEEDS = 5


@dataclass(frozen=True)
class ProfileRow:
    """One charging profile of a station."""

    id: int
    number: int
    purpose: str
    place: str
    level: int
    maker: str
    says: str
    state: str
    reason: str
    asked_at: datetime
    reported_at: datetime | None
    may_clear: bool


@dataclass(frozen=True)
class EvseRow:
    """What should hold at an EVSE beside what the station says."""

    number: int
    expected: list[str]
    told: list[str]
    refusal: str
    told_at: datetime | None
    agrees: bool | None


@dataclass(frozen=True)
class PowerPage:
    """What a station's power tab shows."""

    profiles: list[ProfileRow]
    evses: list[EvseRow]
    limits: list[ExternalLimit]
    needs: list[ChargingNeed]
    group: LoadGroup | None
    facts: list[Fact]


def power_page(station: Station, as_of: datetime) -> PowerPage:
    """Return a station's profiles, what they add up to, and others' limits."""
    rows = ChargingProfile.objects.filter(station=station).order_by("state", "evse_number", "-pk")
    member = LoadMember.objects.filter(station=station).select_related("group").first()
    held = [_profile_row(row) for row in rows if row.state != ChargingProfile.State.CLEARED]
    return PowerPage(
        profiles=held,
        evses=[_evse_row(each, as_of) for each in charging.compare(station, as_of=as_of)],
        limits=list(ExternalLimit.objects.filter(station=station, cleared_at=None)),
        needs=list(
            ChargingNeed.objects.filter(station=station).order_by("-received_at")[:RECENT_NEEDS]
        ),
        group=member.group if member else None,
        facts=_member_facts(member),
    )


def _member_facts(member: LoadMember | None) -> list[Fact]:
    if member is None:
        return []
    default_a = member.default_a
    return [
        Fact(_("Phases"), " ".join(f"L{digit}" for digit in member.phases)),
        Fact(
            _("May draw unasked, each connector"),
            _("not limited") if default_a is None else f"{default_a}\u00a0A",
        ),
    ]


def _profile_row(row: ChargingProfile) -> ProfileRow:
    return ProfileRow(
        id=row.pk,
        number=row.number,
        purpose=str(row.get_purpose_display()),
        place=str(row.evse_number) if row.evse_number else _("all"),
        level=row.stack_level,
        maker=str(row.get_maker_display()),
        says=says(row.schedule),
        state=row.state,
        reason=row.reason,
        asked_at=row.asked_at,
        reported_at=row.reported_at,
        may_clear=row.maker != ChargingProfile.Maker.SITE
        and row.state in ("installed", "unsure", "sent"),
    )


def says(schedule: dict[str, object]) -> str:
    """Return a schedule in a few words."""
    periods = schedule.get("periods")
    if not isinstance(periods, list) or not periods:
        return ""
    unit = str(schedule.get("unit", "A"))
    parts = []
    for period in periods[:4]:
        after_s = int(period["start"])
        limit = f"{period['limit']}\u00a0{unit}"
        parts.append(f"{formats.duration(after_s)}: {limit}" if after_s else limit)
    if schedule.get("kind") == "Recurring":
        word = _("daily") if schedule.get("recurrency") != "Weekly" else _("weekly")
        return f"{word}, {', '.join(parts)}"
    return ", ".join(parts)


def _evse_row(each: charging.Comparison, as_of: datetime) -> EvseRow:
    told = each.told
    start = told.starts_at if told else None
    return EvseRow(
        number=each.evse_number,
        expected=[_slice(one, as_of) for one in each.expected[:6]],
        told=[]
        if told is None
        else [
            _slice(Slice(int(row["start"]), Decimal(row["limit"])), start or as_of, told.unit)
            for row in told.periods[:6]
        ],
        refusal=told.refusal if told else "",
        told_at=told.asked_at if told else None,
        agrees=each.agrees,
    )


def _slice(one: Slice, start: datetime, unit: str = "A") -> str:
    begins = f"{timezone.localtime(start + timedelta(seconds=one.start_s)):%H:%M}"
    if one.limit is None:
        return " ".join((begins, _("no limit")))
    digits = 0 if one.limit == one.limit.to_integral_value() else 1
    return f"{begins} {formats.number(one.limit, digits=digits)}\u00a0{unit}"
