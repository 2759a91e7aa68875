"""The server's protocol with a shorter way in: a frame goes straight to its link.

The ordinary way wraps each frame in a dictionary, queues it, wakes a task and stops reading for as
long. It stays for whatever is not one whole text frame, and for a frame that must wait its turn.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State
from websockets.speedups import apply_mask
from websockets.streams import StreamReader

logger = logging.getLogger(__name__)

# Begins with a text frame at once and says so; False where that must wait.
Taker = Callable[[str], bool]

# A whole masked text frame of up to 125 bytes, or with a length of two bytes.
_TEXT, _MASKED, _LONG = 0x81, 0x80, 0xFE
_BETWEEN = StreamReader.at_eof.__code__
# Frames begun with in a row: half a millisecond.
IN_A_ROW = 16


class Turns:
    """The lines that hold a frame, in the order it came.

    What a frame means takes longer than reading it. Were all begun with as they are read, the
    store's answer would wait for a hundred sockets that were ready with it, and the store with it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._soon = loop.call_soon
        self._lines: deque[Line] = deque()

    def add(self, line: "Line") -> None:
        """Let a line begin with its frame when it is its turn."""
        if not self._lines:
            self._soon(self._begin)
        self._lines.append(line)

    def _begin(self) -> None:
        for _ in range(min(IN_A_ROW, len(self._lines))):
            line = self._lines.popleft()
            try:
                line.begin_held()
            except Exception:
                # One connection's trouble with its frame must leave no other one waiting.
                logger.exception("cut off, for its frame broke the line")
                line.transport.abort()
        if self._lines:
            self._soon(self._begin)


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


class Line(WebSocketsSansIOProtocol):
    """One connection; a link that set itself as `taker` is handed its frames directly."""

    taker: Taker | None = None
    # Whether the application waits for the next message, so that a frame overtakes none.
    _is_awaited = False
    # Whether the parser of frames is between two of them, so that it may miss one.
    _is_between = False
    # A frame that waits for its turn; it is begun with before anything else happens on the line.
    _held: str | None = None
    _turns: Turns

    def connection_made(self, transport: Any) -> None:
        """Join the lines of this loop."""
        super().connection_made(transport)
        turns = _turns.get(self.loop)
        if turns is None:
            turns = _turns[self.loop] = Turns(self.loop)
        self._turns = turns

    def connection_lost(self, exc: Exception | None) -> None:
        """Begin with what was read before the end."""
        self.begin_held()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hold a single text frame until its turn; anything else is the parser's."""
        self.begin_held()
        if self._is_between and self._is_free():
            text = _only_text(data, self.config.ws_max_size)
            if text is not None:
                if self._is_awaited and self.queue.empty():
                    self._held = text
                    self._turns.add(self)
                else:
                    self._queue(text)
                return
        super().data_received(data)
        self._is_between = _is_between(self.conn)

    def begin_held(self) -> None:
        """Hand over the frame that waits, or queue it."""
        text, self._held = self._held, None
        if text is not None and not self._is_handed(text):
            self._queue(text)

    def send_receive_event_to_app(self) -> None:
        """Hand over a parsed text, or queue it."""
        if self.curr_msg_data_type == "text" and self._is_free():
            try:
                text = b"".join(self.frames).decode()
            except UnicodeDecodeError:
                super().send_receive_event_to_app()  # closes with 1007
                return
            if self._is_handed(text):
                self.frames = []
                return
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer a ping, except to one who does not read: pongs would pile up without end.

        A ping left unanswered is allowed for, as long as a later one is not (RFC 6455 5.5.3).
        """
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # taken, and thrown away

    async def receive(self) -> Any:
        """Return the next message of the ordinary way."""
        self._is_awaited = True
        try:
            return await super().receive()
        finally:
            self._is_awaited = False

    def _is_free(self) -> bool:
        return self.taker is not None and not self.close_sent

    def _is_handed(self, text: str) -> bool:
        return (
            self._is_awaited and self.taker is not None and self.queue.empty() and self.taker(text)
        )

    def _queue(self, text: str) -> None:
        self.queue.put_nowait({"type": "websocket.receive", "text": text})
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()


def line_of(way: Callable[..., Any]) -> Line | None:
    """Return the line whose method `send` or `receive` is, or None on any other server."""
    # Channels and uvicorn's middleware pass the protocol's own method on, untouched.
    line = getattr(way, "__self__", None)
    return line if isinstance(line, Line) else None


def _only_text(data: bytes, most: int) -> str | None:
    """Return the text of data that is one whole text frame, uncompressed and in order."""
    size = len(data)
    if size < 6 or data[0] != _TEXT or data[1] < _MASKED:
        return None
    if data[1] < _LONG:
        start, length = 6, data[1] - _MASKED
    elif data[1] == _LONG and size >= 8:
        start, length = 8, data[2] << 8 | data[3]
    else:
        return None
    if size != start + length or length > most:
        return None
    try:
        return apply_mask(data[start:], data[start - 4 : start]).decode()
    except UnicodeDecodeError:
        return None


def _is_between(conn: Any) -> bool:
    """Say whether the parser waits for the first byte of a frame that continues none."""
    if conn.state is not State.OPEN or conn.expect_continuation_frame:
        return False
    inner = conn.parser
    while getattr(inner, "gi_yieldfrom", None) is not None:
        inner = inner.gi_yieldfrom
    return getattr(inner, "gi_code", None) is _BETWEEN
