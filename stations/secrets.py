"""What nobody may read in a row, a log or a page: passwords, keys, PIN codes."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

MASK: Final = "***"
# Settings of a station that are secrets, in either version's words.
# They are called the same in any case, so they are compared in small letters.
SECRET_NAMES: Final = frozenset({"authorizationkey"})
# What makes of use in the names of settings of their own.
SECRET_WORDS: Final = ("password", "secret", "passphrase", "privatekey")
SECRET_KEYS: Final = frozenset({"password", "basicAuthPassword", "apnPassword", "simPin"})
VALUES: Final = ("value", "attributeValue", "actualValue")
# What a frame with a secret in it has somewhere, for a first cheap look.
SIGNS: Final = (
    *(b"password", b"authorizationkey", b"keycode", b"@", b"simpin", b"/f/", b"/u/"),
    *(b"secret", b"passphrase", b"private"),
)
# Begins at the slashes: to look for a scheme from each letter of a long text would take minutes.
_CREDENTIALS: Final = re.compile(r"://[^/@\s\"]++@")
# Our one-time addresses: who reads one may fetch or fill the file.
_LINKS: Final = re.compile(r"(/[fu]/)[A-Za-z0-9_-]{32,}")


def hidden(value: Any) -> Any:
    """Return a JSON value with its secrets made unreadable; without secrets, an equal one."""
    if isinstance(value, str):
        return _hidden_addresses(_hidden_within(value))
    if isinstance(value, list | tuple):
        return [hidden(inner) for inner in value]
    if not isinstance(value, Mapping):
        return value
    shown = {name: hidden(inner) for name, inner in value.items()}
    for name in _secret_keys(value):
        if name in shown:
            shown[name] = MASK
    if _is_secret(_setting(value)):
        for attribute in shown.get("variableAttribute") or ():
            if isinstance(attribute, dict) and "value" in attribute:
                attribute["value"] = MASK
    return shown


def _hidden_within(text: str) -> str:
    """Return a text with its secrets hidden where it is JSON itself, as DataTransfer has it."""
    if text[:1] not in {"{", "["}:
        return text
    try:
        read = json.loads(text)
        shown = hidden(read)
    except (ValueError, RecursionError):
        return text
    return text if shown == read else json.dumps(shown, ensure_ascii=False)


def _hidden_addresses(text: str) -> str:
    text = _CREDENTIALS.sub("://***@", text) if "@" in text else text
    return _LINKS.sub(rf"\1{MASK}", text) if "/f/" in text or "/u/" in text else text


def hidden_frame(frame: bytes) -> bytes:
    """Return a frame with its secrets made unreadable; one without any, and one no JSON, as it is.

    A broken frame loses its credentials in addresses, and its payload where that names a secret.
    """
    lowered = frame.lower()
    for sign in SIGNS:
        if sign in lowered:
            break
    else:
        return frame
    try:
        read = json.loads(frame)
        shown = hidden(read)
    except (ValueError, RecursionError):
        return _hidden_text(frame)
    if shown == read:
        return frame
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _hidden_text(frame: bytes) -> bytes:
    text = _CREDENTIALS.sub("://***@", frame.decode("utf-8", "replace"))
    names = "|".join(sorted({*SECRET_NAMES, *SECRET_WORDS, *SECRET_KEYS, "KeyCode"}))
    # Before or after its name: what cannot be read as JSON does not say where the secret is.
    is_secret = re.search(names, text, re.IGNORECASE)
    return (text[: text.find("{") + 1] + MASK if is_secret else text).encode()


def _secret_keys(value: Mapping[str, Any]) -> set[str]:
    keys = set(SECRET_KEYS)
    if _is_secret(_setting(value)):
        keys.update(VALUES)
    if str(value.get("type")).lower() == "keycode":
        keys.add("idToken")  # C04.FR.04
    if "server" in value and "user" in value:
        keys.add("key")  # of a VPN
    return keys


def _setting(value: Mapping[str, Any]) -> str:
    """Return the name of the setting that a JSON object gives a value to, if it does."""
    variable = value.get("variable")
    found = variable.get("name") if isinstance(variable, Mapping) else value.get("key")
    return found.lower() if isinstance(found, str) else ""


def _is_secret(setting: str) -> bool:
    plain = setting.replace("_", "").replace("-", "")
    return plain in SECRET_NAMES or any(word in plain for word in SECRET_WORDS)
