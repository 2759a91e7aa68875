"""StatusNotification: a connector changed its state (OCPP 2.0.1 G01)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, Place, StationView, StatusFact
from stations.ocpp.instants import read_instant
from stations.ocpp.words import business_key, integer, text

STATES = {"Available", "Occupied", "Reserved", "Unavailable", "Faulted"}
# Some makes send 1.6's finer words on a 2.x socket; they say more, so they are kept.
FINER = {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"}


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the new state of a connector; EVSE 0 is the station."""
    flags: list[str] = []
    evse = max(integer(payload, "evseId") or 0, 0)
    connector = integer(payload, "connectorId") or (1 if evse else 0)
    status = text(payload, "connectorStatus", 16) or text(payload, "status", 16)
    if status not in STATES and status not in FINER:
        flags.append("unknown_status")
        status = "Unavailable"
    stamp = text(payload, "timestamp", 40)
    fact = StatusFact(
        place=Place(evse, max(connector, 0)),
        status=status,
        occurred_at=read_instant(stamp, received_at, flags) if stamp else received_at,
    )
    key = business_key("status", evse, connector, stamp, status) if stamp else ""
    return Facts((fact,), key=key, flags=tuple(flags))
