"""A whole replay: row by row into the store, or into a transaction that is taken back."""

from collections.abc import Callable, Iterable, Mapping

from psycopg import Rollback
from psycopg.sql import SQL, Identifier

from chargenet.core.events import News
from stations.ocpp.store import Connection, connect
from stations.recordings import RecordedRow
from stations.replay.places import Rows
from stations.replay.player import Told, replay_rows


async def replay_all(
    rows: Iterable[RecordedRow],
    *,
    stations: Mapping[str, int],
    made: Rows,
    is_rehearsal: bool,
    show: Callable[[Told], None],
    tell: Callable[[list[News]], None],
) -> None:
    """Play rows and show what became of each; a rehearsal leaves nothing behind.

    `made` are rows of stations a rehearsal needs and nobody registered. Raises ReplayRefused.
    """
    async with await connect() as connection:
        if not is_rehearsal:
            async for told in replay_rows(connection, rows, stations=stations, tell=tell):
                show(told)
            return
        async with connection.transaction():
            await _lend(connection, made)
            async for told in replay_rows(connection, rows, stations=stations, tell=tell):
                show(told)
            raise Rollback


async def _lend(connection: Connection, made: Rows) -> None:
    """Write rows that were only rehearsed elsewhere."""
    for table, row in made:
        name = Identifier(table)
        statement = SQL("INSERT INTO {} SELECT * FROM jsonb_populate_record(NULL::{}, %s)")
        await connection.execute(statement.format(name, name), (row,))
