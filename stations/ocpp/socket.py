"""The server's side of a socket: what ASGI has no words for, on the one server we run on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]
# Who reads nothing for so long, with 64 KiB waiting, is cut off.
SENT_WITHIN_S = 30.0
_TEXT = 0x81


class LinkClosed(ConnectionError):
    """The connection ended before the station answered."""


class Socket:
    """A connection's way out: at once while the line takes it, and a way to cut the line."""

    __slots__ = ("_protocol", "_send")

    def __init__(self, send: Send) -> None:
        self._send = send
        # Channels and uvicorn's middleware pass the protocol's own method on, untouched.
        protocol = getattr(send, "__self__", None)
        is_ours = isinstance(protocol, WebSocketsSansIOProtocol)
        self._protocol: Any = protocol if is_ours else None

    def write(self, frame: bytes) -> bool:
        """Send a text frame at once; False where that must wait, or go the ordinary way.

        ASGI would wrap it in a dictionary, decode it and encode it again.
        """
        protocol = self._protocol
        if protocol is None or not protocol.writable.is_set() or protocol.close_sent:
            return False
        conn = protocol.conn
        if protocol.disconnected or conn.state is not State.OPEN:
            return False
        if conn.extensions:
            conn.send_text(frame)
            protocol.transport.write(b"".join(conn.data_to_send()))
            return True
        size = len(frame)
        if size < 126:
            head = bytes((_TEXT, size))
        elif size < 65_536:
            head = bytes((_TEXT, 126)) + size.to_bytes(2)
        else:
            return False
        protocol.transport.write(head + frame)
        return True

    async def send(self, frame: bytes) -> None:
        """Send a text frame; raises LinkClosed where nobody is there any more, or nobody reads."""
        if self.write(frame):
            return
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                await self._send({"type": "websocket.send", "text": frame.decode()})
        except TimeoutError as error:
            logger.warning("cut off, for it reads nothing")
            self.cut()
            raise LinkClosed from error
        except (OSError, RuntimeError) as error:
            raise LinkClosed from error

    async def close(self, code: int) -> None:
        """Say goodbye, or cut the line where nobody reads."""
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                await self._send({"type": "websocket.close", "code": code})
        except TimeoutError:
            self.cut()
        except (OSError, RuntimeError):
            logger.debug("gone before it was closed")

    def cut(self) -> None:
        """End the connection without a word: the other side does not read."""
        if self._protocol is not None:
            self._protocol.transport.abort()
