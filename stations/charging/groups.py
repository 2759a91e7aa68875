"""Setting up a shared limit: which stations, on which phases, and what they may draw unasked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from stations.charging import profiles, reading, turns
from stations.charging.site import DEFAULT_NUMBER
from stations.metering import sharing
from stations.models import (
    ChargingProfile,
    Connector,
    Hold,
    LoadGroup,
    LoadMember,
    LoadShare,
    Location,
    Station,
)

WIRINGS: Final = ("123", "231", "312", "1", "2", "3")
DC_STANDARDS: Final = ("COMBO", "CCS", "CHADEMO")
PHASES: Final = 3


class GroupRefused(ValueError):
    """A shared limit that cannot be; the text says why."""


@transaction.atomic
def create_group(
    *,
    location: Location,
    name: str,
    limit_a: int,
    station_ids: Sequence[int],
    min_current_a: int = 6,
    rotation_s: int = 900,
    as_of: datetime,
) -> LoadGroup:
    """Put stations of a location under one limit; raises GroupRefused."""
    if limit_a < min_current_a:
        raise GroupRefused("the limit is below what one vehicle needs")
    if LoadGroup.objects.filter(location=location, name=name).exists():
        raise GroupRefused("the location has a limit of this name")
    group = LoadGroup.objects.create(
        operator_id=location.operator_id,
        location=location,
        name=name[:80],
        limit_a=limit_a,
        min_current_a=min_current_a,
        rotation_s=rotation_s,
    )
    set_members(group=group, station_ids=station_ids, as_of=as_of)
    return group


@transaction.atomic
def change_group(
    *, group: LoadGroup, limit_a: int, rotation_s: int, safe_current_a: int | None = None
) -> LoadGroup:
    """Change what a group may draw; the safe current is worked out where none is given.

    Raises GroupRefused.
    """
    group = turns.hold_group(group.pk)
    if limit_a < group.min_current_a:
        raise GroupRefused("the limit is below what one vehicle needs")
    group.limit_a, group.rotation_s = limit_a, rotation_s
    group.safe_current_a = _safe_current(group, safe_current_a)
    group.save(update_fields=["limit_a", "rotation_s", "safe_current_a"])
    return group


@transaction.atomic
def set_members(*, group: LoadGroup, station_ids: Sequence[int], as_of: datetime) -> None:
    """Let a group have these stations and no others; raises GroupRefused."""
    group = turns.hold_group(group.pk)
    stations = list(
        Station.objects.filter(pk__in=list(station_ids), location_id=group.location_id)
    )
    if len(stations) != len(set(station_ids)):
        raise GroupRefused("a station of another location cannot share this fuse")
    taken = LoadMember.objects.filter(station__in=stations).exclude(group=group).first()
    if taken is not None:
        raise GroupRefused(f"{taken.station.name} is under another limit")
    for member in group.members.exclude(station__in=stations):
        _drop(member, as_of)
    known = set(group.members.values_list("station_id", flat=True))
    for station in stations:
        if station.pk not in known:
            LoadMember.objects.create(
                operator_id=group.operator_id,
                group=group,
                station=station,
                is_dc=_is_dc(station),
            )
    safe_a = _safe_current(group, None)
    LoadGroup.objects.filter(pk=group.pk).update(safe_current_a=safe_a)


@transaction.atomic
def set_wiring(*, member: LoadMember, phases: str) -> None:
    """Say at which of the site's phases a station's L1, L2, L3 are. Raises GroupRefused."""
    if phases not in WIRINGS:
        raise GroupRefused(f"the phases are one of {', '.join(WIRINGS)}")
    turns.hold_group(member.group_id)
    LoadMember.objects.filter(pk=member.pk).update(phases=phases)


@transaction.atomic
def end_group(*, group: LoadGroup, as_of: datetime) -> None:
    """Lift a shared limit: its stations are told to forget it."""
    turns.hold_group(group.pk)
    for member in group.members.select_related("station"):
        _drop(member, as_of)
    LoadGroup.objects.filter(pk=group.pk).update(
        is_active=False, ceiling_l1_a=0, ceiling_l2_a=0, ceiling_l3_a=0, reconciled_at=as_of
    )


def _drop(member: LoadMember, as_of: datetime) -> None:
    """Take a station from under a limit, and let it forget what it was told."""
    told = ChargingProfile.objects.filter(
        station=member.station, number__gte=DEFAULT_NUMBER, state__in=ChargingProfile.HELD
    )
    for profile in told.select_related("station"):
        profiles.clear_profile(profile=profile, as_of=as_of)
    connectors = LoadShare.objects.filter(member=member).values("connector_id")
    Hold.objects.filter(connector_id__in=connectors, ended_at=None).update(ended_at=as_of)
    LoadShare.objects.filter(member=member).delete()
    member.delete()


def _safe_current(group: LoadGroup, wanted_a: int | None) -> int:
    """Return what a connector may draw unasked: as wanted if the fuse carries it for all."""
    phases = [
        reading.phases_of(member)
        for member in group.members.all()
        for _ in range(member.station.evses.count())
    ]
    fuse = reading.fuse_of(group)
    if wanted_a is None:
        return sharing.safe_default(fuse, phases)
    busiest = max((sum(n in each for each in phases) for n in range(PHASES)), default=0)
    if wanted_a and (wanted_a < group.min_current_a or busiest * wanted_a > group.limit_a):
        raise GroupRefused("the fuse does not carry that for every connector at once")
    return wanted_a


def _is_dc(station: Station) -> bool:
    standards = Connector.objects.filter(station=station).values_list("standard", flat=True)
    return any(word in standard.upper() for standard in standards for word in DC_STANDARDS)
