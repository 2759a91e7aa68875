"""One connection for a whole replay: what it writes is kept together, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from stations.metering.facts import StationView
from stations.ocpp.batch import FrameWriter
from stations.ocpp.link import StationLink
from stations.ocpp.store import Connection, Store, StoreAway
from stations.sessions import Arrival, Recorded


class OneConnection(Store):
    """A store that lends the replay's own connection to whoever asks."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(_nobody_is_connected)
        self._only = connection

    @asynccontextmanager
    async def use(self, _name: str) -> AsyncIterator[Connection]:
        """Lend the connection; nobody else writes at the same time."""
        yield self._only


def _nobody_is_connected() -> None:
    """Stand in for closing the sockets: a replay has none."""


class Witness(FrameWriter):
    """Writes frames as the gateway does, and remembers what became of the last one."""

    last: tuple[Arrival, Recorded] | None = None

    def put(self, arrival: Arrival, then: Callable[[Recorded | StoreAway], None]) -> None:
        """Store a frame at once, alone."""
        self._task = asyncio.create_task(self._store_now(arrival, then))

    async def _store_now(
        self, arrival: Arrival, then: Callable[[Recorded | StoreAway], None]
    ) -> None:
        try:
            (recorded,) = await self.answer_batch([arrival])
        except StoreAway as away:
            then(away)
            return
        self.last = (arrival, recorded)
        then(recorded)


class ReplayLink(StationLink):
    """A connection of the past: nobody is slowed down for what was asked too often then."""

    async def _slow_guessing(self) -> None:
        return


def view_of(row: tuple[Any, ...], version: str, epoch: int) -> StationView:
    """Return what a handler may know of a station, from the columns of STATION."""
    station_id, operator_id, identity, registration, interval_s, booted_at = row
    return StationView(
        id=station_id,
        operator_id=operator_id,
        identity=identity,
        version=version,
        epoch=epoch,
        registration="accepted" if registration == "new" else registration,
        heartbeat_interval_s=interval_s,
        booted_at=booted_at,
    )
