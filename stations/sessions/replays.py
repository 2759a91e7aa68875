"""What a replay asks and writes beside its frames: all of it may be there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.types.json import Json

Connection = AsyncConnection[Any]
# Where a replayed connection says it comes from.
ADDRESS: Final = "replay"
LIFETIME: Final = timedelta(minutes=5)

FIND_FRAME = """
SELECT answer, error FROM stations_ocppframe
WHERE station_id = %s AND received_at = %s AND is_inbound AND message_id = %s LIMIT 1
"""
FIND_MOVE = """
SELECT 1 FROM stations_observation
WHERE station_id = %s AND kind = %s AND occurred_at = %s LIMIT 1
"""
FIND_EPOCH = "SELECT epoch FROM stations_station WHERE id = %s"
FIND_HOLDER = """
SELECT o.detail ->> 'address' FROM stations_station s
JOIN stations_observation o ON o.station_id = s.id AND o.kind = 'connected'
    AND o.source_id = s.epoch::text
WHERE s.id = %s AND s.is_online ORDER BY o.id DESC LIMIT 1
"""
FIND_SENT = """
SELECT id, action, finished_at IS NOT NULL FROM stations_command
WHERE station_id = %s AND message_id = %s AND sent_at = %s LIMIT 1
"""
ADD_SENT = """
INSERT INTO stations_command (operator_id, station_id, action, payload, state, created_at,
    expires_at, claimed_epoch, message_id, sent_at, error, origin)
SELECT operator_id, id, %s, %s, 'sent', %s, %s, epoch, %s, %s, '', ''
FROM stations_station WHERE id = %s
RETURNING id
"""
FIND_SESSION = """
SELECT id FROM stations_session WHERE station_id = %s AND ocpp_transaction_id = %s
"""
LEAVE_OPEN = """
UPDATE stations_command SET state = 'unknown', finished_at = %s,
    error = 'The recording ends before the answer.'
WHERE id = ANY(%s::bigint[]) AND state = 'sent'
"""


@dataclass(frozen=True, slots=True)
class SentCall:
    """A call of the recording as a command of ours."""

    id: int
    action: str
    is_over: bool
    is_new: bool


async def find_frame(
    connection: Connection, *, station_id: int, received_at: datetime, message_id: str
) -> tuple[bytes, str] | None:
    """Return the answer of a frame that is in the log already, and its error."""
    rows = await connection.execute(FIND_FRAME, (station_id, received_at, message_id))
    row = await rows.fetchone()
    return (bytes(row[0] or b""), row[1]) if row else None


async def is_there(
    connection: Connection, *, station_id: int, kind: str, occurred_at: datetime
) -> bool:
    """Say whether a connection's begin or end was written already."""
    rows = await connection.execute(FIND_MOVE, (station_id, kind, occurred_at))
    return await rows.fetchone() is not None


async def find_epoch(connection: Connection, *, station_id: int) -> int:
    """Return the epoch under which a station's frames are written now."""
    rows = await connection.execute(FIND_EPOCH, (station_id,))
    row = await rows.fetchone()
    assert row is not None, "a replayed station is registered"
    return int(row[0])


async def find_holder(connection: Connection, *, station_id: int) -> str:
    """Return from where a station is connected now; empty where it is not, or by a replay."""
    rows = await connection.execute(FIND_HOLDER, (station_id,))
    row = await rows.fetchone()
    return "" if row is None or row[0] == ADDRESS else str(row[0])


async def add_sent(
    connection: Connection,
    *,
    station_id: int,
    action: str,
    payload: Mapping[str, Any],
    message_id: str,
    sent_at: datetime,
) -> SentCall:
    """Write a call of the recording as a command that was sent, unless it is there."""
    rows = await connection.execute(FIND_SENT, (station_id, message_id, sent_at))
    row = await rows.fetchone()
    if row is not None:
        return SentCall(row[0], row[1], is_over=row[2], is_new=False)
    values = (action[:40], Json(dict(payload)), sent_at, sent_at + LIFETIME, message_id, sent_at)
    rows = await connection.execute(ADD_SENT, (*values, station_id))
    made = await rows.fetchone()
    assert made is not None, "a replayed station is registered"
    return SentCall(made[0], action[:40], is_over=False, is_new=True)


async def find_session(connection: Connection, *, station_id: int, transaction: str) -> int | None:
    """Return our number of a session."""
    rows = await connection.execute(FIND_SESSION, (station_id, transaction))
    row = await rows.fetchone()
    return row[0] if row else None


async def leave_open(connection: Connection, *, command_ids: list[int], as_of: datetime) -> None:
    """End commands the recording has no answer for."""
    await connection.execute(LEAVE_OPEN, (as_of, command_ids))
