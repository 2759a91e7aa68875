"""One WebSocket that speaks OCPP-J: one open CALL at a time, an answer for every CALL received."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

ANSWER_TIMEOUT_S = 30.0
PING_S = 60.0

Answerer = Callable[[str, dict[str, Any]], dict[str, Any]]


class Refused(Exception):
    """The other side answered a CALL with a CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code


class Unknown(Exception):
    """An action this station does not implement."""


class NoAnswer(Exception):
    """A CALL was not answered in time."""


async def open_socket(
    url: str, *, identity: str, password: str, subprotocol: str
) -> ClientConnection:
    """Connect and log in; raises OSError, TimeoutError or websockets' InvalidHandshake."""
    login = base64.b64encode(f"{identity}:{password}".encode()).decode()
    return await connect(
        f"{url.rstrip('/')}/{quote(identity, safe='')}",
        subprotocols=[Subprotocol(subprotocol)],
        additional_headers={"Authorization": f"Basic {login}"},
        user_agent_header=None,
        compression=None,
        proxy=None,
        open_timeout=10,
        close_timeout=2,
        ping_interval=PING_S,
        ping_timeout=PING_S,
        max_size=1 << 20,
        max_queue=4,
        logger=None,
    )


class Link:
    """The frames of one connection."""

    def __init__(self, socket: ClientConnection, answer: Answerer) -> None:
        self.socket = socket
        self.answer = answer
        self.answers = 0
        self.errors_seen = 0
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turn = asyncio.Lock()

    async def call(
        self,
        action: str,
        payload: dict[str, Any],
        message_id: str,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> dict[str, Any]:
        """Make one CALL and return its answer; raises Refused, NoAnswer or ConnectionClosed."""
        async with self._turn:
            future = asyncio.get_running_loop().create_future()
            self._waiting[message_id] = future
            try:
                await self.socket.send(_pack([2, message_id, action, payload]))
                async with asyncio.timeout(timeout_s):
                    answer: dict[str, Any] = await future
                    self.answers += 1
                    return answer
            except TimeoutError:
                raise NoAnswer(action) from None
            finally:
                self._waiting.pop(message_id, None)

    async def listen(self) -> None:
        """Read frames until the connection ends."""
        try:
            async for frame in self.socket:
                await self._take(frame)
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(NoAnswer("connection lost"))

    def go_silent(self) -> None:
        """Stop reading for good, so that the other side meets a half-open connection."""
        self.socket.transport.pause_reading()

    def abort(self) -> None:
        """Drop the connection without a closing handshake."""
        self.socket.transport.abort()

    async def _take(self, frame: str | bytes) -> None:
        try:
            message = json.loads(frame)
            kind, message_id = message[0], str(message[1])
        except (ValueError, IndexError, TypeError):
            self.errors_seen += 1
            return
        if kind == 2 and len(message) == 4:
            await self._answer(message_id, message[2], message[3])
        elif kind in (3, 4):
            self._resolve(kind, message_id, message)

    def _resolve(self, kind: int, message_id: str, message: list[Any]) -> None:
        future = self._waiting.get(message_id)
        if future is None or future.done():
            return
        if kind == 3 and isinstance(message[2], dict):
            future.set_result(message[2])
        else:
            code, text = (*message[2:4], "", "")[:2]
            future.set_exception(Refused(str(code), str(text)))

    async def _answer(self, message_id: str, action: Any, payload: Any) -> None:
        try:
            reply: list[Any] = [3, message_id, self.answer(str(action), payload)]
        except Unknown:
            reply = [4, message_id, "NotImplemented", f"{action} is not known here", {}]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reply = [4, message_id, "InternalError", str(error)[:200], {}]
        try:
            await self.socket.send(_pack(reply))
        except ConnectionClosed:
            return


def _pack(message: list[Any]) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
