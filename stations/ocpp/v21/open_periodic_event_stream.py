"""OpenPeriodicEventStream: a monitor we set begins to stream (OCPP 2.1 N11)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import always, report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the stream; it was asked for by the monitor, so it may begin."""
    answer = always(status="Accepted")
    return Facts((report("OpenPeriodicEventStream", payload),), answer)
