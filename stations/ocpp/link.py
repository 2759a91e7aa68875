"""One station's connection: its frames in order, its answers after commit, our calls to it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from chargenet.core import clock
from stations.metering.facts import BootFact, StationView
from stations.ocpp import codes, framing, gate, ports, routing
from stations.ocpp.arriving import arrival_of
from stations.ocpp.batch import FrameWriter
from stations.ocpp.calling import Answered, OpenCall
from stations.ocpp.framing import Call, Complaint, Ignored, Refusal, Reply
from stations.ocpp.gate import Window
from stations.ocpp.odd import LastCall, OddFrames, odd_arrival
from stations.ocpp.socket import LinkClosed, Send, Socket
from stations.ocpp.store import StoreAway
from stations.sessions import Arrival, Recorded

logger = logging.getLogger(__name__)

CALL_TIMEOUT_S, A_MINUTE = 30.0, timedelta(minutes=1)
# A station whose row somebody holds is asked again, then put offline so that it queues.
LATER_S, LATER_TRIES = 0.05, 100
# Unknown tokens a station may ask for in a minute before it is slowed down.
GUESSES, GUESS_EVERY_S = 30, 1.0
SUPERSEDED, TRY_AGAIN, FINE = 1008, 1013, 1000


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
        self._socket = Socket(send)
        # The frame that is being stored, and whoever waits for its end.
        self._under_way: Arrival | None = None
        self._resting: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writer = writer
        self._note = note
        self._noted: dict[str, datetime] = {}
        self._odd = OddFrames()
        self._guesses = Window(GUESSES)
        self._is_strict = is_strict
        self._open_call = OpenCall()
        self._last = LastCall()

    async def receive(self, text: str) -> None:
        """Take one frame: store it, then answer it. What is answered is committed."""
        await self.take(text)
        await self.rest()

    async def rest(self) -> None:
        """Wait until the frame under way is answered."""
        while self._under_way is not None:
            if self._resting is None or self._resting.done():
                self._resting = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._resting)

    def begin(self, text: str) -> bool:
        """Begin with a frame at once where nothing about it takes waiting, nearly always."""
        if self._under_way is not None or self.close_code:
            return False
        call = framing.read_plain_call(text)
        if call is None or call.action == "BootNotification":
            return False
        at = self._now()
        understood = routing.understand(call, self.view, at, is_strict=self._is_strict)
        if isinstance(understood, Refusal):
            return False
        if not understood.facts.key and self._last.is_again(text):
            return False
        self._put(arrival_of(understood, self.view, at, text))
        return True

    async def take(self, text: str) -> None:
        """Begin with one frame, once the one before it is answered."""
        await self.rest()
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
                if frame.action == "BootNotification":
                    self.has_booted = True
                    if self.serial_number and gate.is_another(self.serial_number, frame):
                        self._note_once("serial_mismatch", received_at)
                        await self.close(SUPERSEDED)  # B01.FR.12
                        return
                self._put(arrival_of(understood, self.view, received_at, text))
                return
        if isinstance(frame, Reply) and self._open_call.settle(Answered(frame, text)):
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
            await self.rest()

    async def _store(self, arrival: Arrival) -> None:
        await self.rest()
        self._put(arrival)

    def _put(self, arrival: Arrival) -> None:
        self._under_way = arrival
        self._writer.put(arrival, self._take_result)

    def _take_result(self, recorded: Recorded | StoreAway) -> None:
        """Answer the frame under way at once where nothing is to be thought of, nearly always."""
        arrival = self._under_way
        assert arrival is not None, "a result without a frame"
        if self._is_plain(recorded, arrival) and self._socket.write(recorded.frame):
            self._last.keep(arrival, recorded.frame)
            self._end_frame()
            return
        task = asyncio.create_task(self._finish(arrival, recorded))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_plain(self, recorded: Recorded | StoreAway, arrival: Arrival) -> TypeGuard[Recorded]:
        if isinstance(recorded, StoreAway) or recorded.state in {"later", "superseded"}:
            return False
        if arrival.action in {"BootNotification", "Authorize"} or not recorded.frame:
            return False
        return arrival.action != "TransactionEvent" or not ports.desk.wants(self.view.id)

    def _end_frame(self) -> None:
        self._under_way = None
        if self._resting is not None and not self._resting.done():
            self._resting.set_result(None)

    async def _finish(self, arrival: Arrival, recorded: Recorded | StoreAway) -> None:
        """See to a frame whose answer takes thought, or that could not be stored yet."""
        try:
            for _ in range(LATER_TRIES):
                if isinstance(recorded, StoreAway):
                    await self.close(TRY_AGAIN)
                    return
                if recorded.state != "later":
                    await self._answer(arrival, recorded)
                    return
                await asyncio.sleep(LATER_S)
                recorded = await self._again(arrival)
            await self.close(TRY_AGAIN)
        except LinkClosed:
            logger.debug("gone before it was answered station=%s", self.view.id)
        finally:
            self._end_frame()

    async def _again(self, arrival: Arrival) -> Recorded | StoreAway:
        try:
            return await self._writer.submit(arrival)
        except StoreAway as away:
            return away

    async def _answer(self, arrival: Arrival, recorded: Recorded) -> None:
        if recorded.state == "superseded":
            await self.close(SUPERSEDED)
            return
        if arrival.action == "Authorize" and b'"Invalid"' in recorded.answer:
            await self._slow_guessing()
        for fact in arrival.facts.facts:
            if isinstance(fact, BootFact) and self.on_boot:
                self.on_boot(self.view, fact)
        frame = await ports.frame_of(self.view, arrival, recorded)
        if frame:
            await self.send(frame)
            self._last.keep(arrival, frame)

    def _note_once(self, kind: str, now: datetime) -> None:
        """Have something odd noted, once a minute: a flood of it must not flood the store."""
        if now - self._noted.get(kind, now - A_MINUTE) >= A_MINUTE:
            self._noted[kind] = now
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
        frame = framing.call_frame(message_id, action, payload)
        return await self._open_call.make(self._socket, message_id, frame, timeout_s)

    async def complain(self, message_id: str, why: str) -> None:
        """Tell a 2.1 station that its answer means nothing; older versions have no word for it."""
        if self.view.version == codes.RICHER:
            code = codes.CODES[self.view.version].format
            await self.send(framing.result_error_frame(message_id, code, why))

    async def send(self, frame: bytes) -> None:
        """Send one text frame; raises LinkClosed where nobody is there any more."""
        await self._socket.send(frame)

    async def close(self, code: int) -> None:
        """Close the connection; closing twice is closing once."""
        if self.close_code:
            return
        self.close_code = code
        await self._socket.close(code)

    def end(self) -> None:
        """Fail the open call: its answer cannot come any more."""
        self._open_call.fail()
