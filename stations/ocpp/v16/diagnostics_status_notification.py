"""DiagnosticsStatusNotification: how far an upload of diagnostics is (OCPP 1.6 §4.4)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import told


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the state of the upload; 1.6 does not say of which request."""
    return told("DiagnosticsStatusNotification", payload, received_at, kind="diagnostics_status")
