"""Signed messages: HMAC-SHA256 over the time and the raw body, as card providers do it."""

import hashlib
import hmac
from datetime import datetime, timedelta

from billing.providers.base import SignatureInvalid

TOLERANCE = timedelta(minutes=5)


def sign(*, body: bytes, secret: str, as_of: datetime) -> str:
    """Return a signature header: t=seconds,v1=hex."""
    seconds = int(as_of.timestamp())
    return f"t={seconds},v1={_digest(body, secret, seconds)}"


def verify(*, body: bytes, header: str, secret: str, as_of: datetime) -> None:
    """Raise SignatureInvalid unless one of the header's signatures is right and fresh."""
    pairs = [part.partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in pairs if name.strip() == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) < 12):
        raise SignatureInvalid("no time in the signature")
    seconds = int(times[0])
    expected = _digest(body, secret, seconds)
    given = [value for name, value in pairs if name.strip() == "v1"]
    if not any(hmac.compare_digest(expected.encode(), each.encode()) for each in given):
        raise SignatureInvalid("no signature is right")
    if abs(as_of.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise SignatureInvalid("the signature is too old")


def _digest(body: bytes, secret: str, seconds: int) -> str:
    signed = f"{seconds}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
