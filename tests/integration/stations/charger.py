"""A charger for tests: says exactly what it is told, over a real socket."""

import asyncio
import base64
import itertools
import json
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PASSWORD = "correct-horse-battery"
WITHIN_S = 20


def basic(user: bytes, password: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(user + b":" + password).decode()}


class Charger:
    """One station at one gateway."""

    def __init__(
        self, url: str, identity: str, subprotocol: str = "ocpp1.6", password: str = PASSWORD
    ) -> None:
        self.url = f"{url}/ocpp/{identity}"
        self.headers = basic(identity.encode(), password.encode())
        self.offered = [subprotocol]
        self.ids = itertools.count(1)
        self.prefix = identity[-8:]
        self.socket: ClientConnection
        self.calls: list[list[Any]] = []

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        await self.socket.close()

    async def connect(self) -> None:
        self.socket = await connect(
            self.url,
            subprotocols=[Subprotocol(name) for name in self.offered],
            additional_headers=self.headers,
            open_timeout=WITHIN_S,
        )

    async def send(self, text: str) -> None:
        await self.socket.send(text)

    async def frame(self) -> list[Any]:
        """Return the next frame of the gateway."""
        async with asyncio.timeout(WITHIN_S):
            frame: list[Any] = json.loads(await self.socket.recv())
        return frame

    async def say(self, text: str) -> list[Any]:
        """Send a raw text and return the answer."""
        await self.send(text)
        return await self.frame()

    async def call(self, action: str, payload: Any, message_id: str = "") -> dict[str, Any]:
        """Call the gateway and return its answer's payload; its own calls meanwhile are kept."""
        message_id = message_id or f"{self.prefix}-{next(self.ids)}"
        await self.send(json.dumps([2, message_id, action, payload]))
        while True:
            frame = await self.frame()
            if frame[0] == 2:
                self.calls.append(frame)
                continue
            assert frame[:2] == [3, message_id], frame
            answer: dict[str, Any] = frame[2]
            return answer

    async def called(self) -> list[Any]:
        """Return the next call of the gateway."""
        return self.calls.pop(0) if self.calls else await self.frame()

    async def closed(self) -> int | None:
        """Wait for the close and return its code."""
        async with asyncio.timeout(WITHIN_S):
            await self.socket.wait_closed()
        return self.socket.close_code
