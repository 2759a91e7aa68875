"""NotifyCustomerInformation: what a station keeps of a person (OCPP 2.0.1 N09)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the part of the text."""
    return part("NotifyCustomerInformation", payload)
