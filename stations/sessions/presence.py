"""Who is connected: epochs are taken and given up, many stations in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from chargenet.core.events import Event, News
from stations.sessions.arrays import instants, integers, texts

# How long a station may be gone before somebody asks; short cuts of the line are daily bread.
GONE_GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Coming:
    """A station whose new connection has proved who it is."""

    station_id: int
    version: str
    address: str
    occurred_at: datetime
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Going:
    """A connection that ended; it says something about the station only while it is the newest."""

    station_id: int
    epoch: int
    code: int
    occurred_at: datetime


COME = """
WITH taken AS (
    UPDATE stations_station s SET epoch = s.epoch + 1, is_online = true, connected_at = v.at,
        last_seen_at = v.at, ocpp_version = v.version,
        check_after = v.at + make_interval(secs => 2 * s.heartbeat_interval_s + 30)
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
        AS v(id, version, address, certificate, at)
    WHERE s.id = v.id
    RETURNING s.id, s.operator_id, s.epoch, v.at, v.address, v.certificate
), noted AS (
    INSERT INTO stations_observation
        (operator_id, station_id, kind, source_id, detail, occurred_at, received_at)
    SELECT operator_id, id, 'connected', epoch::text, jsonb_strip_nulls(jsonb_build_object(
        'address', address, 'certificate', NULLIF(certificate, ''))), at, at
    FROM taken ON CONFLICT DO NOTHING
), requeued AS (
    UPDATE stations_command c SET state = 'queued', claimed_epoch = NULL FROM taken
    WHERE c.station_id = taken.id AND c.state = 'claimed' AND c.claimed_epoch < taken.epoch
), lost AS (
    UPDATE stations_command c SET state = 'unknown', finished_at = taken.at, sealed = NULL,
        error = 'The connection ended before the answer.'
    FROM taken
    WHERE c.station_id = taken.id AND c.state = 'sent' AND c.claimed_epoch < taken.epoch
)
SELECT id, epoch FROM taken
"""
GO = """
WITH gone AS (
    UPDATE stations_station s SET is_online = false, disconnected_at = v.at, check_after = v.ask
    FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[])
        AS v(id, epoch, code, at, ask)
    WHERE s.id = v.id AND s.epoch = v.epoch
    RETURNING s.id, s.operator_id, s.epoch, v.at, v.code
), noted AS (
    INSERT INTO stations_observation
        (operator_id, station_id, kind, source_id, detail, occurred_at, received_at)
    SELECT operator_id, id, 'disconnected', epoch::text, jsonb_build_object('code', code), at, at
    FROM gone ON CONFLICT DO NOTHING
)
SELECT id FROM gone
"""
LOST = """
UPDATE stations_station SET is_online = false, disconnected_at = %s
WHERE is_online AND id <> ALL(%s::bigint[])
    AND last_seen_at < %s - make_interval(secs => 3 * heartbeat_interval_s + 120)
RETURNING id
"""


async def record_presence(
    connection: AsyncConnection[Any], moves: Sequence[Coming | Going]
) -> tuple[list[int], list[News]]:
    """Take an epoch for each coming station, in order; a going one is offline if still newest.

    Returns the epoch of each move (0 for a going), and the news. A newer epoch fences every
    write of an older connection.
    """
    epochs = [0] * len(moves)
    news: list[News] = []
    async with connection.transaction():
        for part in _rounds(moves):
            comings = [(i, m) for i, m in part if isinstance(m, Coming)]
            taken = await _come(connection, [m for _, m in comings])
            for index, move in comings:
                epochs[index] = taken.get(move.station_id, 0)
            gone = await _go(connection, [m for _, m in part if isinstance(m, Going)])
            news += [(Event.STATION_CONNECTED, {"station_id": i}) for i in taken]
            news += [(Event.STATION_DISCONNECTED, {"station_id": i}) for i in gone]
    return epochs, news


async def sweep_lost(
    connection: AsyncConnection[Any], *, held: Sequence[int], as_of: datetime
) -> list[int]:
    """Put stations offline that nobody here holds and nobody heard of for three heartbeats.

    Their gateway ended without a goodbye. Returns them.
    """
    rows = await connection.execute(LOST, (as_of, integers(held), as_of))
    return [station_id for (station_id,) in await rows.fetchall()]


async def _come(connection: AsyncConnection[Any], comings: list[Coming]) -> dict[int, int]:
    if not comings:
        return {}
    rows = await connection.execute(
        COME,
        (
            integers([m.station_id for m in comings]),
            texts([m.version for m in comings]),
            texts([m.address for m in comings]),
            texts([m.certificate for m in comings]),
            instants([m.occurred_at for m in comings]),
        ),
    )
    return dict(await rows.fetchall())


async def _go(connection: AsyncConnection[Any], goings: list[Going]) -> list[int]:
    if not goings:
        return []
    rows = await connection.execute(
        GO,
        (
            integers([m.station_id for m in goings]),
            integers([m.epoch for m in goings]),
            integers([m.code for m in goings]),
            instants([m.occurred_at for m in goings]),
            instants([m.occurred_at + GONE_GRACE for m in goings]),
        ),
    )
    return [station_id for (station_id,) in await rows.fetchall()]


def _rounds(moves: Sequence[Coming | Going]) -> Iterable[list[tuple[int, Coming | Going]]]:
    """Yield parts with at most one move a station, each station's moves in their order."""
    waiting = list(enumerate(moves))
    while waiting:
        part: dict[int, tuple[int, Coming | Going]] = {}
        later = []
        for index, move in waiting:
            if move.station_id in part:
                later.append((index, move))
            else:
                part[move.station_id] = (index, move)
        yield list(part.values())
        waiting = later
