"""Reservations: what a server asks of connectors and they may decline."""

from stations.simulator.connector import Connector


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
