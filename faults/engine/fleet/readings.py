"""Which samples of a trial station rules look at at once: the gateway's own choice."""

from collections.abc import Sequence
from datetime import datetime

from faults.engine.fleet.places import Spot
from faults.engine.fleet.talks import Talk
from stations.metering import remarkable
from stations.metering.facts import Reading

READING = remarkable.READING


def told(
    taken: Sequence[Reading], spot: Spot, talk: Talk | None, at: datetime
) -> tuple[datetime, dict[str, object]] | None:
    """Return when the reading to tell of was taken, and what it says; None for almost all."""
    is_open = talk is not None and talk.state.is_open
    found = remarkable.pick(
        spot.watch,
        taken,
        received_at=at,
        is_dc=spot.card.is_dc,
        ended_at=talk.state.ended_at if talk is not None else None,
        is_open=is_open,
    )
    if found is None:
        return None
    reading, words = found
    return reading.occurred_at, remarkable.detail_of(reading, words, in_session=is_open)
