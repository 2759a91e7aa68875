"""MeterValues: what the meter shows, in a session or outside one (OCPP 1.6 §4.7)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, MeterFact, Place, StationView
from stations.ocpp.framing import encode
from stations.ocpp.readings import read_meter_values
from stations.ocpp.words import business_key, children, digest, integer


def transaction_of(payload: dict[str, Any]) -> str:
    """Return the station's number of the session; 0 and negative mean it has none."""
    number = payload.get("transactionId")
    if isinstance(number, int) and not isinstance(number, bool):
        return str(number) if number > 0 else ""
    return str(number)[:64] if number else ""


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the readings; the same frame again is the same readings."""
    flags: list[str] = []
    connector = max(integer(payload, "connectorId") or 0, 0)
    transaction = transaction_of(payload)
    values = children(payload, "meterValue")
    fact = MeterFact(
        place=Place(connector),
        transaction=transaction,
        readings=read_meter_values(values, received_at, flags),
    )
    key = business_key("meter", connector, transaction, digest(encode(values)))
    return Facts((fact,), key=key, flags=tuple(dict.fromkeys(flags)))
