"""Which setting: a 2.x component and variable, or a 1.6 key that stands alone."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

NAME, INSTANCE = 50, 50
MOST_PLACES: Final = 32_767
# Never read, stored or shown, whatever a station says of their mutability.
SECRETS: Final = frozenset(
    {"authorizationkey", "basicauthpassword", "password", "vpnpassword", "apnpassword", "simpin"}
)
SECRET_WORDS: Final = ("password", "secret", "passphrase", "privatekey")


@dataclass(frozen=True, slots=True)
class Address:
    """One attribute of one variable; EVSE and connector are 0 where none is named."""

    variable: str
    component: str = ""
    component_instance: str = ""
    evse: int = 0
    connector: int = 0
    variable_instance: str = ""
    attribute: str = "Actual"

    def as_json(self) -> dict[str, Any]:
        """Return the address as a row keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any] | object) -> Self:
        """Return the address of a row, or of what `as_json` gave."""
        blank = asdict(cls(""))
        if isinstance(kept, Mapping):
            return cls(**{name: kept.get(name, other) for name, other in blank.items()})
        return cls(**{name: getattr(kept, name, other) for name, other in blank.items()})

    def with_attribute(self, attribute: str) -> Self:
        """Return the same variable's other attribute."""
        return replace(self, attribute=attribute)

    def component_payload(self) -> dict[str, Any]:
        """Return the component as OCPP 2.x writes it."""
        payload: dict[str, Any] = {"name": self.component}
        if self.component_instance:
            payload["instance"] = self.component_instance
        if self.evse:
            payload["evse"] = {"id": self.evse}
            if self.connector:
                payload["evse"]["connectorId"] = self.connector
        return payload

    def variable_payload(self) -> dict[str, Any]:
        """Return the variable as OCPP 2.x writes it."""
        payload = {"name": self.variable}
        return payload | ({"instance": self.variable_instance} if self.variable_instance else {})


def address_in(told: Mapping[str, Any], attribute: object = None) -> Address:
    """Return the address in a part of an OCPP 2.x message; raises ValueError without one."""
    component, variable = told.get("component"), told.get("variable")
    if not isinstance(component, Mapping) or not isinstance(variable, Mapping):
        raise ValueError("no component or no variable")
    evse = component.get("evse")
    place = evse if isinstance(evse, Mapping) else {}
    found = Address(
        component=_text(component.get("name"), NAME),
        component_instance=_text(component.get("instance"), INSTANCE),
        evse=_number(place.get("id")),
        connector=_number(place.get("connectorId")),
        variable=_text(variable.get("name"), NAME),
        variable_instance=_text(variable.get("instance"), INSTANCE),
        attribute=_text(attribute, 6) or "Actual",
    )
    if not found.component or not found.variable:
        raise ValueError("a component or a variable without a name")
    return found


def is_secret(address: Address) -> bool:
    """Say whether a setting's value is never to be seen."""
    name = address.variable.lower().replace("_", "").replace("-", "")
    return name in SECRETS or any(word in name for word in SECRET_WORDS)


def shown_name(address: Address) -> str:
    """Return the setting's name as people of the trade write it."""
    if not address.component:
        return address.variable
    component = address.component
    if address.component_instance:
        component += f"[{address.component_instance}]"
    if address.evse:
        place = str(address.evse) + (f".{address.connector}" if address.connector else "")
        component += f"({place})"
    name = f"{component}.{address.variable}"
    if address.variable_instance:
        name += f"[{address.variable_instance}]"
    return name if address.attribute == "Actual" else f"{name}:{address.attribute}"


def _text(raw: object, longest: int) -> str:
    return str(raw).replace("\x00", "").strip()[:longest] if isinstance(raw, str | int) else ""


def _number(raw: object) -> int:
    is_whole = isinstance(raw, int) and not isinstance(raw, bool)
    return raw if isinstance(raw, int) and is_whole and 0 <= raw <= MOST_PLACES else 0


_WRITTEN = re.compile(
    r"(?:(?P<component>[^.\[\]()]+)(?:\[(?P<component_instance>[^\]]+)\])?"
    r"(?:\((?P<evse>\d{1,4})\))?\.)?(?P<variable>[^.\[\]()]+)"
    r"(?:\[(?P<variable_instance>[^\]]+)\])?"
)


def read_name(written: str, version: str) -> Address:
    """Return the setting a person wrote as `shown_name` writes it; raises ValueError.

    In OCPP 1.6 the whole of it is a key, whatever it looks like.
    """
    text = written.strip()
    if version == "1.6":
        if not 1 <= len(text) <= NAME or not text.isprintable():
            raise ValueError(text)
        return Address(text)
    found = _WRITTEN.fullmatch(text)
    if found is None or not found["component"]:
        raise ValueError(text)
    parts = {name: (value or "").strip() for name, value in found.groupdict().items()}
    evse = int(parts.pop("evse") or 0)
    if any(len(part) > NAME for part in parts.values()):
        raise ValueError(text)
    return Address(
        parts["variable"],
        component=parts["component"],
        component_instance=parts["component_instance"],
        evse=evse,
        variable_instance=parts["variable_instance"],
    )
