"""SignedFirmwareStatusNotification: how far a signed update is (1.6 security extension)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import told


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the state of the update."""
    return told("SignedFirmwareStatusNotification", payload, received_at, kind="firmware_status")
