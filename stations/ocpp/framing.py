"""OCPP-J frames: text to frame and back, with every limit and error code of each version."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from stations.ocpp.codes import CODES, RICHER, ErrorCodes

MAX_DEPTH = 32
MAX_ID = 36
MAX_ACTION = 64
MAX_DIGITS = 19
CALL, CALL_RESULT, CALL_ERROR, CALL_RESULT_ERROR, SEND = 2, 3, 4, 5, 6
NO_ID = "-1"
# What ends an open call whose answer cannot be read; no code of the standard.
BAD_ANSWER = "BadAnswer"

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode
# A text that never ends is one token too: to look for its end from each of its quotes would take
# minutes for one frame.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_HEAD = re.compile(r'\s*\[\s*(\d+)\s*,\s*"([^"\\\x00-\x1f]{1,36})"')


class Call(msgspec.Struct, frozen=True):
    """A request of the station; `canonical` is its payload as we would write it.

    One that came as 2.1's SEND is heard and never answered.
    """

    message_id: str
    action: str
    payload: dict[str, Any]
    flags: tuple[str, ...] = ()
    canonical: bytes = b""
    is_send: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The station's answer to a call of ours; `error` is empty where it accepted the call."""

    message_id: str
    payload: dict[str, Any]
    error: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A frame that cannot be read, and the CALLERROR it deserves."""

    message_id: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a 2.1 station holds against an answer of ours (CALLRESULTERROR)."""

    message_id: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A frame that gets no answer in this version."""

    reason: str


Frame = Call | Reply | Refusal | Complaint | Ignored


class Unreadable(ValueError):
    """The text is no JSON we are willing to read."""


def read_frame(text: str, version: str) -> Frame:
    """Return what a text frame is; never raises.

    A broken answer of the station is a Reply with an error, so that the open call ends.
    """
    return read_plain_call(text) or _read_any(text, version)


def _read_any(text: str, version: str) -> Frame:
    codes = CODES[version]
    try:
        frame, flags = read_json(text)
    except Unreadable as error:
        return _unreadable(text, codes, str(error))
    if not isinstance(frame, list) or len(frame) < 2 or not _is_id(frame[1]):
        return Refusal(NO_ID, codes.unreadable, "A frame is an array of a type and an id.")
    kind, message_id = frame[0], frame[1]
    if kind == CALL:
        return _read_call(frame, message_id, codes, flags)
    if kind in (CALL_RESULT, CALL_ERROR):
        return (_read_result if kind == CALL_RESULT else _read_error)(frame, message_id)
    return _read_rare(frame, message_id, version, flags)


def _read_rare(frame: list[Any], message_id: str, version: str, flags: tuple[str, ...]) -> Frame:
    """Return what 2.1 adds, and what no version knows."""
    kind, codes = frame[0], CODES[version]
    if version == RICHER and kind == CALL_RESULT_ERROR:
        broken = _read_error(frame, message_id)
        return Complaint(message_id, broken.error, broken.description)
    if kind == SEND:
        read = _read_call(frame, message_id, codes, flags) if version == RICHER else None
        # Never answered: not where it is broken, not where it is unknown.
        if not isinstance(read, Call):
            return Ignored("send")
        return msgspec.structs.replace(read, is_send=True)
    if not codes.message_type:
        return Ignored("message_type")
    return Refusal(message_id, codes.message_type, "The message type is unknown.")


def read_plain_call(text: str) -> Call | None:
    """Return the call a text is, if nothing at all is odd about it: nearly always."""
    if text.count("[") + text.count("{") > MAX_DEPTH or "\\u0000" in text:
        return None
    try:
        frame = _decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return None
    if not isinstance(frame, list) or len(frame) != 4 or frame[0] != CALL:
        return None
    _, message_id, action, payload = frame
    if not isinstance(payload, dict) or not _is_id(message_id) or not isinstance(action, str):
        return None
    canonical = encode(payload)
    # fewer keys than the text shows: one of them came twice
    if not 0 < len(action) <= MAX_ACTION or text.count('":') != canonical.count(b'":'):
        return None
    return Call(message_id, action, payload, (), canonical)


def _read_call(
    frame: list[Any], message_id: str, codes: ErrorCodes, flags: tuple[str, ...]
) -> Call | Refusal:
    if len(frame) != 4:
        return Refusal(message_id, codes.unreadable, "A call has four elements.")
    action, payload = frame[2], frame[3]
    if not isinstance(action, str) or not 0 < len(action) <= MAX_ACTION:
        return Refusal(message_id, codes.unreadable, "The action is no text.")
    if not isinstance(payload, dict):
        return Refusal(message_id, codes.format, "The payload is no object.")
    return Call(message_id, action, payload, flags)


def _read_result(frame: list[Any], message_id: str) -> Reply:
    if len(frame) != 3 or not isinstance(frame[2], dict):
        return Reply(message_id, {}, BAD_ANSWER, "The answer is no object.")
    return Reply(message_id, frame[2])


def _read_error(frame: list[Any], message_id: str) -> Reply:
    code = str(frame[2]) if len(frame) > 2 and frame[2] else "GenericError"
    description = str(frame[3]) if len(frame) > 3 else ""
    details = frame[4] if len(frame) > 4 and isinstance(frame[4], dict) else {}
    return Reply(message_id, details, code[:60], description[:255])


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable()


def _unreadable(text: str, codes: ErrorCodes, why: str) -> Refusal | Reply | Ignored:
    head = _HEAD.match(text)
    if head is None:
        return Refusal(NO_ID, codes.unreadable, why)
    kind, message_id = head.groups()
    if kind in {"3", "4"}:
        return Reply(message_id, {}, BAD_ANSWER, why)
    if kind != "2":
        return Ignored("message_type")
    return Refusal(message_id, codes.unreadable, why)


def read_json(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the value of a JSON text and what was odd; raises Unreadable.

    The fast reader first; what it refuses, or reads too kindly, goes through the careful one.
    """
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_too_deep(text):
        raise Unreadable("The frame is nested too deeply.")
    try:
        value = _decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return _read_carefully(text)
    if "\\u0000" in text or text.count('":') != _count_keys(value):
        return _read_carefully(text)
    return value, ()


