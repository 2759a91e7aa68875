"""One bulk command or one campaign, as its page shows it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.dashboard.queries.commands import name_of
from stations import message_log
from stations.models import (
    BulkCommand,
    BulkState,
    BulkTarget,
    FirmwareCampaign,
    FirmwareJob,
    Location,
)


@dataclass(frozen=True)
class BulkPage:
    """One bulk command with how far it is."""

    bulk: BulkCommand
    name: str
    asked: str
    chosen: list[tuple[str, str]]
    counts: list[tuple[str, int]]
    minutes: int
    open_sessions: int


def bulk_page(person: Person, bulk: BulkCommand) -> BulkPage:
    """Return one bulk command; the caller has looked it up for the person."""
    targets = BulkTarget.objects.filter(bulk=bulk)
    found = targets.values("state").order_by("state").annotate(count=Count("pk"))
    counted = {row["state"]: row["count"] for row in found}
    last_s = targets.aggregate(last=Max("due_after_s"))["last"] or 0
    shows = message_log.shows_tokens(person, operator_id=bulk.operator_id)
    payload = message_log.masked(bulk.payload, shows_tokens=shows)
    words = {"site": _("Site"), "model": _("Model"), "version": _("Firmware"), "names": _("Names")}
    return BulkPage(
        bulk=bulk,
        name=name_of(bulk.action),
        asked=json.dumps(payload, ensure_ascii=False) if payload else "",
        chosen=[
            (words.get(name, name), _told(name, text)) for name, text in bulk.chosen_by.items()
        ],
        counts=[(state, counted.get(state, 0)) for state in BulkTarget.State.values],
        minutes=-(-last_s // 60),
        open_sessions=_open_sessions(bulk),
    )


def _told(name: str, text: str) -> str:
    """Return what was chosen as a reader knows it: a site by its name."""
    if name != "site":
        return text
    if text == "all":
        return _("All sites")
    return Location.objects.filter(pk=text).values_list("name", flat=True).first() or text


def _open_sessions(bulk: BulkCommand) -> int:
    return BulkTarget.objects.filter(bulk=bulk, station__sessions__state="open").count()


@dataclass(frozen=True)
class CampaignPage:
    """One campaign with how far it is."""

    campaign: FirmwareCampaign
    counts: list[tuple[str, int]]
    waves: list[tuple[int, int, int]]
    ready_at: datetime | None


def campaign_page(campaign: FirmwareCampaign) -> CampaignPage:
    """Return one campaign; the caller has looked it up for the person."""
    own = FirmwareJob.objects.filter(campaign=campaign)
    found = own.values("state").order_by("state").annotate(count=Count("pk"))
    counted = {row["state"]: row["count"] for row in found}
    in_waves = own.exclude(state=FirmwareJob.State.SKIPPED)
    sizes = {
        row["wave"]: row["count"]
        for row in in_waves.values("wave").order_by("wave").annotate(count=Count("pk"))
    }
    ready = None
    if campaign.wave_done_at and campaign.state == BulkState.RUNNING:
        ready = campaign.wave_done_at + timedelta(minutes=campaign.rest_min)
    return CampaignPage(
        campaign=campaign,
        counts=[(state, counted[state]) for state in FirmwareJob.State.values if state in counted],
        waves=[
            (number + 1, share, sizes.get(number, 0))
            for number, share in enumerate(campaign.waves)
        ],
        ready_at=ready,
    )
