"""Authorize: may this token charge? (OCPP 1.6 §4.1)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, Json, Outcome, StationView
from stations.ocpp.asked import authorized
from stations.ocpp.words import token_info, token_of


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the question."""
    return authorized(token_of(payload), answer)


def answer(outcome: Outcome) -> Json:
    """Return the verdict on the token."""
    return {"idTagInfo": token_info(outcome.token)}
