"""One transaction as a conversation: what is asked leaves together and is answered together.

The driver's own pipeline waits on the socket for every statement; a batch has fifteen, and the
waits cost more than the statements. Here a batch waits twice: for what it reads, and for its end.
"""

import asyncio
import itertools
import re
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection, pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result

from stations.sessions.packed import Column

Connection = AsyncConnection[Any]
Row = tuple[Any, ...]

_ALONE = ("BEGIN", "COMMIT", b"ROLLBACK")
_WITHIN = ("SAVEPOINT talk", "RELEASE SAVEPOINT talk", b"ROLLBACK TO SAVEPOINT talk")
_FINE = {pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK}
_TEXT, _BINARY = pq.Format.TEXT, pq.Format.BINARY
# The statements each connection has prepared; they live as long as it does.
_prepared: WeakKeyDictionary[Connection, dict[str, bytes]] = WeakKeyDictionary()
_numbers = itertools.count()


class Asked:
    """A statement under way, and what came of it."""

    __slots__ = ("result",)

    def __init__(self) -> None:
        self.result: pq.abc.PGresult | None = None


class Talk:
    """A transaction on one connection, from BEGIN to COMMIT, or to ROLLBACK where it fails.

    Within a transaction of the caller's it is a savepoint, so that a rehearsal writes nothing.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._names = _prepared.setdefault(connection, {})
        self._new: list[str] = []
        self._waiting: deque[Asked] = deque()
        self._syncs = 0
        is_within = self._pg.transaction_status != pq.TransactionStatus.IDLE
        self._begin, self._commit, self._rollback = _WITHIN if is_within else _ALONE

    async def __aenter__(self) -> Self:
        self._pg.enter_pipeline_mode()
        self.ask(self._begin)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, Exception):
            return  # cancelled: whoever did that closes the connection
        if error is None:
            try:
                self.ask(self._commit)
                await self._end()
            except psycopg.Error:
                await self._undo()
                raise
            self._leave()
        else:
            await self._undo()

    def ask(self, statement: str, values: Sequence[Column] = ()) -> Asked:
        """Let a statement leave; parameters are array literals, or arrays in binary."""
        name = self._names.get(statement)
        if name is None:
            # never a name twice: a transaction undone leaves its statements prepared
            name = b"talk%d" % next(_numbers)
            self._names[statement] = name
            self._new.append(statement)
            self._pg.send_prepare(name, numbered(statement).encode())
            self._waiting.append(Asked())
        self._pg.send_query_prepared(
            name,
            [value if isinstance(value, bytes) else value.encode() for value in values],
            [_BINARY if isinstance(value, bytes) else _TEXT for value in values],
        )
        asked = Asked()
        self._waiting.append(asked)
        return asked

    async def hear(self) -> None:
        """Wait until everything asked so far is answered; raises what the first failure was."""
        self._pg.send_flush_request()
        await self._take()

    def rows(self, asked: Asked | None) -> list[Row]:
        """Return the rows of an answered statement; none for one that was not asked."""
        if asked is None:
            return []
        result = asked.result
        assert result is not None, "hear before you read"
        reader = Transformer(self._connection)
        reader.set_pgresult(result)
        return reader.load_rows(0, result.ntuples, tuple)

    # --- the wire --------------------------------------------------------------------------

    async def _end(self) -> None:
        self._sync()
        await self._take()
        await self._skip_syncs()

    def _sync(self) -> None:
        self._pg.pipeline_sync()
        self._syncs += 1

    async def _take(self) -> None:
        failure: Exception | None = None
        while self._waiting:
            asked = self._waiting[0]
            asked.result = await self._result()
            self._waiting.popleft()
            if asked.result.status not in _FINE:
                failure = error_from_result(asked.result, encoding="utf-8")
                break
        if failure is not None:
            raise failure
        self._new.clear()

    async def _result(self) -> pq.abc.PGresult:
        """Return the next result; between the results of two statements there is an empty one."""
        for _ in range(2):
            while self._pg.is_busy():
                await self._ready()
            result = self._pg.get_result()
            if result is not None:
                return result
        raise psycopg.OperationalError("the connection gave no result")

    async def _ready(self) -> None:
        """Send what is left to send, and wait until there is something to read."""
        loop, descriptor = asyncio.get_running_loop(), self._pg.socket
        ready: asyncio.Future[None] = loop.create_future()
        is_unsent = self._pg.flush()
        loop.add_reader(descriptor, _wake, ready)
        if is_unsent:
            loop.add_writer(descriptor, _wake, ready)
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
            if is_unsent:
                loop.remove_writer(descriptor)
        self._pg.consume_input()

    async def _undo(self) -> None:
        """Undo the transaction and hear everything that is still to come."""
        if self._pg.status != pq.ConnStatus.OK:
            return
        for statement in self._new:
            self._names.pop(statement, None)
        self._new.clear()
        self._waiting.clear()
        if not self._syncs:
            self._sync()
        self._pg.send_query_params(self._rollback, [])
        self._sync()
        await self._skip_syncs()
        self._leave()

    async def _skip_syncs(self) -> None:
        while self._syncs:
            if (await self._result()).status == pq.ExecStatus.PIPELINE_SYNC:
                self._syncs -= 1

    def _leave(self) -> None:
        self._pg.exit_pipeline_mode()


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def numbered(statement: str) -> str:
    """Return a statement with $1, $2, … for its placeholders."""
    numbers = iter(range(1, statement.count("%s") + 1))
    return re.sub("%s", lambda _: f"${next(numbers)}", statement)
