"""BootNotification: the station says what it is, and may begin (OCPP 1.6 §4.2)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import BootFact, Facts, StationView
from stations.ocpp.asked import booted
from stations.ocpp.words import text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return what the station says of itself."""
    fact = BootFact(
        vendor=text(payload, "chargePointVendor", 80),
        model=text(payload, "chargePointModel", 80),
        serial_number=text(payload, "chargePointSerialNumber", 80)
        or text(payload, "chargeBoxSerialNumber", 80),
        firmware_version=text(payload, "firmwareVersion", 80),
        iccid=text(payload, "iccid", 40),
        imsi=text(payload, "imsi", 40),
        meter_serial_number=text(payload, "meterSerialNumber", 80),
        meter_type=text(payload, "meterType", 80),
    )
    return booted(station, received_at, fact, payload)
