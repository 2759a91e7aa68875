"""Diagnostics and logs of a station as its page lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from chargenet.dashboard.queries.jobs import sentence
from stations.models import Station, StationLog


@dataclass(frozen=True)
class LogRow:
    """One log of a list."""

    id: int
    kind: str
    state: str
    status: str
    file_name: str
    size_kb: int | None
    href: str
    who: str
    error: str
    created_at: datetime
    received_at: datetime | None


def log_spec() -> Spec:
    """Return what the list of logs can do."""
    return Spec(
        name="logs",
        columns=(
            Column("created", _("Asked"), ("created_at",), csv=lambda row: row.created_at),
            Column("kind", _("Kind"), csv=lambda row: row.kind),
            Column("state", _("State"), csv=lambda row: row.state),
            Column("file", _("File"), csv=lambda row: row.file_name),
            Column(
                "size", _("Size"), ("size_bytes",), is_number=True, csv=lambda row: row.size_kb
            ),
            Column("who", _("By"), csv=lambda row: row.who),
        ),
        default_sort="-created",
        filters=(
            Filter(
                "state",
                _("All states"),
                [(value, str(label)) for value, label in StationLog.State.choices],
                lambda value: Q(state=value),
            ),
        ),
    )


def logs_of(person: Person, station: Station) -> QuerySet[StationLog]:
    """Return the logs of a station a person may see."""
    found = StationLog.objects.in_charge(person).filter(station=station)
    return found.select_related("requested_by")


def describe_logs(rows: Sequence[StationLog]) -> list[LogRow]:
    """Return the rows of some logs."""
    return [
        LogRow(
            id=row.pk,
            kind=row.get_kind_display(),
            state=row.state,
            status=row.status,
            file_name=row.file_name,
            size_kb=-(-row.size_bytes // 1000) if row.storage_key else None,
            href=reverse("station_log_file", args=[row.station_id, row.pk])
            if row.storage_key
            else "",
            who=str(row.requested_by) if row.requested_by else "",
            error=sentence(row.error),
            created_at=row.created_at,
            received_at=row.received_at,
        )
        for row in rows
    ]


def log_for(person: Person, station: Station, log_id: int) -> StationLog:
    """Return one log with its file; raises Http404 for an outsider and where no file came."""
    return access.get_or_404(
        StationLog.objects.exclude(storage_key=""), person, pk=log_id, station=station
    )
