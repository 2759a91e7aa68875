"""One station's connection: its frames in order, its answers after commit, our calls to it."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from chargenet.core import clock
from stations.metering.facts import StationView
from stations.ocpp import framing, routing
from stations.ocpp.batch import FrameWriter
from stations.ocpp.framing import Call, Ignored, Refusal, Reply
from stations.ocpp.gate import Window
from stations.ocpp.store import StoreAway
from stations.sessions import Arrival, Recorded

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]
CALL_TIMEOUT_S = 30.0
# A station whose row somebody holds is asked again, then put offline so that it queues.
LATER_S, LATER_TRIES = 0.05, 100
# Unknown tokens a station may ask for in a minute before it is slowed down.
GUESSES, GUESS_EVERY_S = 30, 1.0
SUPERSEDED, TRY_AGAIN, FINE = 1008, 1013, 1000


class LinkClosed(ConnectionError):
    """The connection ended before the station answered."""


class StationLink:
    """The conversation with one station over one connection."""

    def __init__(
        self,
        view: StationView,
        send: Send,
        writer: FrameWriter,
        note: Callable[[str], None],
        *,
        is_strict: bool,
    ) -> None:
        self.view = view
        self.subprotocol = ""
        self.close_code = 0
        self.is_calling = False
        self.has_booted = False
        self._send = send
        self._writer = writer
        self._note = note
        self._noted: dict[str, int] = {}
        self._guesses = Window(GUESSES)
        self._is_strict = is_strict
        self._open_call: tuple[str, asyncio.Future[Reply]] | None = None

    async def receive(self, text: str) -> None:
        """Take one frame: store it, then answer it. What is answered is committed."""
        received_at = clock.now()
        frame = framing.read_frame(text, self.view.version)
        if isinstance(frame, Call):
            understood = routing.understand(
                frame, self.view, received_at, is_strict=self._is_strict
            )
            if isinstance(understood, Refusal):
                frame = understood
            else:
                self.has_booted |= frame.action == "BootNotification"
                await self._store(_arrival(understood, self.view, received_at, text))
                return
        if isinstance(frame, Reply):
            self._settle_call(frame)
        elif isinstance(frame, Refusal):
            logger.warning("frame refused station=%s code=%s", self.view.id, frame.code)
            self._note_once("frame_refused", received_at)
            await self.send(framing.error_frame(frame))
        elif isinstance(frame, Ignored):
            logger.warning("frame ignored station=%s reason=%s", self.view.id, frame.reason)

    async def _store(self, arrival: Arrival) -> None:
        for _ in range(LATER_TRIES):
            try:
                recorded = await self._writer.submit(arrival)
            except StoreAway:
                await self.close(TRY_AGAIN)
                return
            if recorded.state != "later":
                await self._answer(arrival, recorded)
                return
            await asyncio.sleep(LATER_S)
        await self.close(TRY_AGAIN)

    async def _answer(self, arrival: Arrival, recorded: Recorded) -> None:
        if recorded.state == "superseded":
            await self.close(SUPERSEDED)
            return
        if arrival.action == "Authorize" and b'"Invalid"' in recorded.answer:
            await self._slow_guessing()
        await self.send(arrival.wrap(recorded.answer))

    def _note_once(self, kind: str, now: datetime) -> None:
        """Have something odd noted, once a minute: a flood of it must not flood the store."""
        if self._noted.get(kind) != now.minute:
            self._noted[kind] = now.minute
            self._note(kind)

    async def _slow_guessing(self) -> None:
        """Let a station ask for unknown tokens once a second when it asked for many of them.

        A known token is never refused for it: it only waits its turn.
        """
        if self._guesses.is_full("token"):
            self._note_once("token_guessing", clock.now())
            await asyncio.sleep(GUESS_EVERY_S)
        self._guesses.add("token")

    async def call(
        self, message_id: str, action: str, payload: Mapping[str, Any], timeout_s: float
    ) -> Reply:
        """Call the station and return its answer; one call is open at a time.

        Raises TimeoutError, or LinkClosed where the connection ended first.
        """
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._open_call = (message_id, future)
        try:
            frame = framing.call_frame(message_id, action, payload)
            await self.send(frame)
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            self._open_call = None

    def _settle_call(self, reply: Reply) -> None:
        """Give the open call its answer; an answer nobody waits for is dropped."""
        if self._open_call is None or self._open_call[0] != reply.message_id:
            logger.info("answer without a call station=%s", self.view.id)
            return
        future = self._open_call[1]
        if not future.done():
            future.set_result(reply)

    async def send(self, frame: bytes) -> None:
        """Send one text frame; raises LinkClosed where nobody is there any more."""
        try:
            await self._send({"type": "websocket.send", "text": frame.decode()})
        except (OSError, RuntimeError) as error:
            raise LinkClosed from error

    async def close(self, code: int) -> None:
        """Close the connection; closing twice is closing once."""
        if self.close_code:
            return
        self.close_code = code
        try:
            await self._send({"type": "websocket.close", "code": code})
        except (OSError, RuntimeError):
            logger.debug("gone before it was closed station=%s", self.view.id)

    def end(self) -> None:
        """Fail the open call: its answer cannot come any more."""
        if self._open_call is not None and not self._open_call[1].done():
            self._open_call[1].set_exception(LinkClosed())


def new_message_id() -> str:
    """Return an id no call of ours ever had."""
    return str(uuid.uuid4())


def _arrival(
    understood: routing.Understood, view: StationView, received_at: datetime, text: str
) -> Arrival:
    call = understood.call
    return Arrival(
        station=view,
        received_at=received_at,
        action=call.action,
        raw=text.encode("utf-8", "replace"),
        payload_hash=blake2b(framing.encode(call.payload), digest_size=16).digest(),
        facts=understood.facts,
        render=understood.render,
        wrap=partial(framing.result_frame, call.message_id),
    )
