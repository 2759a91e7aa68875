"""ClearedChargingLimit: somebody else limits the station no more (OCPP 2.0.1 K13)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import told


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return whose limit is gone."""
    return told("ClearedChargingLimit", payload, received_at, kind="charging_limit_cleared")
