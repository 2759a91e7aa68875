"""Secrets that must be read again: sealed at rest with keys the database never sees."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(ValueError):
    """What was sealed cannot be opened: the key is gone, or somebody changed it."""


def seal(text: str) -> bytes:
    """Return a text that only a holder of our key can read."""
    return _keys(tuple(settings.FIELD_KEYS)).encrypt(text.encode())


def digest(secret: str) -> str:
    """Return what an address's secret is known by: of full chance, it needs no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def unseal(sealed: bytes) -> str:
    """Return what was sealed; raises SealBroken."""
    try:
        return _keys(tuple(settings.FIELD_KEYS)).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise SealBroken("FIELD_KEY is not the one this was sealed with.") from error


@lru_cache(maxsize=4)
def _keys(secrets: tuple[str, ...]) -> MultiFernet:
    """Return the keys of the settings; any text of enough chance will do as one."""
    digests = (hashlib.sha256(secret.encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
