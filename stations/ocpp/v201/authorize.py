"""Authorize: may this token charge? (OCPP 2.0.1 C01)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import (
    AuthorizeFact,
    Facts,
    Json,
    Outcome,
    StationView,
    TokenFact,
)
from stations.ocpp.v201.tokens import token_info, token_of


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the question; an empty token is no token."""
    return Facts((AuthorizeFact(token_of(payload) or TokenFact("")),), answer)


def answer(outcome: Outcome) -> Json:
    """Return the verdict on the token."""
    return {"idTokenInfo": token_info(outcome.token)}
