"""SignCertificate: the station asks for a new certificate (1.6 security extension, 2.0.1 A02)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, NoticeFact, StationView
from stations.ocpp.kept import always, report
from stations.ocpp.words import text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the request; accepted says that it is looked at, not that it is granted."""
    wanted = text(payload, "certificateType", 40)
    notice = NoticeFact(
        kind="certificate_wanted", occurred_at=received_at, detail={"type": wanted}
    )
    is_request = "CERTIFICATE REQUEST" in str(payload.get("csr", ""))
    if not is_request:
        return Facts((notice,), always(status="Rejected"), flags=("request_unreadable",))
    return Facts((notice, report("SignCertificate", payload)), always(status="Accepted"))
