"""What is wrong with a command before it is queued, said so that a person can mend it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import jsonschema_rs

from stations.ocpp import calls, schemas
from stations.ocpp.calls import CallUnfit

MOST_REASONS: Final = 5
LONGEST_REASON: Final = 200


def complaints(version: str, action: str, payload: Mapping[str, Any]) -> list[str]:
    """Return why a station of a version could not be told this; nothing where it could."""
    try:
        calls.translate(version, 1, action, dict(payload))
    except CallUnfit as error:
        return list(_misfits(version, action, payload)) or [str(error)]
    return []


def known_actions(version: str) -> list[str]:
    """Return the names of the actions a station of a version can be asked."""
    return sorted(calls.CALLABLE[version])


def _misfits(version: str, action: str, payload: Mapping[str, Any]) -> Iterator[str]:
    validator = _validator(version, action) if action in calls.CALLABLE[version] else None
    if validator is None:
        return
    for number, error in enumerate(validator.iter_errors(dict(payload))):
        if number >= MOST_REASONS:
            return
        where = ".".join(str(part) for part in error.instance_path)
        text = f"{where}: {error.message}" if where else error.message
        yield text[:LONGEST_REASON]


@cache
def _validator(version: str, action: str) -> Any:
    schema = schemas.load_schema(version, action, is_answer=False)
    return None if schema is None else jsonschema_rs.validator_for(dict(schema))
