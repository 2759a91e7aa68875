"""Work on many stations as lists show it: bulk commands, firmware campaigns, their stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.dashboard.queries.choosing import BULK_ROLES, works_for
from chargenet.dashboard.queries.commands import name_of
from stations.models import (
    BulkCommand,
    BulkState,
    BulkTarget,
    Command,
    FirmwareCampaign,
    FirmwareImage,
    FirmwareJob,
)

# What the verbs say in one language, for the pages in the reader's; what is not here stays.
SENTENCES: dict[str, Promise] = {
    "It demands a signed image.": gettext_lazy("It demands a signed image."),
    "It runs this version.": gettext_lazy("It runs this version."),
    "It is not in service.": gettext_lazy("It is not in service."),
    "The campaign was stopped.": gettext_lazy("The campaign was stopped."),
    "The campaign stopped itself.": gettext_lazy("The campaign stopped itself."),
    "No station is chosen.": gettext_lazy("No station is chosen."),
    "The station has nothing to upload.": gettext_lazy("The station has nothing to upload."),
    "A signature and its certificate come together.": gettext_lazy(
        "A signature and its certificate come together."
    ),
    "The signature does not fit the file.": gettext_lazy("The signature does not fit the file."),
    "The certificate or the signature cannot be read.": gettext_lazy(
        "The certificate or the signature cannot be read."
    ),
    "No manufacturer you trust signed this. Trust its root first.": gettext_lazy(
        "No manufacturer you trust signed this. Trust its root first."
    ),
    "The file is empty.": gettext_lazy("The file is empty."),
    "This very file is there already.": gettext_lazy("This very file is there already."),
    "Waves are rising shares in per cent, the last one 100.": gettext_lazy(
        "Waves are rising shares in per cent, the last one 100."
    ),
    "The image is not signed, and this operator installs signed ones.": gettext_lazy(
        "The image is not signed, and this operator installs signed ones."
    ),
}

ENDS = dict(Command.State.choices)


def sentence(text: str) -> str:
    """Return a sentence of a verb in the reader's language."""
    return str(SENTENCES.get(text, text))


@dataclass(frozen=True)
class JobRow:
    """One bulk command or campaign of a list."""

    href: str
    name: str
    detail: str
    state: str
    stations: int
    who: str
    created_at: datetime


@dataclass(frozen=True)
class TargetRow:
    """One station of a bulk command or a campaign."""

    station: str
    href: str
    state: str
    outcome: str
    detail: str
    wave: int
    sent_at: datetime | None
    finished_at: datetime | None


def job_spec(name: str) -> Spec:
    """Return what the lists of bulk commands and of campaigns can do."""
    return Spec(
        name=name,
        columns=(
            Column("created", _("When"), ("created_at",), csv=lambda row: row.created_at),
            Column("name", _("What"), csv=lambda row: row.name),
            Column("state", _("State"), csv=lambda row: row.state),
            Column(
                "stations",
                _("Stations"),
                ("station_count",),
                is_number=True,
                csv=lambda row: row.stations,
            ),
            Column("who", _("By"), csv=lambda row: row.who),
        ),
        default_sort="-created",
        filters=(
            Filter(
                "state",
                _("All states"),
                [(value, str(label)) for value, label in BulkState.choices],
                lambda value: Q(state=value),
            ),
        ),
    )


def bulks_of(person: Person) -> QuerySet[BulkCommand]:
    """Return the bulk commands of the operators a person commands for."""
    rows = BulkCommand.objects.filter(operator_id__in=works_for(person, BULK_ROLES))
    return rows.select_related("requested_by", "approved_by")


def describe_bulks(rows: Sequence[BulkCommand]) -> list[JobRow]:
    """Return the rows of some bulk commands."""
    return [
        JobRow(
            href=reverse("bulk_page", args=[row.pk]),
            name=name_of(row.action),
            detail=row.reason,
            state=row.state,
            stations=row.station_count,
            who=str(row.requested_by),
            created_at=row.created_at,
        )
        for row in rows
    ]


def campaigns_of(person: Person) -> QuerySet[FirmwareCampaign]:
    """Return the campaigns a person may see."""
    rows = FirmwareCampaign.objects.in_charge(person)
    return rows.select_related("image", "requested_by", "approved_by")


def describe_campaigns(rows: Sequence[FirmwareCampaign]) -> list[JobRow]:
    """Return the rows of some campaigns."""
    return [
        JobRow(
            href=reverse("campaign_page", args=[row.pk]),
            name=row.name,
            detail=str(row.image),
            state=row.state,
            stations=row.station_count,
            who=str(row.requested_by),
            created_at=row.created_at,
        )
        for row in rows
    ]


def images_of(person: Person) -> QuerySet[FirmwareImage]:
    """Return the images a person may see, the newest first."""
    return FirmwareImage.objects.in_charge(person).select_related("uploaded_by").order_by("-pk")


def target_spec(name: str, states: Sequence[tuple[str, Any]]) -> Spec:
    """Return what the list of one job's stations can do."""
    return Spec(
        name=name,
        columns=(
            Column("station", _("Station"), ("station__name",), csv=lambda row: row.station),
            Column("state", _("State"), ("state",), csv=lambda row: row.state),
            Column("outcome", _("Outcome"), csv=lambda row: row.outcome),
            Column("detail", _("What it said"), csv=lambda row: row.detail),
            Column("sent", _("Asked"), csv=lambda row: row.sent_at),
            Column("finished", _("Ended"), csv=lambda row: row.finished_at),
        ),
        default_sort="station",
        filters=(
            Filter(
                "state",
                _("All states"),
                [(value, str(label)) for value, label in states],
                lambda value: Q(state=value),
            ),
        ),
        search=lambda text: Q(station__name__istartswith=text),
        search_label=_("Search station"),
    )


def describe_targets(rows: Sequence[BulkTarget]) -> list[TargetRow]:
    """Return the rows of some stations of a bulk command."""
    return [
        TargetRow(
            station=row.station.name,
            href=reverse("station_commands", args=[row.station_id]),
            state=row.state,
            outcome=str(ENDS.get(row.outcome, row.outcome)),
            detail=row.detail,
            wave=0,
            sent_at=row.sent_at,
            finished_at=row.finished_at,
        )
        for row in rows
    ]


def describe_jobs(rows: Sequence[FirmwareJob]) -> list[TargetRow]:
    """Return the rows of some stations of a campaign."""
    return [
        TargetRow(
            station=row.station.name,
            href=reverse("station_page", args=[row.station_id]),
            state=row.state,
            outcome=row.status,
            detail=sentence(row.error),
            wave=0 if row.state == FirmwareJob.State.SKIPPED else row.wave + 1,
            sent_at=row.asked_at,
            finished_at=row.finished_at,
        )
        for row in rows
    ]
