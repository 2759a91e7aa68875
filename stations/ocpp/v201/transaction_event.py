"""TransactionEvent: a session begins, goes on, ends; it is never refused (OCPP 2.0.1 E01–E12)."""

from datetime import datetime
from typing import Any, Literal

from stations.metering.facts import (
    Facts,
    Json,
    Outcome,
    StationView,
    TransactionFact,
    empty_answer,
)
from stations.ocpp.instants import read_instant
from stations.ocpp.kept import reserved
from stations.ocpp.readings import read_meter_values
from stations.ocpp.v201.places import place_of
from stations.ocpp.v201.tokens import token_info, token_of
from stations.ocpp.words import business_key, child, children, integer, text

PHASES: dict[str, Literal["started", "updated", "ended"]] = {
    "Started": "started",
    "Updated": "updated",
    "Ended": "ended",
}

MOST_EVENTS = 2**31 - 1


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the event; the same transaction, number and phase again is the same event.

    The phase is in the key: some makes number every event 0.
    """
    flags: list[str] = []
    detail = child(payload, "transactionInfo")
    transaction = text(detail, "transactionId", 64)
    if not transaction:
        flags.append("transaction_missing")
    phase = PHASES.get(text(payload, "eventType"), "updated")
    token = token_of(payload)
    fact = TransactionFact(
        phase=phase,
        transaction=transaction or "unsaid",
        seq_no=_number(payload, flags),
        occurred_at=read_instant(payload.get("timestamp"), received_at, flags),
        place=place_of(payload),
        token=token,
        trigger=text(payload, "triggerReason", 40),
        charging_state=text(detail, "chargingState", 20),
        stopped_reason=text(detail, "stoppedReason", 40),
        remote_start_id=integer(detail, "remoteStartId"),
        is_offline=payload.get("offline") is True,
        readings=read_meter_values(children(payload, "meterValue"), received_at, flags),
    )
    stamp = "" if fact.seq_no is not None and transaction else text(payload, "timestamp", 40)
    key = business_key("event", fact.transaction, fact.seq_no, phase, stamp)
    answer = verdict if token else empty_answer
    return Facts((fact, *reserved(payload)), answer, key, tuple(dict.fromkeys(flags)))


def _number(payload: dict[str, Any], flags: list[str]) -> int | None:
    """Return the event's number; one that can be no count (some send the time) is none."""
    number = integer(payload, "seqNo")
    if number is not None and abs(number) > MOST_EVENTS:
        flags.append("number_out_of_range")
        return None
    return number


def verdict(outcome: Outcome) -> Json:
    """Return the verdict on the presented token (E01.FR.12)."""
    return {"idTokenInfo": token_info(outcome.token)}
