"""StartTransaction: a session begins (OCPP 1.6 §4.8)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import (
    Facts,
    Json,
    Outcome,
    Place,
    StartFact,
    StationView,
    TokenFact,
)
from stations.ocpp.instants import read_instant
from stations.ocpp.kept import reserved
from stations.ocpp.words import business_key, integer, text, token_info, token_of

CLOCK_FLAGS = {"clock_unset", "clock_wrong", "time_missing", "time_unreadable"}


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the start; a resent one has the same key, so the same transaction id.

    A station whose clock is not set may truly say the same twice; then its boot is in the key.
    """
    flags: list[str] = []
    occurred_at = read_instant(payload.get("timestamp"), received_at, flags)
    connector = integer(payload, "connectorId")
    if connector is None or connector < 1:
        flags.append("connector_missing")
        connector = 1
    register_wh = integer(payload, "meterStart")
    token = token_of(payload) or TokenFact("")
    boot = station.booted_at if CLOCK_FLAGS.intersection(flags) else None
    key = business_key(
        "start", connector, token.uid.lower(), register_wh, text(payload, "timestamp", 40), boot
    )
    fact = StartFact(
        place=Place(connector),
        token=token,
        register_wh=register_wh,
        occurred_at=occurred_at,
        reservation_id=integer(payload, "reservationId") or None,
    )
    return Facts((fact, *reserved(payload)), answer, key, tuple(flags))


def answer(outcome: Outcome) -> Json:
    """Return our number of the session and the verdict on the token."""
    return {
        "transactionId": int(outcome.transaction_id),
        "idTagInfo": token_info(outcome.token),
    }
