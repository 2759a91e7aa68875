"""What the blocks of calls share: how a word of ours is said in a version."""

from collections.abc import Callable
from typing import Any, Final

Payload = dict[str, Any]
# Our payload and the command's number in, OCPP's action and payload out.
Said = tuple[str, Payload]
Say = Callable[[Payload, int], Said]
Words = dict[tuple[str, str], Say]

TOKEN_TYPES: Final = {
    "rfid": "ISO14443",
    "app": "Central",
    "ad_hoc": "Central",
    "central": "Central",
}
# What a request id of ours may be; commands are numbered on for ever.
MOST_ID: Final = 2**31


def given(**fields: object) -> Payload:
    """Return the fields that are said; an empty one is left out, not sent as null."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def token(uid: str, kind: object) -> Payload:
    """Return a 2.x token; `kind` is our word or the standard's own type."""
    word = str(kind or "rfid")
    return {"idToken": uid, "type": TOKEN_TYPES.get(word, word)}


def plain(name: str) -> Say:
    """Return how a call without a payload is said."""
    return lambda _payload, _command_id: (name, {})


def of_both(word: str, old: Say, new: Say) -> Words:
    """Return a word that 1.6 says one way and 2.x another."""
    return {("1.6", word): old, **of_new(word, new)}


def of_new(word: str, new: Say) -> Words:
    """Return a word that only 2.x knows."""
    return {("2.0.1", word): new, ("2.1", word): new}
