"""StatusNotification: a connector changed its state (OCPP 1.6 §4.9)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, Place, StationView, StatusFact
from stations.ocpp.instants import read_instant
from stations.ocpp.words import business_key, fault_code, integer, text

STATES = {
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
}


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the new state of a connector, or of the station for connector 0.

    An unknown state is a fault nobody described; an unknown error code is kept as it is.
    """
    flags: list[str] = []
    connector = integer(payload, "connectorId") or 0
    status = text(payload, "status", 16)
    if status not in STATES:
        flags.append("unknown_status")
        status = "Faulted" if status.lower() in {"error", "fault"} else "Unavailable"
    stamp = text(payload, "timestamp", 40)
    fact = StatusFact(
        place=Place(max(connector, 0)),
        status=status,
        occurred_at=read_instant(stamp, received_at, flags) if stamp else received_at,
        error_code=fault_code(text(payload, "errorCode", 60)),
        vendor_error_code=fault_code(text(payload, "vendorErrorCode", 80)),
        vendor_id=text(payload, "vendorId"),
        info=text(payload, "info"),
    )
    key = ""
    if stamp:
        key = business_key(
            "status", connector, stamp, status, fact.error_code, fact.vendor_error_code
        )
    return Facts((fact,), key=key, flags=tuple(flags))
