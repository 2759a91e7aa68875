"""NotifySettlement: a payment terminal settled with its provider (OCPP 2.1 C18–C20)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the settlement; the same one again is the same money."""
    return part("NotifySettlement", payload)
