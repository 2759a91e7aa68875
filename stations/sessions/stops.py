"""What the end of a session tells beside its end: it was cut off, or a button was hit."""

from stations.metering.facts import NoticeFact
from stations.metering.lifecycle import SessionState
from stations.sessions.arrivals import Arrival
from stations.sessions.changes import Changes, Noticed

EMERGENCY = "EmergencyStop"
SIGNAL_LOST = "EVCommunicationLost"
# A session that gave less never got going.
HARDLY_WH = 500
ABNORMAL_STOPS = {EMERGENCY, "GroundFault", "OvercurrentFault", "PowerQuality"}


def tell_end(
    arrival: Arrival, changes: Changes, session: SessionState, reason: str, trigger: str = ""
) -> None:
    """Add the end of a session to the news, and what its reason says of the place.

    `trigger` is what a 2.x station ended it for.
    """
    changes.ended.append(session)
    is_hardly = session.energy_wh is not None and session.energy_wh < HARDLY_WH
    if trigger == SIGNAL_LOST and is_hardly:
        _tell_signal_lost(arrival, changes, session)
    if reason in ABNORMAL_STOPS:
        notice = NoticeFact(
            kind="abnormal_stop",
            occurred_at=session.ended_at or arrival.received_at,
            source_id=session.transaction,
            detail={"reason": reason},
        )
        changes.notices.append(Noticed(arrival, notice, session.connector_id))
    if reason == EMERGENCY:
        _tell_emergency(arrival, changes, session)


def _tell_signal_lost(arrival: Arrival, changes: Changes, session: SessionState) -> None:
    """Say in the device model's words that vehicle and station lost each other, and it is over.

    Pulling the plug of a vehicle that was charged is told by the same word, and is no trouble.
    """
    text = f"The session ended with {SIGNAL_LOST} before it gave anything."
    trouble = {"component": "CPPWMController", "variable": "Problem", "tech_info": text}
    _tell_and_end(arrival, changes, session, ("signal", "lost"), trouble, session.connector_id)


def _tell_emergency(arrival: Arrival, changes: Changes, session: SessionState) -> None:
    """Say in the device model's words that the button was pressed, and that this is over.

    In 1.6 the stop is all we hear of it; who looks at the place says when it is safe again.
    """
    text = f"The session ended with {EMERGENCY}."
    pressed = {
        "component": "EmergencyStopSensor",
        "variable": "Active",
        "tech_code": "CX008",
        "tech_info": text,
    }
    _tell_and_end(arrival, changes, session, ("stop", "pressed"), pressed, None)


def _tell_and_end(
    arrival: Arrival,
    changes: Changes,
    session: SessionState,
    named: tuple[str, str],
    detail: dict[str, str],
    connector_id: int | None,
) -> None:
    """Tell of a trouble that is over by the time it is told; `named` makes its two ids."""
    source, begun = named
    for is_cleared in (False, True):
        notice = NoticeFact(
            kind="device_event",
            occurred_at=session.ended_at or arrival.received_at,
            source_id=f"{source}:{session.transaction}:{'over' if is_cleared else begun}"[-80:],
            detail={
                **detail,
                "value": str(not is_cleared).lower(),
                "trigger": "Alerting",
                "is_cleared": is_cleared,
            },
        )
        changes.notices.append(Noticed(arrival, notice, connector_id))
