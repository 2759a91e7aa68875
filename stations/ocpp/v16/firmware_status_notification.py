"""FirmwareStatusNotification: how far a firmware update is (OCPP 1.6 §4.5, 2.0.1 L01)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import told


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the state of the update; without a request id it is the one under way."""
    return told("FirmwareStatusNotification", payload, received_at, kind="firmware_status")
