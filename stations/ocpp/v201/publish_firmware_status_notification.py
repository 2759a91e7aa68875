"""PublishFirmwareStatusNotification: a local controller offers a firmware (OCPP 2.0.1 L03)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import told


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the state of the publication."""
    return told(
        "PublishFirmwareStatusNotification", payload, received_at, kind="publish_firmware_status"
    )
