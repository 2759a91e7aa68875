"""The one verb of the message path: many stations' facts, one transaction."""

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation

from stations.sessions.arrivals import Arrival, Batch, Recorded
from stations.sessions.changes import Changes
from stations.sessions.decide import decide
from stations.sessions.known import read_known
from stations.sessions.places import Places
from stations.sessions.talk import Talk
from stations.sessions.write import write_changes

# Frames of a station that are looked up first once one of them was a repetition.
UNSURE = 8


async def record_batch(
    connection: AsyncConnection[Any], arrivals: Sequence[Arrival], *, places: Places
) -> Batch:
    """Store the frames of many stations in one transaction and return what became of each.

    Answers may leave when this returns. Whatever it raises, nothing was written: the caller
    halves the batch, or closes the sockets where the store is away. Can run twice: what was
    stored is a duplicate then.
    """
    with places.at_work({arrival.station.id for arrival in arrivals}):
        try:
            return await _record(connection, arrivals, places, is_careful=False)
        except UniqueViolation:
            # Most likely one of these was answered before; now each one is looked up first.
            for arrival in arrivals:
                arrival.station.unsure = UNSURE
                places.forget(arrival.station.id)
            return await _record(connection, arrivals, places, is_careful=True)


async def _record(
    connection: AsyncConnection[Any],
    arrivals: Sequence[Arrival],
    places: Places,
    *,
    is_careful: bool,
) -> Batch:
    recorded: dict[int, Recorded] = {}
    batch = Batch([])
    async with Talk(connection) as talk:
        for part in _rounds(arrivals):
            changes = Changes()
            known = await read_known(talk, part, places, is_careful=is_careful)
            for arrival in part:
                recorded[id(arrival)] = decide(arrival, known, changes)
            await write_changes(talk, changes, known)
            batch.news += changes.news()
    batch.recorded = [recorded[id(arrival)] for arrival in arrivals]
    for arrival in arrivals:
        if arrival.facts.key:
            arrival.station.unsure -= 1
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
