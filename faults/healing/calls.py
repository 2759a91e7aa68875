"""What a step is in words that a station understands."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from faults.engine.ladder import Step
from faults.models import Fault
from stations import commands
from stations.models import Connector, Session

# The gateway sends none of these while a session is open: see `stations.commands.MARK_SENT`.
ORIGIN: Final = commands.SPARING
Call = tuple[str, Mapping[str, Any]]


def call_of(step: Step, fault: Fault) -> Call | None:
    """Return our word for a step; None where there is nothing to be told."""
    return CALLS[step](fault)


def place_of(fault: Fault) -> dict[str, Any]:
    """Return where a fault is, in the numbers a station knows; nothing for the whole of it."""
    if fault.connector_id is None:
        return {}
    connector = Connector.objects.select_related("evse").get(pk=fault.connector_id)
    return {"evse": connector.evse.number, "connector": connector.number}


def _stop(fault: Fault) -> Call | None:
    assert fault.station_id is not None, "only a station's fault is healed"
    rows = Session.objects.filter(state=Session.State.OPEN, station_id=fault.station_id)
    if fault.connector_id is not None:
        rows = rows.filter(connector_id=fault.connector_id)
    session = rows.order_by("pk").first()
    if session is None:
        return None
    return commands.REMOTE_STOP, {"transaction": session.ocpp_transaction_id}


def _unlock(fault: Fault) -> Call | None:
    place = place_of(fault)
    return (commands.UNLOCK, place) if place else None


CALLS: Final[Mapping[Step, Callable[[Fault], Call | None]]] = {
    "ask_state": lambda fault: (
        commands.TRIGGER,
        {"message": "StatusNotification", **place_of(fault)},
    ),
    "unlock": _unlock,
    "clear_cache": lambda _: (commands.CLEAR_CACHE, {}),
    "soft_reset": lambda _: (commands.RESET, {"type": "soft"}),
    "hard_reset": lambda _: (commands.RESET, {"type": "hard"}),
    "stop_session": _stop,
    "lock_out": lambda fault: (
        commands.CHANGE_AVAILABILITY,
        {"operative": False, **place_of(fault)},
    ),
}
