"""NotifyMonitoringReport: a part of the monitors that are set (OCPP 2.0.1 N02)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the part of the report."""
    return part("NotifyMonitoringReport", payload)
