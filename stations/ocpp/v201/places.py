"""Where, in 2.x: an EVSE, and a connector that may be left unsaid."""

from collections.abc import Mapping
from typing import Any

from stations.metering.facts import Place
from stations.ocpp.words import child, integer


def place_of(payload: Mapping[str, Any]) -> Place | None:
    """Return the place of an `evse` field, or None where the frame names none."""
    evse = child(payload, "evse")
    number = integer(evse, "id")
    if number is None:
        return None
    return Place(max(number, 0), integer(evse, "connectorId") or None)
