"""SecurityEventNotification: sent by 1.6 stations with the security extension, and by 2.x."""

from datetime import datetime
from typing import Any

from stations import security
from stations.metering.facts import Facts, NoticeFact, StationView
from stations.ocpp.instants import read_instant
from stations.ocpp.kept import report
from stations.ocpp.words import business_key, digest, text


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the security event; replayed days later it is still the same event."""
    flags: list[str] = []
    kind, note, stamp = (text(payload, name) for name in ("type", "techInfo", "timestamp"))
    key = business_key("security", kind[:50], stamp[:40], digest(note.encode()))
    fact = NoticeFact(
        kind="security_event",
        occurred_at=read_instant(stamp, received_at, flags),
        detail={
            "type": kind[:50],
            "note": note,
            "severity": security.severity_of_type(kind[:50]),
        },
    )
    told = report("SecurityEventNotification", payload)
    return Facts((fact, told), key=key, flags=tuple(flags))
