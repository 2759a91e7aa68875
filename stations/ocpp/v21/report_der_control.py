"""ReportDERControl: the grid controls a station holds (OCPP 2.1 R04)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the part of the report."""
    return part("ReportDERControl", payload)
