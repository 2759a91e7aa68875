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
    for is_cleared in (False, True):
        notice = NoticeFact(
            kind="device_event",
            occurred_at=session.ended_at or arrival.received_at,
            source_id=f"signal:{session.transaction}:{'over' if is_cleared else 'lost'}"[-80:],
            detail={
                "component": "CPPWMController",
                "variable": "Problem",
                "value": str(not is_cleared).lower(),
                "trigger": "Alerting",
                "tech_info": f"The session ended with {SIGNAL_LOST} before it gave anything.",
                "is_cleared": is_cleared,
            },
        )
        changes.notices.append(Noticed(arrival, notice, session.connector_id))


def _tell_emergency(arrival: Arrival, changes: Changes, session: SessionState) -> None:
    """Say in the device model's words that the button was pressed, and that this is over.

    In 1.6 the stop is all we hear of it; who looks at the place says when it is safe again.
    """
    for is_cleared in (False, True):
        notice = NoticeFact(
            kind="device_event",
            occurred_at=session.ended_at or arrival.received_at,
            source_id=f"stop:{session.transaction}:{'over' if is_cleared else 'pressed'}"[-80:],
            detail={
                "component": "EmergencyStopSensor",
                "variable": "Active",
                "value": str(not is_cleared).lower(),
                "trigger": "Alerting",
                "tech_code": "CX008",
                "tech_info": f"The session ended with {EMERGENCY}.",
                "is_cleared": is_cleared,
            },
        )
        changes.notices.append(Noticed(arrival, notice, None))
