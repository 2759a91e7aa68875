"""Frames that are nearly right: seeded, so that a failing one can be sent again."""

import json
import random
from collections.abc import Iterator
from typing import Any

from stations.ocpp import routing, schemas

# Asked for unknown tokens in a row, a station is slowed down: that is another test's matter.
LEFT_OUT = {"Authorize"}
AT = "2026-11-22T09:00:00Z"
TEXTS = ("x", "ASTRID01", "12.5", "Å")
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**31, 2**63, 2**64, -(2**63), 1e308, 0.1, "", " ", "\u0000"),
    *("\ud800", "a" * 3000, "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "NaN", "٣", "'--"),
    *([], {}, [[]], [{}], {"": ""}, ["x"] * 50, {"a": {"b": {"c": {}}}}, "../../etc", "=cmd()"),
)
ODD_TEXTS = (
    *("NaN", "Infinity", "-0", "1e999", "9" * 500, '"\\ud800"', '"\\u0000"', "[" * 40, "]" * 40),
    *(
        "{",
        "}",
        ",",
        ":",
        '"',
        "\\",
        "\x00",
        "\x1b",
        "\u202e",
        "nul",
        "00",
        '{"a":1,"a":2}',
        "\ufeff",
    ),
)


def frames(version: str, seed: int, count: int) -> Iterator[str]:
    """Yield so many mutated frames of a version."""
    chance = random.Random(f"{version}/{seed}")
    actions = sorted(set(routing.ROUTES[version]) - LEFT_OUT)
    for number in range(count):
        action = chance.choice(actions)
        schema = schemas.load_schema(version, action, is_answer=False)
        payload = _filled(schema, schema, chance)
        yield _mutated([2, f"m{number}", action, payload], chance)


def _filled(schema: Any, root: Any, chance: random.Random) -> Any:
    """Return a payload that follows its schema; what is optional is there more often than not."""
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return chance.choice(schema["enum"])
    kind = schema.get("type", "object")
    if kind == "object":
        needed = schema.get("required", ())
        return {
            name: _filled(inner, root, chance)
            for name, inner in schema.get("properties", {}).items()
            if name in needed or (name != "customData" and chance.random() < 0.7)
        }
    if kind == "array":
        return [_filled(schema["items"], root, chance) for _ in range(chance.randint(1, 2))]
    if kind == "string":
        return AT if schema.get("format") == "date-time" else chance.choice(TEXTS)
    return {"integer": chance.randint(0, 3), "number": 1.5, "boolean": True}[kind]


def _mutated(frame: list[Any], chance: random.Random) -> str:
    for _ in range(chance.randint(0, 3)):
        frame[3] = _bent(frame[3], chance)
    if chance.random() < 0.15:
        frame[chance.randrange(4)] = chance.choice(ODD_VALUES)
    if chance.random() < 0.05:
        frame = frame[: chance.randrange(5)] + [chance.choice(ODD_VALUES)] * chance.randrange(3)
    text = json.dumps(frame, ensure_ascii=chance.random() < 0.7)
    if chance.random() < 0.4:
        text = _torn(text, chance)
    # what cannot be said in UTF-8 cannot be sent
    return text.encode("utf-8", "replace").decode()


def _bent(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.08:
        return chance.choice(ODD_VALUES)
    if isinstance(value, dict):
        bent = {
            (name if chance.random() > 0.03 else name.upper()): _bent(inner, chance)
            for name, inner in value.items()
            if chance.random() > 0.05
        }
        if chance.random() < 0.1:
            bent[chance.choice(("extra", "transactionId", "timestamp", "status"))] = chance.choice(
                ODD_VALUES
            )
        return bent
    if isinstance(value, list):
        return [_bent(inner, chance) for inner in value] * chance.choice((1, 1, 1, 2, 0))
    return value


def _torn(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    kind = chance.randrange(4)
    if kind == 0:
        return text[:at]
    if kind == 1:
        return text[:at] + chance.choice(ODD_TEXTS) + text[at:]
    if kind == 2:
        end = min(len(text), at + chance.randrange(1, 12))
        return text[:at] + text[end:]
    return text[:at] + chr(chance.randrange(32, 127)) + text[at + 1 :]
