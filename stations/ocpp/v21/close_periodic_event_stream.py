"""ClosePeriodicEventStream: a stream of values ends (OCPP 2.1 N12)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return which stream ends."""
    return Facts((report("ClosePeriodicEventStream", payload, "id"),))
