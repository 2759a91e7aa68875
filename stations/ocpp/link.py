"""One station's connection: its frames in order, its answers after commit, our calls to it."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from chargenet.core import clock
from stations import secrets
from stations.metering.facts import BootFact, StationView
from stations.ocpp import codes, framing, gate, ports, routing
from stations.ocpp.batch import FrameWriter
from stations.ocpp.framing import Call, Complaint, Ignored, Refusal, Reply
from stations.ocpp.gate import Window
from stations.ocpp.odd import LastCall, OddFrames, odd_arrival
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


@dataclass(frozen=True, slots=True)
class Answered:
    """The station's answer to a call of ours, read, and as it came."""

    reply: Reply
    text: str


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
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.view = view
        self.subprotocol = ""
        self.close_code = 0
        self.is_calling = False
        self.has_booted = False
        # What the certificate says that BootNotification must say too; empty where it need not.
        self.serial_number = ""
        self.must_renew = False
        self.since = time.monotonic()
        self.on_boot: Callable[[StationView, BootFact], None] | None = None
        self._now = now
        self._send = send
        self._writer = writer
        self._note = note
        self._noted: dict[str, int] = {}
        self._odd = OddFrames()
        self._guesses = Window(GUESSES)
        self._is_strict = is_strict
        self._open_call: tuple[str, asyncio.Future[Answered]] | None = None
        self._last = LastCall()

    async def receive(self, text: str) -> None:
        """Take one frame: store it, then answer it. What is answered is committed."""
        received_at = self._now()
        action = ""
        frame = framing.read_frame(text, self.view.version)
        if isinstance(frame, Call):
            understood = routing.understand(
                frame, self.view, received_at, is_strict=self._is_strict
            )
            if isinstance(understood, Refusal):
                action, is_send = frame.action, frame.is_send
                frame = Ignored("send_refused") if is_send else understood
            elif not understood.facts.key and self._last.is_again(text):
                await self._answer_again(frame, received_at, text)
                return
            else:
                self.has_booted |= frame.action == "BootNotification"
                if self.serial_number and gate.is_another(self.serial_number, frame):
                    self._note_once("serial_mismatch", received_at)
                    await self.close(SUPERSEDED)  # B01.FR.12
                    return
                await self._store(_arrival(understood, self.view, received_at, text))
                return
        if isinstance(frame, Reply) and self._settle_call(Answered(frame, text)):
            if frame.error == framing.BAD_ANSWER:
                await self.complain(frame.message_id, frame.description)
            return
        await self._take_odd(frame, action, received_at, text)

    async def _answer_again(self, call: Call, received_at: datetime, text: str) -> None:
        """Give a call that was sent twice at once the one answer; it has one effect."""
        again = odd_arrival(
            self.view,
            received_at,
            text,
            action=call.action,
            message_id=call.message_id,
            answer=self._last.answer,
        )
        await self._store(again)

    async def _take_odd(
        self,
        frame: Refusal | Reply | Complaint | Ignored,
        action: str,
        received_at: datetime,
        text: str,
    ) -> None:
        """Keep a frame that means nothing to us, and answer it where it deserves a CALLERROR.

        A flood of such frames must not flood the log: what is too much is counted and answered.
        """
        answer, code = b"", ""
        if isinstance(frame, Refusal):
            logger.warning("frame refused station=%s code=%s", self.view.id, frame.code)
            self._note_once("frame_refused", received_at)
            answer, code = framing.error_frame(frame), frame.code
        elif isinstance(frame, Complaint):
            logger.error("answer refused station=%s code=%s", self.view.id, frame.code)
            self._note_once("answer_refused", received_at)
            code = frame.code[:40]
        if not self._odd.has_room(received_at):
            if answer:
                await self.send(answer)
            return
        await self.keep_left_out()
        odd = odd_arrival(
            self.view,
            received_at,
            text,
            action=action,
            message_id="" if isinstance(frame, Ignored) else frame.message_id,
            code=code,
            answer=answer,
        )
        await self._store(odd)

    async def keep_left_out(self) -> None:
        """Keep how many odd frames were not kept, if any."""
        row = self._odd.take_left_out(self.view, self._now())
        if row is not None:
            await self._store(row)

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
        for fact in arrival.facts.facts:
            if isinstance(fact, BootFact) and self.on_boot:
                self.on_boot(self.view, fact)
        frame = recorded.frame
        if arrival.action == "TransactionEvent" and ports.desk.wants(self.view.id):
            frame = await self._priced(arrival, recorded)
        if frame:
            await self.send(frame)
            self._last.keep(arrival, frame)

    async def _priced(self, arrival: Arrival, recorded: Recorded) -> bytes:
        """Return the frame of an answer with what the session costs, where that is known."""
        event = ports.event_of(arrival.facts.facts)
        if event is None or recorded.state != "stored":
            return recorded.frame
        cost = await ports.desk.cost_of(self.view.id, event.transaction, arrival.received_at)
        return arrival.wrap(ports.with_cost(recorded.answer, cost))

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
            self._note_once("token_guessing", self._now())
            await asyncio.sleep(GUESS_EVERY_S)
        self._guesses.add("token")

    async def call(
        self, message_id: str, action: str, payload: Mapping[str, Any], timeout_s: float
    ) -> Answered:
        """Call the station and return its answer; one call is open at a time.

        Raises TimeoutError, or LinkClosed where the connection ended first.
        """
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._open_call = (message_id, future)
        try:
            frame = framing.call_frame(message_id, action, payload)
            await self.send(frame)
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            self._open_call = None

    def _settle_call(self, answered: Answered) -> bool:
        """Give the open call its answer; says whether anybody waits for it."""
        if self._open_call is None or self._open_call[0] != answered.reply.message_id:
            logger.info("answer without a call station=%s", self.view.id)
            return False
        future = self._open_call[1]
        if not future.done():
            future.set_result(answered)
        return True

    async def complain(self, message_id: str, why: str) -> None:
        """Tell a 2.1 station that its answer means nothing; older versions have no word for it."""
        if self.view.version == codes.RICHER:
            code = codes.CODES[self.view.version].format
            await self.send(framing.result_error_frame(message_id, code, why))

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


def _unanswered(_: bytes) -> bytes:
    return b""


def _arrival(
    understood: routing.Understood, view: StationView, received_at: datetime, text: str
) -> Arrival:
    call = understood.call
    return Arrival(
        station=view,
        received_at=received_at,
        action=call.action,
        raw=secrets.hidden_frame(text.encode("utf-8", "replace")),
        payload_hash=blake2b(
            call.canonical or framing.encode(call.payload), digest_size=16
        ).digest(),
        facts=understood.facts,
        render=understood.render,
        wrap=_unanswered if call.is_send else partial(framing.result_frame, call.message_id),
        message_id=call.message_id,
    )
