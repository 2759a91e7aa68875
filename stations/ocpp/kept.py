"""What a worker draws a meaning from after the answer: parts of reports, states of long jobs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from stations import secrets
from stations.metering.facts import (
    Facts,
    Json,
    NoticeFact,
    Outcome,
    ReportFact,
    StationView,
    empty_answer,
)
from stations.ocpp.framing import encode
from stations.ocpp.words import business_key, digest, integer, text

Handle = Callable[[StationView, datetime, dict[str, Any]], Facts]
Answer = Callable[[Outcome], Json]

MOST_PARTS = 2**31 - 1
# What tells the values of settings, and so may tell a password. Requests to sign stay as they are.
OF_SETTINGS = {"NotifyReport", "NotifyEvent"}


def report(action: str, payload: Mapping[str, Any], request: str = "requestId") -> ReportFact:
    """Return a message as the report a worker reads; `request` names what it answers."""
    part = integer(payload, "seqNo")
    return ReportFact(
        kind=action,
        payload=secrets.hidden(payload) if action in OF_SETTINGS else payload,
        request_id=integer(payload, request),
        seq_no=part if part is not None and abs(part) <= MOST_PARTS else None,
        is_last=payload.get("tbc") is not True,
    )


def part(action: str, payload: Mapping[str, Any], answer: Answer = empty_answer) -> Facts:
    """Return one part of a report; the same content of the same request again is the same part."""
    fact = report(action, payload)
    key = business_key("part", action, fact.request_id, fact.seq_no, digest(encode(payload)))
    return Facts((fact,), answer, key)


def told(
    action: str,
    payload: Mapping[str, Any],
    received_at: datetime,
    *,
    kind: str,
    answer: Answer = empty_answer,
) -> Facts:
    """Return the state of a job: a notice of a kind for the rules, a report for whoever began it.

    It has no time of its own, so the same words again are news again.
    """
    detail = {"status": text(payload, "status", 40)}
    notice = NoticeFact(kind=kind, occurred_at=received_at, detail=detail)
    return Facts((notice, report(action, payload)), answer)


def always(**answer: object) -> Answer:
    """Return an answer that does not depend on what the store made of the message."""
    return lambda _: answer


def reserved(payload: Mapping[str, Any]) -> tuple[ReportFact, ...]:
    """Return the report that a session begins under a reservation, where the message says so."""
    number = integer(payload, "reservationId")
    if not number:
        return ()
    told = {"reservationId": number}
    return (ReportFact(kind="ReservationUsed", payload=told, request_id=number),)
