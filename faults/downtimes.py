"""When a driver could not have charged, and why: the ledger behind every uptime figure."""

from datetime import datetime

from django.db.models import Q

from faults import rules
from faults.engine.keeping import Place
from faults.models import Downtime, Fault
from stations import status
from stations.models import Connector

# S1 to S3 take the place out of service; S4 still charges, if worse.
LEAST_DOWN = 3


def record(*, fault: Fault, down_since: datetime, as_of: datetime) -> None:
    """Keep one open downtime for each connector a firing fault takes out, none for a warning."""
    if fault.severity > LEAST_DOWN:
        end(fault=fault, ended_at=as_of)
        return
    rows = list(Downtime.objects.filter(fault=fault).order_by("pk"))
    already = {row.connector_id for row in rows if row.ended_at is None}
    # back out of service: not before it was last in service
    started_at = max([down_since, *(row.ended_at for row in rows if row.ended_at is not None)])
    new = [one for one in _connectors(fault) if one not in already]
    Downtime.objects.bulk_create(
        [
            Downtime(
                operator_id=fault.operator_id,
                connector_id=connector_id,
                fault=fault,
                reason_code=fault.code,
                started_at=started_at,
            )
            for connector_id in new
        ]
    )
    for connector_id in new:
        _tell(fault.code, connector_id, started_at, None)


def end(*, fault: Fault, ended_at: datetime) -> None:
    """End the downtimes of a fault, and the impairments the bills look at."""
    for row in Downtime.objects.filter(fault=fault, ended_at__isnull=True).order_by("pk"):
        row.ended_at = max(ended_at, row.started_at)
        row.save(update_fields=["ended_at"])
        _tell(row.reason_code, row.connector_id, row.started_at, row.ended_at)


def record_missed(*, place: Place, code: str, since: datetime, until: datetime) -> None:
    """Keep a closed downtime of which nobody knew while it was; told twice, it is there once."""
    assert place.station_id is not None, "only a station tells its history"
    rows = Connector.objects.filter(station_id=place.station_id)
    if place.connector_id is not None:
        rows = rows.filter(pk=place.connector_id)
    for connector_id in rows.order_by("pk").values_list("pk", flat=True):
        same = Downtime.objects.filter(
            connector_id=connector_id, reason_code=code, started_at__lt=until
        )
        if same.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since)).exists():
            continue
        Downtime.objects.create(
            operator_id=place.operator_id,
            connector_id=connector_id,
            reason_code=code,
            started_at=since,
            ended_at=until,
        )
        _tell(code, connector_id, since, until)


def _tell(code: str, connector_id: int, started_at: datetime, ended_at: datetime | None) -> None:
    rule = rules.BY_CODE[code]
    if rule.is_impairing:
        status.record_impairment(
            connector_id=connector_id,
            started_at=started_at,
            ended_at=ended_at,
            code=code,
            cause=rule.cause,
        )


def _connectors(fault: Fault) -> list[int]:
    if fault.connector_id is not None:
        return [fault.connector_id]
    if fault.station_id is not None:
        rows = Connector.objects.filter(station_id=fault.station_id)
    else:
        # a site's fault names the stations it took out; a network's takes out nobody
        rows = Connector.objects.filter(station_id__in=fault.evidence.get("stations", ()))
    return list(rows.order_by("pk").values_list("pk", flat=True))
