"""Small words the versions share: keys, texts, numbers, instants on the wire."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from stations.metering.facts import TokenFact, TokenVerdict

MAX_KEY = 200
MAX_INT = 2**63 - 1

# What is written where nothing is wrong, by whoever; a make's own spellings are its quirks.
NO_CODE = {"", "0", "null", "none", "noerror", "nofault", "no error"}

TOKEN_WORDS = {
    "accepted": "Accepted",
    "blocked": "Blocked",
    "expired": "Expired",
    "invalid": "Invalid",
    "concurrent": "ConcurrentTx",
}


def business_key(*parts: object) -> str:
    """Return one key of all parts, short enough to be indexed."""
    key = ":".join("" if part is None else str(part) for part in parts)
    if len(key) <= MAX_KEY:
        return key
    return f"{parts[0]}:{blake2b(key.encode(), digest_size=20).hexdigest()}"


def digest(text: bytes) -> str:
    """Return a short fingerprint of a content."""
    return blake2b(text, digest_size=12).hexdigest()


def wire_instant(instant: datetime) -> str:
    """Return an instant as both versions write it: UTC, milliseconds, Z."""
    return instant.isoformat(timespec="milliseconds")[:23] + "Z"


def text(payload: Mapping[str, Any], name: str, limit: int = 255) -> str:
    """Return a text field without surrounding blanks, cut to what we keep; absent is empty."""
    value = payload.get(name)
    return value.strip()[:limit] if isinstance(value, str) else ""


def integer(payload: Mapping[str, Any], name: str) -> int | None:
    """Return an integer field that a 64-bit column holds, or None."""
    value = payload.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_INT:
        return None
    return value


def child(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object field, or an empty one."""
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def children(payload: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list field."""
    value = payload.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def fault_code(code: str) -> str:
    """Return a fault code, empty for every spelling of "no fault"."""
    plain = code.strip()
    return "" if plain.lower().strip('"') in NO_CODE or not plain.strip("0") else plain


def token_of(payload: Mapping[str, Any], name: str = "idTag") -> TokenFact | None:
    """Return the token of a 1.6 field, or None where none was presented."""
    uid = text(payload, name)
    return TokenFact(uid) if uid else None


def token_info(verdict: TokenVerdict | None) -> dict[str, str]:
    """Return the status of a token and, in 1.6's spelling, its end and its group."""
    if verdict is None:
        return {"status": "Invalid"}
    found = {"status": TOKEN_WORDS[verdict.word]}
    if verdict.expires_at is not None:
        found["expiryDate"] = wire_instant(verdict.expires_at)
    if verdict.group:
        found["parentIdTag"] = verdict.group[:20]
    return found
