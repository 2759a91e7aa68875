"""MeterValues: what a meter shows outside a session (OCPP 2.0.1 J01)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, MeterFact, Place, StationView
from stations.ocpp.framing import encode
from stations.ocpp.readings import read_meter_values
from stations.ocpp.words import business_key, children, digest, integer


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the readings; EVSE 0 is the station's own meter."""
    flags: list[str] = []
    evse = max(integer(payload, "evseId") or 0, 0)
    values = children(payload, "meterValue")
    fact = MeterFact(
        place=Place(evse, None),
        transaction="",
        readings=read_meter_values(values, received_at, flags),
    )
    key = business_key("meter", evse, digest(encode(values)))
    return Facts((fact,), key=key, flags=tuple(dict.fromkeys(flags)))
