"""The idToken of 2.x and what we say of it."""

from collections.abc import Mapping
from typing import Any

from stations.metering.facts import TokenFact, TokenVerdict
from stations.ocpp.words import TOKEN_WORDS, child, text, wire_instant


def token_of(payload: Mapping[str, Any]) -> TokenFact | None:
    """Return the presented token, or None; its kind is the station's word."""
    token = child(payload, "idToken")
    uid, kind = text(token, "idToken"), text(token, "type", 20)
    return TokenFact(uid, kind) if uid or kind == "NoAuthorization" else None


def token_info(verdict: TokenVerdict | None) -> dict[str, object]:
    """Return the idTokenInfo of a verdict."""
    if verdict is None:
        return {"status": "Invalid"}
    found: dict[str, object] = {"status": TOKEN_WORDS[verdict.word]}
    if verdict.expires_at is not None:
        found["cacheExpiryDateTime"] = wire_instant(verdict.expires_at)
    if verdict.group:
        found["groupIdToken"] = {"idToken": verdict.group[:36], "type": "Central"}
    return found
