"""BootNotification: the station says what it is, and may begin (OCPP 2.0.1 B01–B03)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import BootFact, Facts, StationView
from stations.ocpp.asked import booted
from stations.ocpp.words import child, text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return what the station says of itself."""
    device = child(payload, "chargingStation")
    modem = child(device, "modem")
    fact = BootFact(
        vendor=text(device, "vendorName", 80),
        model=text(device, "model", 80),
        serial_number=text(device, "serialNumber", 80),
        firmware_version=text(device, "firmwareVersion", 80),
        iccid=text(modem, "iccid", 40),
        imsi=text(modem, "imsi", 40),
        reason=text(payload, "reason", 40),
    )
    return booted(station, received_at, fact, payload)
