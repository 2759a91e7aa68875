"""ReservationStatusUpdate: a reservation ended at the station itself (OCPP 2.0.1 H01, H04)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, NoticeFact, StationView
from stations.ocpp.kept import report
from stations.ocpp.words import integer, text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return what became of the reservation."""
    detail = {
        "reservation": integer(payload, "reservationId"),
        "status": text(payload, "reservationUpdateStatus", 20),
    }
    notice = NoticeFact(kind="reservation_status", occurred_at=received_at, detail=detail)
    return Facts((notice, report("ReservationStatusUpdate", payload, "reservationId")))
