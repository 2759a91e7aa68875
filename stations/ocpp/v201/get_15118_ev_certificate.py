"""Get15118EVCertificate: a vehicle wants a contract certificate (OCPP 2.0.1 M01, M02)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, StationView
from stations.ocpp.kept import always, report


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the wish; no certificate provider is bound, so it failed, as the standard has it."""
    answer = always(status="Failed", exiResponse="")
    return Facts((report("Get15118EVCertificate", payload),), answer)
