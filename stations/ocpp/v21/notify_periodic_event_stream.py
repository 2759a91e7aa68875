"""NotifyPeriodicEventStream: values of a stream; never answered (OCPP 2.1 N11)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the values and the stream they belong to."""
    return Facts((report("NotifyPeriodicEventStream", payload, "id"),))
