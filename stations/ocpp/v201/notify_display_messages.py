"""NotifyDisplayMessages: the messages a station shows (OCPP 2.0.1 O03, O04)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the part of the list."""
    return part("NotifyDisplayMessages", payload)
