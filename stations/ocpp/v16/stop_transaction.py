"""StopTransaction: a session ends; it is never refused (OCPP 1.6 §4.10)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import (
    Facts,
    Json,
    Outcome,
    StationView,
    StopFact,
    empty_answer,
)
from stations.ocpp.instants import read_instant
from stations.ocpp.readings import read_meter_values
from stations.ocpp.v16.meter_values import transaction_of
from stations.ocpp.words import business_key, children, integer, text, token_info, token_of


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the stop; a transaction id of 0 or less means the station never learnt it."""
    flags: list[str] = []
    transaction = transaction_of(payload)
    token = token_of(payload)
    register_wh = integer(payload, "meterStop")
    fact = StopFact(
        transaction=transaction,
        register_wh=register_wh,
        occurred_at=read_instant(payload.get("timestamp"), received_at, flags),
        token=token,
        reason=text(payload, "reason", 40) or "Local",
        readings=read_meter_values(children(payload, "transactionData"), received_at, flags),
    )
    if transaction:
        key = business_key("stop", transaction)
    else:
        uid = token.uid.lower() if token else ""
        key = business_key("stop", "", text(payload, "timestamp", 40), register_wh, uid)
    answer = verdict if token else empty_answer
    return Facts((fact,), answer, key, tuple(dict.fromkeys(flags)))


def verdict(outcome: Outcome) -> Json:
    """Return the verdict on the token that stopped the session."""
    return {"idTagInfo": token_info(outcome.token)}
