"""The published schemas, compiled; and what to make of a payload they refuse."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import ocpp

FOLDERS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}
# How the files of a version are named: request, answer.
SUFFIXES = {
    "1.6": ("", "Response"),
    "2.0.1": ("Request", "Response"),
    "2.1": ("Request", "Response"),
}
Schema = Mapping[str, Any]


@cache
def load_schema(version: str, action: str, *, is_answer: bool) -> Schema | None:
    """Return the schema of one message of a version, or None where there is none."""
    if not action.isalnum():
        return None
    folder = Path(ocpp.__file__).parent / FOLDERS[version] / "schemas"
    path = folder / f"{action}{SUFFIXES[version][is_answer]}.json"
    if not is_answer and not path.exists():
        path = folder / f"{action}.json"  # a SEND is no request
    if not path.exists() or action.endswith(("Request", "Response")):
        return None
    schema: Schema = json.loads(path.read_text(encoding="utf-8-sig"))
    return schema


@cache
def checker(version: str, action: str, *, is_answer: bool) -> Callable[[object], bool]:
    """Return the compiled check of one message; one without a schema may only be empty.

    The answer of what is never answered (2.1's SEND) has none.
    """
    schema = load_schema(version, action, is_answer=is_answer)
    if schema is None:
        return lambda payload: is_answer and payload == {}
    check: Callable[[object], bool] = jsonschema_rs.validator_for(dict(schema)).is_valid
    return check


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing a schema holds against a payload: JSON schema's keyword, and our words.

    The text names fields, never values: one may be a password.
    """

    keyword: str
    text: str


@cache
def _judge(version: str, action: str, *, is_answer: bool, with_formats: bool) -> Any:
    schema = load_schema(version, action, is_answer=is_answer) or {}
    return jsonschema_rs.validator_for(dict(schema), validate_formats=with_formats)


def first_fault(
    version: str, action: str, payload: object, *, is_answer: bool, with_formats: bool = False
) -> Fault | None:
    """Return what is wrong with a payload, or None.

    Slower than `checker`: for what failed it, and for what is rare.
    """
    judge = _judge(version, action, is_answer=is_answer, with_formats=with_formats)
    error = next(judge.iter_errors(payload), None)
    if error is None:
        return None
    kind, where = error.kind, ".".join(str(part) for part in error.instance_path) or "payload"
    say = _FAULTS.get(kind.name, "{where} does not follow the schema ({name}).")
    return Fault(kind.name, say.format(where=where, name=kind.name, **kind.as_dict()))


_FAULTS = {
    "required": "{where}: {property} is missing.",
    "additionalProperties": "{where}: {unexpected} is unknown.",
    "type": "{where} is no {types}.",
    "enum": "{where} is none of {options}.",
    "maxLength": "{where} is longer than {limit} characters.",
    "maxItems": "{where} has more than {limit} items.",
    "minItems": "{where} has less than {limit} items.",
    "minimum": "{where} is less than {limit}.",
    "maximum": "{where} is more than {limit}.",
    "format": "{where} is no {format}.",
}


def is_known(version: str, action: str) -> bool:
    """Say whether a version has an action, in whichever direction."""
    return load_schema(version, action, is_answer=False) is not None


def coerce(version: str, action: str, payload: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a payload as near to the schema as it can honestly be, and what was bent.

    What fits no type is left out; unknown words, unknown fields and long texts stay.
    """
    schema = load_schema(version, action, is_answer=False)
    return _Bending(schema or {}).bend(payload)


class _Bending:
    """One walk over one payload."""

    def __init__(self, schema: Schema) -> None:
        self.root = schema
        self.flags: list[str] = []

    def bend(self, payload: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        return self._object(payload, self.root), list(dict.fromkeys(self.flags))[:10]

    def _flag(self, what: str, path: str) -> None:
        self.flags.append(f"{what}:{path}"[:40])

    def _resolve(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            found: Schema = self.root["definitions"][reference.rsplit("/", 1)[1]]
            return found
        return schema

    def _object(self, value: dict[str, Any], schema: Schema) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        bent: dict[str, Any] = {}
        for name, inner in value.items():
            if name not in properties:
                if schema.get("additionalProperties") is False:
                    self._flag("unknown_field", name)
                bent[name] = inner
                continue
            fitted = self._value(inner, self._resolve(properties[name]), name)
            if fitted is None or (fitted == "" and name not in required):
                self._flag("empty", name)
                continue
            bent[name] = fitted
        for name in required:
            if name not in bent:
                self._flag("missing", name)
        return bent

    def _value(self, value: Any, schema: Schema, path: str) -> Any:
        if value is None:
            return None
        bend = {
            "object": self._as_object,
            "array": self._as_array,
            "integer": self._as_integer,
            "number": self._as_number,
            "string": self._as_string,
            "boolean": self._as_boolean,
        }.get(str(schema.get("type")))
        return value if bend is None else bend(value, schema, path)

    def _as_object(self, value: Any, schema: Schema, path: str) -> Any:
        if isinstance(value, dict):
            return self._object(value, schema)
        self._flag("type", path)
        return None

    def _as_array(self, value: Any, schema: Schema, path: str) -> Any:
        if not isinstance(value, list):
            self._flag("type", path)
            value = [value]
        items = self._resolve(schema.get("items", {}))
        fitted = [self._value(inner, items, path) for inner in value]
        return [inner for inner in fitted if inner is not None]

    def _as_integer(self, value: Any, _schema: Schema, path: str) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        number = self._as_number(value, _schema, path)
        if number is None:
            return None
        self._flag("type", path)
        return round(number)

    def _as_number(self, value: Any, _schema: Schema, path: str) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value if math.isfinite(value) else None
        self._flag("type", path)
        try:
            number = float(str(value).strip().replace(",", "."))
            if not math.isfinite(number):
                return None
            return int(number) if number.is_integer() else number
        except (ValueError, OverflowError):
            return None

    def _as_string(self, value: Any, schema: Schema, path: str) -> Any:
        if not isinstance(value, str):
            self._flag("type", path)
            if isinstance(value, dict | list):
                value = json.dumps(value)
            value = str(value)
        if len(value) > schema.get("maxLength", len(value)):
            self._flag("overlong", path)
        words = schema.get("enum")
        if words and value not in words:
            known = {word.lower(): word for word in words}.get(value.strip().lower())
            if known is None:
                self._flag("unknown_word", path)
            return known or value
        return value

    def _as_boolean(self, value: Any, _schema: Schema, path: str) -> Any:
        if isinstance(value, bool):
            return value
        self._flag("type", path)
        return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
