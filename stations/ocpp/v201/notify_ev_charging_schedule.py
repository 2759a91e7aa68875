"""NotifyEVChargingSchedule: the plan the vehicle made of our limits (OCPP 2.0.1 K15–K17)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import always, report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the plan; accepted says that it was read."""
    return Facts((report("NotifyEVChargingSchedule", payload),), always(status="Accepted"))
