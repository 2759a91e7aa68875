"""The one verb of the message path: many stations' facts, one transaction."""

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import AsyncConnection

from stations.sessions.arrivals import Arrival, Batch, Recorded
from stations.sessions.changes import Changes
from stations.sessions.decide import decide
from stations.sessions.known import read_known
from stations.sessions.places import Places
from stations.sessions.write import write_changes


async def record_batch(
    connection: AsyncConnection[Any], arrivals: Sequence[Arrival], *, places: Places
) -> Batch:
    """Store the frames of many stations in one transaction and return what became of each.

    Answers may leave when this returns. Whatever it raises, nothing was written: the caller
    halves the batch, or closes the sockets where the store is away. Can run twice: what was
    stored is a duplicate then.
    """
    recorded: dict[int, Recorded] = {}
    batch = Batch([])
    async with connection.pipeline(), connection.transaction():
        for part in _rounds(arrivals):
            changes = Changes()
            known = await read_known(connection, part, places)
            for arrival in part:
                recorded[id(arrival)] = decide(arrival, known, changes)
            await write_changes(connection, changes, known.sessions.values())
            batch.news += changes.news()
    batch.recorded = [recorded[id(arrival)] for arrival in arrivals]
    return batch


def _rounds(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Yield parts with at most one frame a station, each station's frames in their order."""
    waiting = list(arrivals)
    while waiting:
        part: list[Arrival] = []
        later: list[Arrival] = []
        busy: set[int] = set()
        for arrival in waiting:
            (later if arrival.station.id in busy else part).append(arrival)
            busy.add(arrival.station.id)
        yield part
        waiting = later
