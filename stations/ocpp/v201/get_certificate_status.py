"""GetCertificateStatus: is a contract certificate still good? (OCPP 2.0.1 M06)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import always, report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the question; an address a station names is never fetched on the message path."""
    return Facts((report("GetCertificateStatus", payload),), always(status="Failed"))
