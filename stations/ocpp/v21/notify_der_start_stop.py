"""NotifyDERStartStop: a grid control began or ended (OCPP 2.1 R04)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import part


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the change; kept until feeding the grid is a trade of ours."""
    return part("NotifyDERStartStop", payload)
