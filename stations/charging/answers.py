"""What a station's answer to a profile means for the site's shared limit."""

from datetime import datetime

from stations.charging import profiles, reading, site, turns
from stations.charging.reading import Seat
from stations.metering import sharing
from stations.models import (
    ChargingProfile,
    Command,
    LoadMember,
    LoadShare,
    StationReport,
)


def follow_profile(command: Command, as_of: datetime) -> None:
    """Take the answer to a profile in, and share anew where the site had sent it."""
    # before the profile's row: who shares out has the group, and writes profiles then
    group = turns.hold_group_of(command.station_id)
    profile = profiles.apply_answer(command, as_of)
    if profile is None or profile.maker != ChargingProfile.Maker.SITE or group is None:
        return
    member = LoadMember.objects.get(group=group, station_id=profile.station_id)
    outcome = profiles.outcome_of(command)
    if profile.number == site.DEFAULT_NUMBER:
        _default_answered(member, outcome, as_of)
    else:
        _share_answered(member, profile, outcome, as_of)
    site.reconcile_group(group_id=group.pk, as_of=as_of)


def _default_answered(member: LoadMember, outcome: str, as_of: datetime) -> None:
    if member.default_pending_a is None:
        return
    if outcome == sharing.ACCEPTED:
        member.default_a, member.default_at = member.default_pending_a, as_of
        member.default_refused_at = None
    elif outcome == sharing.REJECTED:
        member.default_refused_at = as_of
    elif outcome == sharing.LOST and member.default_a is not None:
        member.default_a = max(member.default_a, member.default_pending_a)
        member.default_at = None
    member.default_pending_a = None
    member.save(
        update_fields=["default_a", "default_at", "default_pending_a", "default_refused_at"]
    )


def _share_answered(
    member: LoadMember, profile: ChargingProfile, outcome: str, as_of: datetime
) -> None:
    share = (
        LoadShare.objects.select_related("connector", "session")
        .filter(member=member, connector__evse__number=profile.evse_number)
        .first()
    )
    if share is None or share.pending_a is None or share.session is None:
        return
    if share.session.ocpp_transaction_id != profile.transaction:
        return
    seat = Seat(share, member, share.session, None)
    reading.keep(share, sharing.after(reading.point_of(seat, as_of), outcome, as_of))
    if outcome == sharing.REJECTED:
        share.refused_at = as_of
    elif outcome == sharing.ACCEPTED:
        share.refused_at = None
    share.save(update_fields=site.SHARE_FIELDS)


def apply_boot(report: StationReport, as_of: datetime) -> None:
    """Let a station that started anew be told its default again; some forget it."""
    group = turns.hold_group_of(report.station_id)
    if group is None:
        return
    member = LoadMember.objects.filter(group=group, station_id=report.station_id)
    member.update(default_at=None, default_refused_at=None)
    site.reconcile_group(group_id=group.pk, as_of=as_of)
