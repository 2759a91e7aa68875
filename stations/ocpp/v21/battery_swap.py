"""BatterySwap: batteries went in or out of a swap station (OCPP 2.1 S01–S03)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the swap; kept until swap stations are a trade of ours."""
    return part("BatterySwap", payload)
