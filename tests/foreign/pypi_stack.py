"""A charger made of PyPI's ocpp: its client side, as its users write one."""

import asyncio
import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import ocpp.v16.call_result
import ocpp.v201.call_result
from ocpp.charge_point import ChargePoint, camel_to_snake_case
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.integration.stations.charger import PASSWORD, WITHIN_S, basic

LIBRARY: Mapping[str, Any] = {"ocpp1.6": ocpp.v16, "ocpp2.0.1": ocpp.v201}


class PypiStation:
    """One station of the library; `invalid` lists the calls of ours that it refused."""

    def __init__(
        self, url: str, identity: str, subprotocol: str, answers: Mapping[str, Any]
    ) -> None:
        self.invalid: list[Any] = []
        self.connected = ""
        self._url = f"{url}/ocpp/{identity}"
        self._identity = identity
        self._library = LIBRARY[subprotocol]
        self._subprotocol = subprotocol
        self._answers = answers
        self._called: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._socket: ClientConnection
        self._point: ChargePoint
        self._loop: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            self._url,
            subprotocols=[Subprotocol(self._subprotocol)],
            additional_headers=basic(self._identity.encode(), PASSWORD.encode()),
            open_timeout=WITHIN_S,
        )
        self.connected = str(self._socket.subprotocol)
        self._point = self._library.ChargePoint(self._identity, self, response_timeout=WITHIN_S)
        for action, answer in self._answers.items():
            self._point.route_map[action] = {"_on_action": self._handler(action, answer)}
        self._loop = asyncio.create_task(self._serve())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        await self._socket.close()
        await self._loop

    async def recv(self) -> str:
        """Give the library the next frame, and remember what we called."""
        text = str(await self._socket.recv())
        frame = json.loads(text)
        if frame[0] == 2:
            self._called.put_nowait((frame[2], frame[3]))
        return text

    async def send(self, text: str) -> None:
        """Send what the library says; a CALLERROR of its own is a complaint about us."""
        if json.loads(text)[0] == 4:
            self.invalid.append(text)
        await self._socket.send(text)

    async def call(self, action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Call the gateway; raises on a CALLERROR and on an answer the schema refuses."""
        request = getattr(self._library.call, action)(**camel_to_snake_case(dict(payload)))
        answer: dict[str, Any] = vars(await self._point.call(request, suppress=False))
        return answer

    async def hear(self) -> tuple[str, dict[str, Any]]:
        """Return the next call of the gateway."""
        async with asyncio.timeout(WITHIN_S):
            return await self._called.get()

    def _handler(self, action: str, answer: Mapping[str, Any]) -> Callable[..., Any]:
        make = getattr(self._library.call_result, action)

        def handle(**_: Any) -> Any:
            return make(**camel_to_snake_case(dict(answer)))

        return handle

    async def _serve(self) -> None:
        try:
            await self._point.start()
        except ConnectionClosed:
            return
