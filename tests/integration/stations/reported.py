"""What a station reports, applied as a worker does."""

from datetime import timedelta
from typing import Any

from stations import followups
from stations.models import (
    Station,
    StationReport,
)
from tests.integration.stations.smart_station import NOW

HOUR = timedelta(hours=1)


def report(station: Station, kind: str, payload: dict[str, Any]) -> None:
    StationReport.objects.create(
        operator=station.operator, station=station, kind=kind, payload=payload, received_at=NOW
    )
    followups.follow_station(station_id=station.pk, as_of=NOW)
