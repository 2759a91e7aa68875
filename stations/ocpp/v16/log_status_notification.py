"""LogStatusNotification: how far the upload of a log is (2.0.1 N01)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import told


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the state of the upload."""
    return told("LogStatusNotification", payload, received_at, kind="log_status")
