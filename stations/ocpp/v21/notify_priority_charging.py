"""NotifyPriorityCharging: a driver asked for priority at the station (OCPP 2.1 K21, K22)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return whose session is preferred now."""
    return part("NotifyPriorityCharging", payload)
