"""NotifyReport: a part of the device model (OCPP 2.0.1 B07, B08)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the part of the report."""
    return part("NotifyReport", payload)
