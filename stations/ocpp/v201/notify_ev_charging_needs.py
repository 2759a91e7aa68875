"""NotifyEVChargingNeeds: what the vehicle wants, by ISO 15118 (OCPP 2.0.1 K15–K17)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import always, report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the wishes; until a profile is sent the station's own schedule holds (K15.FR.04).

    Processing says that a profile may follow; the station does not wait for it.
    """
    return Facts((report("NotifyEVChargingNeeds", payload),), always(status="Processing"))
