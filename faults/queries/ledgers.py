"""What is known of connectors over a period: when they were there, open, and out of use."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, get_args
from zoneinfo import ZoneInfo

from django.db.models import Min, Q

from faults.models import Downtime, MaintenanceWindow
from faults.uptime.outages import Class, Kind, Ledger, Outage
from faults.uptime.spans import Span
from stations.metering import opening
from stations.models import Connector, Observation, StatusChange

# S1 to S3 take a place out of service; the rules of silence say no more than the line does.
OF_SILENCE: Final = frozenset({"F01", "F41", "F42", "F43"})
OUT: Final[Mapping[str, Kind]] = {"Unavailable": "unavailable", "Faulted": "faulted"}
SILENT: Final[Mapping[str, Kind]] = {"disconnected": "offline"}
CLASSES: Final[tuple[Class, ...]] = get_args(Class)
Changes = dict[int, list[tuple[datetime, str]]]


def ledgers_of(
    connectors: Sequence[Connector], *, start: datetime, end: datetime, as_of: datetime
) -> dict[int, Ledger]:
    """Return the ledger of each connector that ever connected, by id.

    Connectors come with station and location. Outages are told whole, also what of them lies
    before the period, for some rules ask how long one lasted; what lasts still ends at `as_of`.
    Nine queries, however many connectors.
    """
    until = min(end, as_of)
    stations = {one.station_id for one in connectors}
    born = _first_heard(stations)
    silent = _silences(stations, start, until)
    said = _out_of_use(connectors, start, until)
    found = _faults([one.pk for one in connectors], start, until)
    planned = _windows(connectors, start, until)
    ledgers = {}
    for one in connectors:
        first = born.get(one.station_id)
        if first is None or first >= until:
            continue
        location = one.station.location
        existed = (max(start, first), until)
        ledgers[one.pk] = Ledger(
            existed=existed,
            outages=[
                *found[one.pk],
                *silent[one.station_id],
                *said[one.pk],
                *planned[one.pk],
            ],
            closed=opening.closed_spans(
                opening.read_hours(location.opening_hours),
                ZoneInfo(location.timezone),
                *existed,
            ),
        )
    return ledgers


def _first_heard(stations: Iterable[int]) -> dict[int, datetime]:
    rows = Observation.objects.filter(station_id__in=stations, kind="connected")
    return dict(rows.values_list("station_id").annotate(first=Min("occurred_at")))


def _silences(
    stations: Iterable[int], start: datetime, end: datetime
) -> Mapping[int, list[Outage]]:
    kinds = Q(kind__in=("connected", "disconnected"), station_id__in=stations)
    rows = Observation.objects.filter(kinds, occurred_at__lt=end)
    before = rows.filter(occurred_at__lt=start).order_by("station_id", "-occurred_at", "-pk")
    told = rows.filter(occurred_at__gte=start).order_by("occurred_at", "pk")
    changes: Changes = defaultdict(list)
    for found in (before.distinct("station_id"), told):
        for station_id, kind, at in found.values_list("station_id", "kind", "occurred_at"):
            changes[station_id].append((at, kind))
    return _spans(changes, SILENT, end)


def _out_of_use(
    connectors: Sequence[Connector], start: datetime, end: datetime
) -> Mapping[int, list[Outage]]:
    """Return when a connector, or its whole station, said that it was out of use."""
    of_station: dict[int, list[int]] = defaultdict(list)
    for one in connectors:
        of_station[one.station_id].append(one.pk)
    rows = StatusChange.objects.filter(station_id__in=of_station, occurred_at__lt=end)
    place = ("station_id", "connector_id")
    before = rows.filter(occurred_at__lt=start).order_by(*place, "-occurred_at", "-pk")
    told = rows.filter(occurred_at__gte=start).order_by("occurred_at", "pk")
    own: Changes = defaultdict(list)
    whole: Changes = defaultdict(list)
    for said in (before.distinct(*place), told):
        for station_id, connector_id, status, at in said.values_list(
            *place, "status", "occurred_at"
        ):
            if connector_id is None:
                whole[station_id].append((at, status))
            else:
                own[connector_id].append((at, status))
    found, of_all = _spans(own, OUT, end), _spans(whole, OUT, end)
    return defaultdict(
        list,
        {
            pk: [*found[pk], *of_all[station_id]]
            for station_id, pks in of_station.items()
            for pk in pks
        },
    )


def _spans(
    changes: Changes, kinds: Mapping[str, Kind], end: datetime
) -> Mapping[int, list[Outage]]:
    """Return the outages that a succession of words means, each lasting until the next word."""
    outages: dict[int, list[Outage]] = defaultdict(list)
    for key, said in changes.items():
        ends = [at for at, _ in said[1:]] + [end]
        for (at, word), until in zip(said, ends, strict=True):
            kind = kinds.get(word)
            if kind is not None and at < until:
                outages[key].append(Outage(kind, (at, until)))
    return outages


def _faults(
    connector_ids: Sequence[int], start: datetime, end: datetime
) -> Mapping[int, list[Outage]]:
    rows = Downtime.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=start),
        connector_id__in=connector_ids,
        started_at__lt=end,
    )
    outages: dict[int, list[Outage]] = defaultdict(list)
    for row in rows.order_by("started_at", "pk"):
        span: Span = (row.started_at, row.ended_at or end)
        if span[0] >= span[1]:
            continue
        outages[row.connector_id].append(
            Outage(
                kind="offline" if row.reason_code in OF_SILENCE else "fault",
                span=span,
                why=_class(row.exclusion_class),
                # what was over before it was told belongs to no fault
                incident=f"fault:{row.fault_id}" if row.fault_id else f"missed:{row.pk}",
            )
        )
    return outages


def _windows(
    connectors: Sequence[Connector], start: datetime, end: datetime
) -> Mapping[int, list[Outage]]:
    """Return the planned work over each connector: at its station, or at its whole site."""
    rows = MaintenanceWindow.objects.filter(
        location_id__in={one.station.location_id for one in connectors},
        starts_at__lt=end,
        ends_at__gt=start,
    )
    windows = [
        (
            row.location_id,
            row.station_id,
            (row.starts_at, min(row.ends_at, end)),
            f"window:{row.pk}",
        )
        for row in rows.order_by("starts_at", "pk")
    ]
    found: dict[int, list[Outage]] = defaultdict(list)
    for one in connectors:
        for location_id, station_id, span, incident in windows:
            is_here = location_id == one.station.location_id
            if is_here and station_id in {None, one.station_id}:
                found[one.pk].append(Outage("window", span, "scheduled_maintenance", incident))
    return found


def _class(said: str) -> Class:
    return next((one for one in CLASSES if one == said), "none")
