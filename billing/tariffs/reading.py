"""Strict reading of JSON: unknown keys, wrong types, odd numbers are refused by name and path."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from typing import NoReturn, TypeVar

INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE
)
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# One surrogate without the other: it can be read, and never written again.
HALF = re.compile(
    r"(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F])"
)
MAX_DIGITS = 60
YEARS = range(1900, 9000)
MAX_DEPTH_TEXT = "Keep the nesting below a few hundred levels."

Choice = TypeVar("Choice", bound=Enum)
Json = Mapping[str, object]


class Refused(ValueError):
    """The document cannot be used: where in it, what is wrong, what to try."""

    def __init__(self, where: str, what: str, advice: str) -> None:
        super().__init__(f"{where}: {what}. {advice}")
        self.where = where
        self.what = what
        self.advice = advice


def parse_json(text: str) -> object:
    """Read JSON with numbers as Decimal; raises Refused for anything that is not strict JSON."""
    if HALF.search(text):
        what = "half a character, written as \\u and its number"
        raise Refused("$", what, "Write both halves, or the character itself.")
    try:
        return json.loads(
            text,
            parse_float=_decimal,
            parse_int=_decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_keys,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise Refused(where, f"no JSON: {error.msg}", "Give one JSON object.") from error
    except RecursionError as error:
        raise Refused("$", "nested too deeply", MAX_DEPTH_TEXT) from error


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        advice = f"Use at most {MAX_DIGITS} digits."
        raise Refused("$", f"{digits[:40]} is beyond all measure", advice) from error


def _refuse_constant(name: str) -> NoReturn:
    raise Refused("$", f"{name} is no JSON number", "Write a decimal number.")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise Refused("$", f"key {key!r} is given twice", "Keep one of them.")
        found[key] = value
    return found


def as_object(value: object, where: str, *, allowed: Iterable[str]) -> Json:
    """Return an object without its nulls; raises Refused for a key that is not allowed."""
    if not isinstance(value, Mapping):
        raise Refused(where, f"{_kind(value)} where an object belongs", "Write {…}.")
    known = sorted(allowed)
    for key in value:
        if key not in known:
            raise Refused(f"{where}.{key}", f"unknown key {key!r}", f"Use {', '.join(known)}.")
    return {key: each for key, each in value.items() if each is not None}


def as_list(value: object, where: str) -> list[object]:
    """Return a list; raises Refused for anything else."""
    if not isinstance(value, list):
        raise Refused(where, f"{_kind(value)} where a list belongs", "Write […].")
    return value


def as_text(value: object, where: str) -> str:
    """Return a text; raises Refused for anything else."""
    if not isinstance(value, str):
        raise Refused(where, f"{_kind(value)} where a text belongs", 'Write "…".')
    return value


def as_number(value: object, where: str) -> Fraction:
    """Return a number exactly; raises Refused for texts, switches and absurd sizes."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refused(where, f"{_kind(value)} where a number belongs", "Write a decimal number.")
    number = Decimal(value)
    if not number.is_finite() or max(abs(number.adjusted()), _digits(number)) > MAX_DIGITS:
        raise Refused(where, "a number beyond all measure", f"Use at most {MAX_DIGITS} digits.")
    return Fraction(number)


def as_count(value: object, where: str) -> Fraction:
    """Return a number that is not negative; raises Refused."""
    number = as_number(value, where)
    if number < 0:
        raise Refused(where, "a negative number", "Write 0 or more.")
    return number


def as_whole(value: object, where: str) -> int:
    """Return a whole number that is not negative; raises Refused."""
    number = as_count(value, where)
    if number.denominator != 1:
        raise Refused(where, "a number with decimals", "Write a whole number.")
    return number.numerator


def as_choice(value: object, where: str, choices: type[Choice]) -> Choice:
    """Return a member of an enumeration by its value; raises Refused."""
    word = as_text(value, where)
    for member in choices:
        if member.value == word:
            return member
    known = ", ".join(str(member.value) for member in choices)
    raise Refused(where, f"unknown value {word!r}", f"Use {known}.")


def as_instant(value: object, where: str) -> datetime:
    """Return an instant in UTC; without an offset the text is UTC (OCPI 2.2.1 ch. 16)."""
    text = as_text(value, where)
    advice = "Write it as 2026-01-31T12:00:00Z."
    if not INSTANT.fullmatch(text):
        raise Refused(where, f"{text!r} is no instant", advice)
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise Refused(where, f"{text!r} is no instant", advice) from error
    if instant.year not in YEARS:
        raise Refused(where, f"the year {instant.year} is no year of ours", advice)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def as_clock(value: object, where: str) -> time:
    """Return a time of day from HH:MM; raises Refused."""
    text = as_text(value, where)
    if not CLOCK.fullmatch(text):
        raise Refused(where, f"{text!r} is no time of day", "Write it as 17:30.")
    return time.fromisoformat(text)


def as_day(value: object, where: str) -> date:
    """Return a date from YYYY-MM-DD; raises Refused."""
    text = as_text(value, where)
    advice = "Write it as 2026-01-31."
    if not DAY.fullmatch(text):
        raise Refused(where, f"{text!r} is no date", advice)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(where, f"{text!r} is no date", advice) from error


def required(source: Json, key: str, where: str) -> object:
    """Return the value under a key that must be there; raises Refused."""
    if key not in source:
        raise Refused(where, f"{key!r} is missing", f"Add {key!r}.")
    return source[key]


def _digits(number: Decimal) -> int:
    return len(number.as_tuple().digits)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    words = {str: "a text", list: "a list", Decimal: "a number", int: "a number"}
    return next((word for kind, word in words.items() if isinstance(value, kind)), "an object")
