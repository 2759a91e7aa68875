"""Authorize: may this token charge? (OCPP 2.0.1 C01, C07)."""

from datetime import datetime
from typing import Any

from stations.metering.facts import Facts, Json, Outcome, StationView
from stations.ocpp.asked import authorized
from stations.ocpp.v201.tokens import token_info, token_of

# A contract of plug and charge comes with its certificate, or with the hashes to ask about it.
CONTRACT = ("certificate", "iso15118CertificateHashData")


def handle(station: StationView, received_at: datetime, payload: dict[str, Any]) -> Facts:
    """Return the question; an empty token is no token."""
    verdict = answer_unproven if any(payload.get(name) for name in CONTRACT) else answer
    return authorized(token_of(payload), verdict)


def answer(outcome: Outcome) -> Json:
    """Return the verdict on the token."""
    return {"idTokenInfo": token_info(outcome.token)}


def answer_unproven(outcome: Outcome) -> Json:
    """Return a no to a contract: nobody here can ask its issuer if it still holds (C07.FR.05)."""
    info = token_info(outcome.token)
    word = "Invalid" if info["status"] == "Accepted" else info["status"]
    return {"idTokenInfo": {"status": word}, "certificateStatus": "CertChainError"}
