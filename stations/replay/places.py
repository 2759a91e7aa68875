"""The stations of a recording: found, or registered for it."""

from collections.abc import Iterable
from typing import Final

from django.db import connection, transaction

from chargenet.core.models import Operator
from stations import registry
from stations.models import Station
from stations.recordings import RecordedRow

# What registering a station writes, parents first.
WRITTEN: Final = ("stations_location", "stations_station", "stations_evse", "stations_connector")
Rows = list[tuple[str, str]]


class StationMissing(LookupError):
    """A station of the recording is not registered."""


class StationElsewhere(ValueError):
    """A station of the recording belongs to another operator."""


def stations_of(rows: Iterable[RecordedRow]) -> dict[str, str]:
    """Return every station of a recording with the first version it speaks."""
    found: dict[str, str] = {}
    for row in rows:
        if row.version:
            found.setdefault(row.station, row.version)
    return found


def find_or_add(operator: Operator, wanted: dict[str, str], *, may_add: bool) -> dict[str, int]:
    """Return our id of each station; raises StationMissing, StationElsewhere or StationRefused."""
    there = {station.identity: station for station in Station.objects.filter(identity__in=wanted)}
    for identity, station in there.items():
        if station.operator_id != operator.pk:
            raise StationElsewhere(identity)
    missing = [identity for identity in wanted if identity not in there]
    if missing and not may_add:
        raise StationMissing(missing[0])
    ids = {identity: station.pk for identity, station in there.items()}
    for identity in missing:
        plan = registry.StationPlan(identity=identity, ocpp_version=wanted[identity], connectors=1)
        ids[identity] = registry.add_station(operator=operator, plan=plan).station.pk
    return ids


def rehearse(
    operator: Operator, wanted: dict[str, str], *, may_add: bool
) -> tuple[dict[str, int], Rows]:
    """Return the ids `find_or_add` would return, and the rows it would write; writes none."""
    with transaction.atomic():
        newest = {table: _newest(table) for table in WRITTEN}
        ids = find_or_add(operator, wanted, may_add=may_add)
        rows = [(table, row) for table in WRITTEN for row in _since(table, newest[table])]
        transaction.set_rollback(True)
    return ids, rows


def _newest(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608
        (newest,) = cursor.fetchone()
    return int(newest)


def _since(table: str, newest: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(t)::text FROM {table} t WHERE id > %s ORDER BY id",  # noqa: S608
            [newest],
        )
        return [row for (row,) in cursor.fetchall()]