def _count_keys(value: Any) -> int:
    """Return how many keys a value shows when written; fewer than the text: one came twice."""
    return encode(value).count(b'":')


def _is_too_deep(text: str) -> bool:
    """Say whether a text is nested too deeply; a hundred thousand brackets are not all counted."""
    depth = 0
    for match in _TOKENS.finditer(text):
        sign = match.group()
        if sign in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif sign in "]}":
            depth -= 1
    return False


def _read_carefully(text: str) -> tuple[Any, tuple[str, ...]]:
    flags: set[str] = set()

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            flags.add("duplicate_keys")
        return found

    def integer(digits: str) -> int | str:
        if len(digits.lstrip("-")) <= MAX_DIGITS:
            return int(digits)
        flags.add("number_out_of_range")
        return digits[:40]

    def real(digits: str) -> float | str:
        number = float(digits)
        if math.isfinite(number):
            return number
        flags.add("number_out_of_range")
        return digits[:40]

    def constant(name: str) -> None:
        raise Unreadable(f"{name} is no JSON.")

    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=integer,
            parse_float=real,
            parse_constant=constant,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable("The frame is no JSON.") from error
    return _clean(value, flags), tuple(sorted(flags))


def _clean(value: Any, flags: set[str]) -> Any:
    """Return a value without the two things PostgreSQL's text cannot hold."""
    if isinstance(value, str):
        clean = value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        if clean != value:
            flags.add("text_cleaned")
        return clean
    if isinstance(value, list):
        return [_clean(inner, flags) for inner in value]
    if isinstance(value, dict):
        return {_clean(key, flags): _clean(inner, flags) for key, inner in value.items()}
    return value


def result_frame(message_id: str, payload: bytes) -> bytes:
    """Return a CALLRESULT around a payload that is JSON already."""
    return b"[3,%b,%b]" % (encode(message_id), payload)


def error_frame(refusal: Refusal) -> bytes:
    """Return a CALLERROR; our own short text, never the station's words."""
    return encode([CALL_ERROR, refusal.message_id, refusal.code, refusal.description[:255], {}])


def result_error_frame(message_id: str, code: str, description: str) -> bytes:
    """Return a CALLRESULTERROR: what we hold against an answer of the station; 2.1 only."""
    return encode([CALL_RESULT_ERROR, message_id, code, description[:255], {}])


def call_frame(message_id: str, action: str, payload: Mapping[str, object]) -> bytes:
    """Return a CALL of ours."""
    return encode([CALL, message_id, action, payload])
