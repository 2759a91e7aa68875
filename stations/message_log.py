"""The log of what went over the wire: how it is searched, and what of it may be read."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.models import Role

T = TypeVar("T")
MASK: Final = "***"
# A driver calls with the number of a card in hand; nobody else needs it whole.
TOKEN_ROLES: Final = frozenset({Role.OPERATOR, Role.SUPPORT})
TOKEN_KEYS: Final = frozenset(
    {"idTag", "parentIdTag", "idToken", "groupIdToken", "token", "emaid", "additionalIdToken"}
)
# Never readable, whoever looks: keys of either version that carry a secret.
SECRET_KEYS: Final = frozenset(
    {"basicAuthPassword", "BasicAuthPassword", "AuthorizationKey", "password", "apnPassword"}
    | {"simPin", "pinCode", "preSharedKey"}
)
SECRET_VARIABLES: Final = frozenset({"AuthorizationKey", "BasicAuthPassword"})
_CREDENTIALS: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^/@\s\"]+@")
# One-time addresses: who reads one may fetch or fill the file.
_LINKS: Final = re.compile(r"(/[fu]/)[A-Za-z0-9_-]{20,}")


def shows_tokens(user: Person, *, operator_id: int) -> bool:
    """Say whether a person may read whole tokens of an operator's drivers."""
    return any(
        membership.operator_id == operator_id and membership.role in TOKEN_ROLES
        for membership in access.memberships_of(user)
    )


def masked(value: T, *, shows_tokens: bool) -> T:
    """Return a payload with secrets unreadable, and tokens too where they are not shown."""
    shown: T = _Masking(shows_tokens).walk(value)
    return shown


def masked_text(text: str, *, shows_tokens: bool) -> str:
    """Return a frame's text, masked; what is no JSON is only freed of its credentials."""
    try:
        read = json.loads(text)
    except ValueError:
        return _hide_addresses(text)
    return json.dumps(masked(read, shows_tokens=shows_tokens), ensure_ascii=False)


def _hide_addresses(text: str) -> str:
    return _LINKS.sub(rf"\1{MASK}", _CREDENTIALS.sub(rf"\1{MASK}@", text))


def _ending(token: str) -> str:
    return f"…{token[-4:]}" if len(token) > 6 else MASK


class _Masking:
    """One walk over one payload."""

    def __init__(self, shows_tokens: bool) -> None:  # noqa: FBT001  private to this file
        self.shows_tokens = shows_tokens

    def walk(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self._object(value)
        if isinstance(value, list):
            return [self.walk(inner) for inner in value]
        return _hide_addresses(value) if isinstance(value, str) else value

    def _object(self, value: Mapping[str, Any]) -> dict[str, Any]:
        secrets = _secrets_in(value)
        is_key_code = value.get("type") == "KeyCode"
        shown: dict[str, Any] = {}
        for name, inner in value.items():
            if name in secrets and not isinstance(inner, dict | list):
                shown[name] = MASK
            elif name in TOKEN_KEYS and isinstance(inner, str):
                shown[name] = self._token(inner, is_key_code=is_key_code)
            else:
                shown[name] = self.walk(inner)
        return shown

    def _token(self, token: str, *, is_key_code: bool) -> str:
        if is_key_code:
            return MASK
        return token if self.shows_tokens else _ending(token)


def _secrets_in(value: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields of an object nobody may read, in either version's way of saying them."""
    variable = value.get("variable")
    name = variable.get("name") if isinstance(variable, Mapping) else value.get("key")
    if str(name) in SECRET_VARIABLES:
        return SECRET_KEYS | {"value", "attributeValue"}
    # the key of a VPN (SetNetworkProfile); elsewhere a key is a variable's name
    return SECRET_KEYS | {"key"} if "server" in value else SECRET_KEYS
