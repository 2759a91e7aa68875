"""The log of what went over the wire: what of it may be read, and by whom."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.models import Role
from stations import secrets
from stations.secrets import MASK

T = TypeVar("T")
# A driver calls with the number of a card in hand; nobody else needs it whole.
TOKEN_ROLES: Final = frozenset({Role.OPERATOR, Role.SUPPORT})
TOKEN_KEYS: Final = frozenset(
    {"idTag", "parentIdTag", "idToken", "groupIdToken", "token", "emaid", "additionalIdToken"}
)
SHOWN_OF_A_TOKEN: Final = 4


def shows_tokens(user: Person, *, operator_id: int) -> bool:
    """Say whether a person may read whole tokens of an operator's drivers."""
    return any(
        membership.operator_id == operator_id and membership.role in TOKEN_ROLES
        for membership in access.memberships_of(user)
    )


def masked(value: T, *, shows_tokens: bool) -> T:
    """Return a payload with secrets unreadable, and tokens too where they are not shown."""
    shown: T = secrets.hidden(value)
    return shown if shows_tokens else _without_tokens(shown)


def masked_text(text: str, *, shows_tokens: bool) -> str:
    """Return a frame's text, masked; one that is no JSON shows no more than it must."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return secrets.hidden_frame(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    return json.dumps(masked(read, shows_tokens=shows_tokens), ensure_ascii=False)


def _without_tokens(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_tokens(inner) for inner in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _ending(inner)
        if name in TOKEN_KEYS and isinstance(inner, str)
        else _without_tokens(inner)
        for name, inner in value.items()
    }


def _ending(token: str) -> str:
    """Return enough of a token to tell two apart, of a short one nothing."""
    is_long = len(token) > SHOWN_OF_A_TOKEN + 2
    return f"…{token[-SHOWN_OF_A_TOKEN:]}" if is_long else MASK
