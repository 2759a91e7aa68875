"""The gateway's own connections to the store, and whether it is there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from django.conf import settings
from psycopg.errors import PipelineAborted

logger = logging.getLogger(__name__)

LIMITS = (
    " -c statement_timeout=5000 -c lock_timeout=500"
    " -c idle_in_transaction_session_timeout=30000 -c application_name=chargenet-gateway"
)
# Every statement of the message path goes from a small set to rows by index. A plan made while a
# table was empty would scan it for ever after, and planning anew for each batch costs more.
PLANS = (
    " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off"
    " -c enable_mergejoin=off -c enable_bitmapscan=off -c jit=off"
)
ASK_EVERY_S = 0.5
# Longer than any statement may take: a store that hangs is noticed as one that went away.
ANSWER_WITHIN_S = 8.0
# What says that the store is away or full, not that a frame is bad: connection, resources,
# operator intervention, I/O, read-only.
AWAY_CLASSES = ("08", "53", "57P", "58", "25006")

Connection = psycopg.AsyncConnection[Any]


class StoreAway(ConnectionError):
    """The store cannot be reached: nothing may be answered, stations must queue."""


def is_away(error: BaseException) -> bool:
    """Say whether an error means that the store is away rather than that data is bad."""
    if isinstance(error, TimeoutError | OSError | psycopg.InterfaceError):
        return True
    if not isinstance(error, psycopg.Error) or isinstance(error, PipelineAborted):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError)
    return state.startswith(AWAY_CLASSES)


async def connect(*, is_listening: bool = False) -> Connection:
    """Return a new connection in the role and with the limits of the message path."""
    database: dict[str, Any] = settings.DATABASES["default"]
    options: dict[str, Any] = dict(database["OPTIONS"])
    options["options"] = str(options.get("options", "")) + ("" if is_listening else LIMITS + PLANS)
    given = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
    }
    return await psycopg.AsyncConnection.connect(
        **{name: value for name, value in given.items() if value},
        **options,
        autocommit=True,
        connect_timeout=5,
    )


class Store:
    """Named connections, opened when first used; one failing for want of a store ends them all."""

    def __init__(self, on_away: Callable[[], None]) -> None:
        self._connections: dict[str, Connection] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        # How long each loan under way may still last.
        self._loans: set[asyncio.Timeout] = set()
        self._on_away = on_away
        self._healing: asyncio.Task[None] | None = None
        self.is_there = True

    @asynccontextmanager
    async def use(self, name: str) -> AsyncIterator[Connection]:
        """Lend a connection to one task at a time; raises StoreAway."""
        if not self.is_there:
            raise StoreAway
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            if not self.is_there:
                raise StoreAway
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S) as loan:
                    self._loans.add(loan)
                    try:
                        yield await self._open(name)
                    finally:
                        self._loans.discard(loan)
            except (TimeoutError, OSError, psycopg.Error) as error:
                if not is_away(error):
                    raise
                self.lose(error)
                raise StoreAway from error

    async def _open(self, name: str) -> Connection:
        connection = self._connections.get(name)
        if connection is None or connection.closed:
            connection = self._connections[name] = await connect()
        return connection

    def lose(self, error: BaseException) -> None:
        """Take note that the store is away, tell everybody, and ask until it is back."""
        if not self.is_there:
            return
        logger.error("store away error=%s", error)
        self.is_there = False
        for loan in self._loans:
            # its connection is closed next, and whoever waits for it would wait in vain
            if not loan.expired():
                loan.reschedule(asyncio.get_running_loop().time())
        self._on_away()
        self._healing = asyncio.create_task(self._heal())

    async def _heal(self) -> None:
        for lock in list(self._locks.values()):
            # a borrower still listens on its connection: the next one could get the same number
            async with lock:
                pass
        await self.close()
        while not self.is_there:
            await asyncio.sleep(ASK_EVERY_S)
            self.is_there = await _answers()
        logger.warning("store back")

    async def close(self) -> None:
        """Close every connection."""
        connections, self._connections = list(self._connections.values()), {}
        for connection in connections:
            await connection.close()


async def _answers() -> bool:
    """Say whether the store takes writes."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S), await connect() as connection:
            rows = await connection.execute("SELECT current_setting('transaction_read_only')")
            row = await rows.fetchone()
    except (TimeoutError, OSError, psycopg.Error) as error:
        logger.info("store still away error=%s", error)
        return False
    return row == ("off",)
