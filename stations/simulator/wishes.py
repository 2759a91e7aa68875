"""Reservations and power limits: what a server asks of connectors and they may decline."""

from typing import Any

from stations.simulator.connector import Connector
from stations.simulator.power import MAINS_V


def reserve(connector: Connector, reservation_id: int, token: str) -> str:
    """Keep a connector for a token; returns the word of ReserveNow."""
    if connector.fault and not connector.fault.keep_status:
        return "Faulted"
    if not connector.operative:
        return "Unavailable"
    if connector.visit is not None or connector.reserved_for not in (None, token):
        return "Occupied"
    connector.reserved_for, connector.reservation_id = token, reservation_id
    connector.rest()
    return "Accepted"


def cancel_reservation(connectors: list[Connector], reservation_id: int) -> bool:
    """Give a reserved connector free."""
    for connector in connectors:
        if connector.reserved_for and connector.reservation_id == reservation_id:
            connector.reserved_for = None
            connector.rest()
            return True
    return False


def set_limit(connectors: list[Connector], schedule: dict[str, Any]) -> bool:
    """Take the first period of a charging schedule as the limit; no connector, no limit."""
    period = schedule["chargingSchedulePeriod"][0]
    for connector in connectors:
        limit = float(period["limit"])
        if schedule["chargingRateUnit"] == "A":
            phases = int(period.get("numberPhases") or connector.spec.phases)
            limit *= MAINS_V * phases
        connector.meter.cap_w = limit
    return bool(connectors)


def clear_limit(connectors: list[Connector]) -> bool:
    """Forget limits, and tell whether there were any."""
    found = [connector for connector in connectors if connector.meter.cap_w is not None]
    for connector in found:
        connector.meter.cap_w = None
    return bool(found)
