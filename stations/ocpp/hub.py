"""The gateway of one process: its store, its writer, its desk, and the connections it holds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from django.conf import settings

from chargenet.core import clock
from chargenet.core.events import Event
from stations import commands
from stations.metering.facts import StationView, registration_of
from stations.ocpp import gate
from stations.ocpp.admission import Admitted, Door
from stations.ocpp.batch import Batcher, FrameWriter
from stations.ocpp.desk import CommandDesk
from stations.ocpp.gate import Denial
from stations.ocpp.hop import Hop
from stations.ocpp.link import SUPERSEDED, TRY_AGAIN, StationLink
from stations.ocpp.news import NewsPump
from stations.ocpp.pace import Pace
from stations.ocpp.quirk_book import QuirkBook
from stations.ocpp.socket import Send
from stations.ocpp.store import Store, StoreAway
from stations.sessions import presence
from stations.sessions.doors import StationRow
from stations.sessions.presence import Coming, Going

logger = logging.getLogger(__name__)

# A station that reconnects without booting is asked how it is, after it found its feet.
ASK_AFTER_S = 5.0
SWEEP_EVERY_S = 30.0
AGAIN_AFTER_S = 1.0


class Gateway:
    """Everything one gateway process is."""

    def __init__(self) -> None:
        self.links: dict[int, StationLink] = {}
        self.pump = NewsPump()
        self.store = Store(self.close_all)
        self.writer = FrameWriter(self.store, self.pump.tell)
        self.desk = CommandDesk(
            self.store, self.links, self.pump.tell, settings.OCPP_CALL_TIMEOUT_S
        )
        self.door = Door(self.store, self._spawn)
        self.pace = Pace(self.writer.count)
        self.book = QuirkBook()
        self._presence: Batcher[Coming | Going, int] = Batcher(self._move)
        self._takeovers = gate.Window(gate.TAKEOVERS)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Begin to write, listen and poll."""
        self.pump.start()
        for work in (
            self.writer.run,
            self.pace.run,
            self.door.run,
            self._presence.run,
            self.desk.listen,
            self.desk.poll,
            self._sweep,
        ):
            self._spawn(_for_ever(work))

    async def stop(self) -> None:
        """End everything; connections were closed by the server before."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.close()

    def close_all(self) -> None:
        """Put every station offline, so that it queues instead of burning its attempts."""
        for link in list(self.links.values()):
            self._spawn(link.close(TRY_AGAIN))

    # --- connections -----------------------------------------------------------------------

    async def admit(self, scope: Mapping[str, Any], send: Send) -> StationLink | Denial:
        """Return the link of a station that proved itself, or why there is none."""
        if not await self.pace.turn():
            return gate.CROWDED
        try:
            admitted = await self.door.judge(scope)
            if isinstance(admitted, Denial):
                return admitted
            return await self._accept(admitted, scope, send)
        except StoreAway:
            return gate.STORE_AWAY

    async def _accept(
        self, admitted: Admitted, scope: Mapping[str, Any], send: Send
    ) -> StationLink | Denial:
        station, hop, proof = admitted.station, admitted.hop, admitted.proof
        chosen = gate.choose_version(station, scope["subprotocols"])
        if chosen is None:
            return gate.NO_VERSION
        old = self.links.get(station.id)
        if old is not None and not old.close_code:
            if self._takeovers.is_full(station.identity):
                await self.door.note(station.id, "identity_contested", hop)
                return gate.CONTESTED
            self._takeovers.add(station.identity)
        if old is not None or station.is_online:
            await self.door.note_takeover(admitted)
        subprotocol, version = chosen
        coming = Coming(station.id, version, hop.address, clock.now(), proof.certificate)
        link = StationLink(
            _view(station, version, await self._presence.submit(coming)),
            send,
            self.writer,
            lambda kind: self._spawn(self.door.note(station.id, kind, Hop(hop.address))),
            is_strict=station.strict_inbound,
        )
        link.subprotocol = subprotocol
        link.serial_number = proof.serial_number
        link.must_renew = proof.is_expired
        self.book.dress(link.view)
        link.on_boot = self.book.learn
        self._supersede(link)
        return link

    def welcome(self, link: StationLink) -> None:
        """See to the commands of a station whose connection stands, and ask it how it is."""
        self.desk.wake(link.view.id)
        if link.must_renew:
            action, payload = gate.renewal(link.view.version)
            self._spawn(self.desk.queue(link, action, payload))
        asyncio.get_running_loop().call_later(ASK_AFTER_S, self._ask, link)

    def _supersede(self, link: StationLink) -> None:
        """Let the newest connection be the one; an older one is closed, and fenced already."""
        old = self.links.get(link.view.id)
        if old is not None and old.view.epoch > link.view.epoch:
            link.close_code = SUPERSEDED
            return
        self.links[link.view.id] = link
        self.writer.places.forget(link.view.id)
        if old is not None:
            self._spawn(old.close(SUPERSEDED))

    async def leave(self, link: StationLink, code: int) -> None:
        """Note that a connection ended; a superseded one says nothing about its station."""
        link.end()
        if self.links.get(link.view.id) is not link:
            return
        del self.links[link.view.id]
        self.writer.places.forget(link.view.id)
        await link.keep_left_out()
        going = Going(link.view.id, link.view.epoch, link.close_code or code, clock.now())
        try:
            await self._presence.submit(going)
        except StoreAway:
            logger.info("not noted as gone station=%s", link.view.id)

    def _ask(self, link: StationLink) -> None:
        """Ask a station that came back without a word how it is (some never boot again)."""
        if link.close_code or link.has_booted or self.links.get(link.view.id) is not link:
            return
        message = "StatusNotification" if link.view.booted_at else "BootNotification"
        self._spawn(self.desk.queue(link, commands.TRIGGER, {"message": message}))

    async def _sweep(self) -> None:
        """End the presence of stations whose gateway died and that never came back."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                async with self.store.use("door") as connection:
                    lost = await presence.sweep_lost(
                        connection, held=list(self.links), as_of=clock.now()
                    )
                    await self.book.refresh(connection)
            except StoreAway:
                continue
            for link in list(self.links.values()):
                self.book.dress(link.view)
            self.pump.tell([(Event.STATION_DISCONNECTED, {"station_id": i}) for i in lost])

    # --- work of the batchers --------------------------------------------------------------

    async def _move(self, moves: list[Coming | Going]) -> list[int]:
        coming = [move.station_id for move in moves if isinstance(move, Coming)]
        async with self.store.use("door") as connection:
            if coming:
                await self.book.read_makes(connection, coming)
            epochs, news = await presence.record_presence(connection, moves)
        self.pump.tell(news)
        return epochs

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    """Do work that never ends; what ends it is logged, and it begins anew."""
    while True:
        try:
            await work()
        except Exception:
            logger.exception("begun anew work=%s", getattr(work, "__qualname__", work))
        await asyncio.sleep(AGAIN_AFTER_S)


def _view(station: StationRow, version: str, epoch: int) -> StationView:
    return StationView(
        id=station.id,
        operator_id=station.operator_id,
        identity=station.identity,
        version=version,
        epoch=epoch,
        registration=registration_of(station.registration, version),
        heartbeat_interval_s=station.heartbeat_interval_s,
        booted_at=station.booted_at,
    )
