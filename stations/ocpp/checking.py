"""What is wrong with a command before it is queued, said so that a person can mend it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import jsonschema_rs

from stations.ocpp import calls, routing, schemas
from stations.ocpp.calls import CallUnfit

MOST_REASONS: Final = 5
LONGEST_REASON: Final = 200


def complaints(version: str, action: str, payload: Mapping[str, Any]) -> list[str]:
    """Return why a station of a version could not be told this; nothing where it could."""
    if _is_for_us(version, action):
        return [f"{action} is said by stations, not to them."]
    try:
        calls.translate(version, 1, action, dict(payload))
    except CallUnfit as error:
        return list(_misfits(version, action, payload)) or [str(error)]
    return []


@cache
def known_actions(version: str) -> list[str]:
    """Return the names of the actions a station of a version can be asked."""
    known = schemas.actions(version)
    return sorted(name for name in known if not _is_for_us(version, name))


def _is_for_us(version: str, action: str) -> bool:
    """Say whether only stations say this; DataTransfer goes both ways."""
    return action in routing.ROUTES[version] and action != "DataTransfer"


def _misfits(version: str, action: str, payload: Mapping[str, Any]) -> Iterator[str]:
    validator = _validator(version, action)
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
