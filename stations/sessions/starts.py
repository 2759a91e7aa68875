"""A start that came before: its answer was lost, and the station asks again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from stations.metering.facts import StartFact
from stations.metering.lifecycle import SessionState

# Stations ask a few times, within minutes; later it is another session.
RESENT_WITHIN: Final = timedelta(minutes=15)


def find_resent(
    open_here: Iterable[SessionState], fact: StartFact, received_at: datetime
) -> SessionState | None:
    """Return the session a 1.6 start began already, under another id and another time.

    The same token and register at the same place, soon after, and not one sample yet.
    """
    for session in open_here:
        is_same = (
            session.id_tag.lower() == fact.token.uid.lower()
            and session.meter_start_wh == fact.register_wh
            and session.last_meter_at is None
        )
        if is_same and received_at - session.received_at <= RESENT_WITHIN:
            return session
    return None
