"""The smallest payload a published schema lets pass."""

from typing import Any

from stations.ocpp import schemas

AT = "2026-11-22T09:00:00Z"
TEXTS = {"date-time": AT, "uri": "https://files.example/a"}


def smallest(version: str, action: str, *, is_answer: bool) -> dict[str, Any]:
    """Return the smallest payload of a message that follows its schema."""
    schema = schemas.load_schema(version, action, is_answer=is_answer)
    assert schema is not None, f"{action} has no schema in {version}"
    found = _fill(schema, schema)
    assert isinstance(found, dict)
    return found


def _fill(schema: Any, root: Any) -> Any:
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _fill(properties[name], root) for name in schema.get("required", ())}
    if kind == "array":
        return [_fill(schema["items"], root) for _ in range(schema.get("minItems", 1))]
    if kind == "string":
        return TEXTS.get(schema.get("format", ""), "x")
    return {"integer": 0, "number": 0, "boolean": True}[kind]
