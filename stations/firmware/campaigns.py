"""Campaigns: who gets an image, in which waves, agreed by how many people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from chargenet.core import audit
from chargenet.core.models import User
from stations import limits
from stations.firmware.jobs import demands_signature
from stations.models import BulkState, FirmwareCampaign, FirmwareImage, FirmwareJob, Station

USUAL_WAVES: Final = (1, 10, 100)
MOST_STATIONS: Final = 10_000


class CampaignInvalid(ValueError):
    """The campaign cannot be planned or moved like this; the sentence says why."""


class FirmwareUnsigned(CampaignInvalid):
    """An unsigned image is for nobody here."""


class NotYours(CampaignInvalid):
    """The person who asked for it cannot be the second one to agree."""


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """What a person wants of a campaign; hours are local at each site."""

    name: str
    waves: Sequence[int] = USUAL_WAVES
    max_failed_percent: int = 10
    back_within_min: int = 60
    rest_min: int = 60
    window_from: time = time(0, 0)
    window_to: time = time(0, 0)
    may_interrupt: bool = False


@transaction.atomic
def plan_campaign(
    *,
    image: FirmwareImage,
    stations: QuerySet[Station],
    plan: CampaignPlan,
    requested_by: User,
    as_of: datetime,
) -> FirmwareCampaign:
    """Write a campaign down, to be looked at and confirmed; nothing leaves yet.

    Raises CampaignInvalid, FirmwareUnsigned.
    """
    waves = _waves(plan.waves)
    _check(image, plan)
    chosen = list(stations.filter(operator_id=image.operator_id).order_by("pk")[:MOST_STATIONS])
    if not chosen:
        raise CampaignInvalid("No station is chosen.")
    known = limits.limits_of(image.operator_id)
    if not image.is_signed and not known.may_install_unsigned:
        raise FirmwareUnsigned("The image is not signed, and this operator installs signed ones.")
    campaign = FirmwareCampaign.objects.create(
        operator_id=image.operator_id,
        image=image,
        name=plan.name.strip()[:120],
        waves=waves,
        max_failed_percent=plan.max_failed_percent,
        back_within_min=plan.back_within_min,
        rest_min=plan.rest_min,
        window_from=plan.window_from,
        window_to=plan.window_to,
        may_interrupt=plan.may_interrupt,
        requested_by=requested_by,
        created_at=as_of,
    )
    to_do = _line_up(campaign, image, chosen, waves, as_of)
    campaign.station_count = to_do
    campaign.needs_approval = to_do > known.approval_above
    campaign.save(update_fields=["station_count", "needs_approval"])
    _write_down(campaign, "plan", requested_by, as_of, {"stations": to_do})
    return campaign


def _check(image: FirmwareImage, plan: CampaignPlan) -> None:
    if not plan.name.strip():
        raise CampaignInvalid("Give the campaign a name.")
    if image.withdrawn_at is not None:
        raise CampaignInvalid("The image was withdrawn.")
    if not (0 <= plan.max_failed_percent <= 100 and 1 <= plan.back_within_min <= 10_080):
        raise CampaignInvalid("A share is 0 to 100 %, a time 1 minute to a week.")
    if not 0 <= plan.rest_min <= 10_080:
        raise CampaignInvalid("A rest is at most a week.")


def _waves(shares: Sequence[int]) -> list[int]:
    rising = list(shares)
    if not rising or rising[-1] != 100 or rising != sorted(set(rising)) or rising[0] < 1:
        raise CampaignInvalid("Waves are rising shares in per cent, the last one 100.")
    return rising


def _line_up(
    campaign: FirmwareCampaign,
    image: FirmwareImage,
    chosen: Sequence[Station],
    waves: Sequence[int],
    as_of: datetime,
) -> int:
    """Write a job for each station, those that cannot have it skipped with the reason."""
    reasons = [(station, _why_not(station, image)) for station in chosen]
    fit = [station for station, reason in reasons if not reason]
    jobs = [
        FirmwareJob(
            operator_id=campaign.operator_id,
            campaign=campaign,
            station=station,
            state=FirmwareJob.State.SKIPPED,
            error=reason,
            finished_at=as_of,
        )
        for station, reason in reasons
        if reason
    ]
    for number, station in enumerate(fit, 1):
        jobs.append(
            FirmwareJob(
                operator_id=campaign.operator_id,
                campaign=campaign,
                station=station,
                wave=_wave_of(number, len(fit), waves),
            )
        )
    FirmwareJob.objects.bulk_create(jobs)
    return len(fit)


def _wave_of(number: int, count: int, waves: Sequence[int]) -> int:
    """Return the wave of the so-manyth station; the first wave has at least one."""
    for wave, share in enumerate(waves):
        if number <= max(1, count * share // 100) or share == 100:
            return wave
    return len(waves) - 1


def _why_not(station: Station, image: FirmwareImage) -> str:
    if station.firmware_version == image.version:
        return "It runs this version."
    if station.vendor and station.vendor.lower() != image.vendor.lower():
        return f"It is made by {station.vendor}."[:255]
    if image.model and station.model and station.model.lower() != image.model.lower():
        return f"It is a {station.model}."[:255]
    if not image.is_signed and demands_signature(station):
        return "It demands a signed image."
    if not station.is_active:
        return "It is not in service."
    return ""


def confirm_campaign(*, campaign: FirmwareCampaign, user: User, as_of: datetime) -> str:
    """Start a planned campaign, or hand it to a second person; return its state."""
    state = BulkState.WAITING if campaign.needs_approval else BulkState.RUNNING
    return _move(campaign, (BulkState.DRAFT,), state, "confirm", user, as_of, confirmed_at=as_of)


def approve_campaign(*, campaign: FirmwareCampaign, user: User, as_of: datetime) -> str:
    """Agree as the second person; raises NotYours."""
    if campaign.requested_by_id == user.pk:
        raise NotYours("Somebody else must agree.")
    return _move(
        campaign,
        (BulkState.WAITING,),
        BulkState.RUNNING,
        "approve",
        user,
        as_of,
        approved_by=user,
        approved_at=as_of,
    )


def pause_campaign(*, campaign: FirmwareCampaign, user: User, as_of: datetime) -> str:
    """Ask no more stations for now; those that were asked go on."""
    return _move(campaign, (BulkState.RUNNING,), BulkState.PAUSED, "pause", user, as_of)


def resume_campaign(*, campaign: FirmwareCampaign, user: User, as_of: datetime) -> str:
    """Go on with a campaign that was paused, by a person or by too many failures."""
    fields = {"stop_reason": "", "resumed_at": as_of}
    return _move(campaign, (BulkState.PAUSED,), BulkState.RUNNING, "resume", user, as_of, **fields)


def stop_campaign(*, campaign: FirmwareCampaign, user: User, as_of: datetime) -> str:
    """End a campaign for good: who was not asked is skipped."""
    open_states = (BulkState.DRAFT, BulkState.WAITING, BulkState.RUNNING, BulkState.PAUSED)
    state = _move(campaign, open_states, BulkState.STOPPED, "stop", user, as_of, finished_at=as_of)
    FirmwareJob.objects.filter(campaign=campaign, state=FirmwareJob.State.WAITING).update(
        state=FirmwareJob.State.SKIPPED, error="The campaign was stopped.", finished_at=as_of
    )
    return state


@transaction.atomic
def _move(
    campaign: FirmwareCampaign,
    before: Sequence[str],
    after: str,
    verb: str,
    user: User,
    as_of: datetime,
    **fields: Any,
) -> str:
    moved = FirmwareCampaign.objects.filter(pk=campaign.pk, state__in=before).update(
        state=after, **fields
    )
    if not moved:
        raise CampaignInvalid("The campaign has moved on. This is how it stands now.")
    _write_down(campaign, verb, user, as_of, {})
    return after


def _write_down(
    campaign: FirmwareCampaign, verb: str, user: User, as_of: datetime, details: dict[str, Any]
) -> None:
    audit.record(
        operator_id=campaign.operator_id,
        user_id=user.pk,
        action=f"campaign.{verb}",
        object_type="campaign",
        object_id=campaign.pk,
        as_of=as_of,
        details=details,
    )
