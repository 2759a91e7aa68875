"""When a driver could not have charged, and why: the ledger behind every uptime figure."""

from datetime import datetime
from typing import Final

from django.db.models import Q

from faults import rules
from faults.engine.keeping import Place
from faults.models import Downtime, Fault
from stations import status
from stations.models import Connector, Impairment

# S1 to S3 take the place out of service; S4 still charges, if worse.
LEAST_DOWN = 3
# Rules that never take a place out, of which a bill must know all the same: too little power, a
# phase that is missing, a meter that cannot be believed, a weak supply.
DOUBTFUL: Final = frozenset({"F23", "F25", "F34", "F35"})
# Families of faults that reach a charge under way; a dead reader keeps the next from starting.
TOUCHING: Final = frozenset({"cable", "grid", "meter", "outcome", "power", "safety"})
UNKNOWN: Final = Impairment.Cause.UNKNOWN.value
# What rules and evidence call it, in the words of bills; whoever drives counts as the vehicle.
CAUSES: Final = {
    "charger": Impairment.Cause.STATION.value,
    "station": Impairment.Cause.STATION.value,
    "cable": Impairment.Cause.CABLE.value,
    "network": Impairment.Cause.NETWORK.value,
    "grid": Impairment.Cause.GRID.value,
    "vehicle": Impairment.Cause.VEHICLE.value,
    "user": Impairment.Cause.VEHICLE.value,
}


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
        _tell(fault.code, connector_id, started_at, None, fault.attribution)


def end(*, fault: Fault, ended_at: datetime) -> None:
    """End the downtimes of a fault, and the impairments the bills look at."""
    for row in Downtime.objects.filter(fault=fault, ended_at__isnull=True).order_by("pk"):
        row.ended_at = max(ended_at, row.started_at)
        row.save(update_fields=["ended_at"])
        _tell(row.reason_code, row.connector_id, row.started_at, row.ended_at, fault.attribution)


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


def doubt(*, fault: Fault) -> None:
    """Tell the bills of a fault in spite of which it charges, from when on; told again, once."""
    rule = rules.BY_CODE[fault.code]
    is_touching = rule.is_impairing and rule.family in TOUCHING
    if not is_touching and fault.code not in DOUBTFUL:
        return
    ids = _connectors(fault)
    known = Impairment.objects.filter(
        connector_id__in=ids, code=fault.code, started_at__gte=fault.began_at
    )
    last = known.order_by("started_at").values_list("connector_id", "ended_at")
    ended: dict[int, datetime | None] = dict(last)
    for connector_id in ids:
        before = ended.get(connector_id, fault.began_at)
        if before is not None:
            status.record_impairment(
                connector_id=connector_id,
                started_at=before,
                ended_at=None,
                code=fault.code,
                cause=_cause(fault.code, fault.attribution),
                is_blocking=False,
            )


def end_doubt(*, fault: Fault, ended_at: datetime) -> None:
    """Tell the bills that a fault is over, or that it charges no more."""
    rows = Impairment.objects.filter(
        connector_id__in=_connectors(fault),
        code=fault.code,
        started_at__gte=fault.began_at,
        ended_at__isnull=True,
        is_blocking=False,
    )
    for row in rows.order_by("pk"):
        status.record_impairment(
            connector_id=row.connector_id,
            started_at=row.started_at,
            ended_at=max(ended_at, row.started_at),
            code=row.code,
            cause=row.cause,
            is_blocking=False,
        )


def _tell(
    code: str,
    connector_id: int,
    started_at: datetime,
    ended_at: datetime | None,
    attribution: str = "",
) -> None:
    if rules.BY_CODE[code].is_impairing:
        status.record_impairment(
            connector_id=connector_id,
            started_at=started_at,
            ended_at=ended_at,
            code=code,
            cause=_cause(code, attribution),
        )


def _cause(code: str, attribution: str) -> str:
    """Return whose fault it was in the words of bills: as it was found, else as the rule says."""
    return CAUSES.get(attribution) or CAUSES.get(rules.BY_CODE[code].cause) or UNKNOWN


def _connectors(fault: Fault) -> list[int]:
    if fault.connector_id is not None:
        return [fault.connector_id]
    if fault.station_id is not None:
        rows = Connector.objects.filter(station_id=fault.station_id)
    else:
        # a site's fault names the stations it took out; a network's takes out nobody
        rows = Connector.objects.filter(station_id__in=fault.evidence.get("stations", ()))
    return list(rows.order_by("pk").values_list("pk", flat=True))
