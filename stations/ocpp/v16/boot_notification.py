"""BootNotification: the station says what it is, and may begin (OCPP 1.6 §4.2)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import BootFact, Facts, Json, Outcome, StationView
from stations.ocpp.kept import report
from stations.ocpp.words import text, wire_instant

STATUS = {"pending": "Pending", "rejected": "Rejected"}


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
    interval_s = station.heartbeat_interval_s

    def answer(outcome: Outcome) -> Json:
        return {
            "status": STATUS.get(outcome.registration, "Accepted"),
            "currentTime": wire_instant(received_at),
            "interval": interval_s,
        }

    return Facts((fact, report("BootNotification", payload)), answer)
