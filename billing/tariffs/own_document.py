"""A tariff's JSON as a version keeps it: OCPI's object, and what OCPI cannot say beside it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from billing.tariffs import reading
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.native.reading import parse_native

MOST_CHARACTERS: Final = 100_000


def read_text(text: str) -> tuple[dict[str, Any], NativeTariff]:
    """Return a document and what it says; an OCPI tariff alone is one too. Raises Refused."""
    document = as_own(parse_text(text))
    return document, parse_native(document)


def parse_text(text: str) -> object:
    """Return JSON of a bearable length, numbers as Decimal; raises Refused."""
    if len(text) > MOST_CHARACTERS:
        raise reading.Refused("$", "more than 100,000 characters", "Give one tariff.")
    return reading.parse_json(text)


def as_own(document: object) -> dict[str, Any]:
    """Return a document with OCPI's object under "tariff"; raises Refused for no object."""
    if not isinstance(document, Mapping):
        raise reading.Refused("$", "no tariff", "Write {…}.")
    return dict(document) if "tariff" in document else {"tariff": dict(document)}


def write_text(document: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """Return a document as JSON text with every digit of its numbers."""
    return _text(document, "\n" if indent else "", " " * (indent or 0))


def _text(value: Any, line: str, step: str) -> str:
    deeper = line and line + step
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        inner = [
            f"{json.dumps(str(key), ensure_ascii=False)}: {_text(each, deeper, step)}"
            for key, each in value.items()
        ]
        return _wrapped("{", inner, "}", line, step)
    if isinstance(value, list | tuple):
        return _wrapped("[", [_text(each, deeper, step) for each in value], "]", line, step)
    return json.dumps(value, ensure_ascii=False)


def _wrapped(opening: str, inner: list[str], closing: str, line: str, step: str) -> str:
    if not inner:
        return opening + closing
    if not line:
        return opening + ", ".join(inner) + closing
    return opening + line + step + f",{line}{step}".join(inner) + line + closing
