"""What a campaign does by itself: wave after wave, and a stop when it goes wrong."""

import logging
import zoneinfo
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q

from stations import limits
from stations.firmware import jobs
from stations.models import BulkState, FirmwareCampaign, FirmwareJob, Session, Station

logger = logging.getLogger(__name__)

# A sweep asks so many of a campaign at once: a site's line carries a few downloads, not hundreds.
MOST_ASKED: Final = 20
State = FirmwareJob.State


def run_campaigns(*, as_of: datetime) -> int:
    """Take every running campaign a step further; returns how many stations were asked.

    The rows are the state: a worker that dies in between loses nothing, two do no harm.
    """
    running = FirmwareCampaign.objects.filter(state=BulkState.RUNNING).values_list("pk", flat=True)
    # who was asked is followed to the end, whatever became of the campaign
    asked_ones = FirmwareJob.objects.filter(state__in=FirmwareJob.UNDER_WAY)
    asked = 0
    for pk in sorted({*running, *asked_ones.values_list("campaign_id", flat=True)}):
        with transaction.atomic():
            campaign = (
                FirmwareCampaign.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk=pk)
                .select_related("image")
                .first()
            )
            if campaign is not None:
                asked += _step(campaign, as_of)
    return asked


def _step(campaign: FirmwareCampaign, as_of: datetime) -> int:
    _prove(campaign, as_of)
    _end_overdue(campaign, as_of)
    if campaign.state != BulkState.RUNNING:
        return 0
    if _hold_if_bad(campaign) or limits.is_halted(campaign.operator_id):
        return 0
    if not _has_wave(campaign, as_of):
        return 0
    return sum(jobs.ask(job, as_of=as_of) for job in _ready(campaign, as_of))


def _under_way(campaign: FirmwareCampaign) -> list[FirmwareJob]:
    rows = FirmwareJob.objects.filter(campaign=campaign, state__in=FirmwareJob.UNDER_WAY)
    return list(rows.select_related("station", "campaign__image"))


def _prove(campaign: FirmwareCampaign, as_of: datetime) -> None:
    """Let a station prove its update by what it last called itself, should a report be lost."""
    for job in _under_way(campaign):
        if job.station.firmware_version == campaign.image.version:
            jobs.end(job, State.PROVEN, "", as_of)


def _end_overdue(campaign: FirmwareCampaign, as_of: datetime) -> None:
    """Fail who fell silent: no word for the time a station may take."""
    since = as_of - timedelta(minutes=campaign.back_within_min)
    for job in _under_way(campaign):
        if (job.changed_at or as_of) <= since:
            said = f" It last said {job.status}." if job.status else ""
            away = "" if job.station.is_online else " It is offline."
            text = f"Not back within {campaign.back_within_min} min.{said}{away}"
            jobs.end(job, State.FAILED, text, as_of)


def _hold_if_bad(campaign: FirmwareCampaign) -> bool:
    """Pause a campaign whose wave has failed more often than it may, until a person decides."""
    wave = FirmwareJob.objects.filter(campaign=campaign, wave=campaign.wave).exclude(
        state=State.SKIPPED
    )
    if campaign.resumed_at is not None:
        wave = wave.exclude(state=State.FAILED, finished_at__lte=campaign.resumed_at)
    counted = wave.aggregate(all=Count("pk"), failed=Count("pk", filter=Q(state=State.FAILED)))
    if not counted["failed"] * 100 > campaign.max_failed_percent * counted["all"]:
        return False
    reason = (
        f"{counted['failed']} of {counted['all']} stations of wave {campaign.wave + 1} failed."
    )
    FirmwareCampaign.objects.filter(pk=campaign.pk).update(
        state=BulkState.PAUSED, stop_reason=reason
    )
    logger.warning("campaign held campaign=%s reason=%s", campaign.pk, reason)
    return True


def _has_wave(campaign: FirmwareCampaign, as_of: datetime) -> bool:
    """Say whether a wave has stations to ask; a wave that is over rests, then the next begins."""
    open_states = (State.WAITING, *FirmwareJob.UNDER_WAY)
    own = FirmwareJob.objects.filter(campaign=campaign)
    if own.filter(wave=campaign.wave, state__in=open_states).exists():
        return True
    row = FirmwareCampaign.objects.filter(pk=campaign.pk)
    if not own.filter(state__in=open_states, wave__gt=campaign.wave).exists():
        row.update(state=BulkState.DONE, finished_at=as_of)
        return False
    if campaign.wave_done_at is None:
        row.update(wave_done_at=as_of)
        campaign.wave_done_at = as_of
    if campaign.wave_done_at + timedelta(minutes=campaign.rest_min) > as_of:
        return False
    # a small share of few stations may be nobody: such a wave costs no rest
    campaign.wave = own.filter(state=State.WAITING).aggregate(first=Min("wave"))["first"]
    row.update(wave=campaign.wave, wave_done_at=None)
    return True


def _ready(campaign: FirmwareCampaign, as_of: datetime) -> list[FirmwareJob]:
    """Return who can be asked now: online, idle unless told otherwise, in its own quiet hours."""
    rows = FirmwareJob.objects.filter(
        campaign=campaign,
        wave=campaign.wave,
        state=State.WAITING,
        station__is_online=True,
        station__is_active=True,
    ).select_related("station__location", "campaign__image", "campaign__requested_by")
    if not campaign.may_interrupt:
        running = Session.objects.filter(
            station_id=OuterRef("station_id"), state=Session.State.OPEN
        )
        rows = rows.filter(~Exists(running))
    found: list[FirmwareJob] = []
    for job in rows.order_by("pk")[: MOST_ASKED * 10]:
        if is_in_window(campaign, job.station, as_of):
            found.append(job)
        if len(found) == MOST_ASKED:
            break
    return found


def is_in_window(campaign: FirmwareCampaign, station: Station, as_of: datetime) -> bool:
    """Say whether it is a station's time now, by the clock where it stands."""
    begin, end = campaign.window_from, campaign.window_to
    if begin == end:
        return True
    here = as_of.astimezone(zoneinfo.ZoneInfo(station.location.timezone)).time()
    if begin < end:
        return begin <= here < end
    return here >= begin or here < end  # over midnight
