"""ReportChargingProfiles: the charging profiles a station holds (OCPP 2.0.1 K09)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the part of the report; parts of a request are told apart by their content."""
    return part("ReportChargingProfiles", payload)
