"""NotifyChargingLimit: somebody else limits the station (OCPP 2.0.1 K12)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import told


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the limit and its source."""
    return told("NotifyChargingLimit", payload, received_at, kind="charging_limit")
