"""A foreign CSMS for the simulator: it validates every frame and answers, refuses or vanishes."""

import asyncio
import base64
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import ocpp
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

SCHEMAS = Path(ocpp.__file__).parent
FOLDERS = {"ocpp1.6": ("v16", ""), "ocpp2.0.1": ("v201", "Request")}
CALLERROR = "callerror"
NOW = "2026-01-01T00:00:00Z"
_validators: dict[tuple[str, str, bool], Any] = {}


def validator(subprotocol: str, action: str, *, answer: bool) -> Any:
    key = (subprotocol, action, answer)
    if key not in _validators:
        folder, suffix = FOLDERS[subprotocol]
        name = action + ("Response" if answer else suffix)
        path = SCHEMAS / folder / "schemas" / f"{name}.json"
        schema = json.loads(path.read_text(encoding="utf-8-sig"))
        _validators[key] = jsonschema_rs.Draft6Validator(schema)
    return _validators[key]


class Seen:
    """One CALL a station made."""

    def __init__(
        self, station: str, message_id: str, action: str, payload: dict[str, Any]
    ) -> None:
        self.station, self.message_id = station, message_id
        self.action, self.payload = action, payload

    def __repr__(self) -> str:
        return f"{self.station} {self.action} {self.payload}"


class SimServer:
    """Holds what was seen, per station and in order; `answer` may be replaced by a test."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.problems: list[str] = []
        self.sockets: dict[str, ServerConnection] = {}
        self.connections = 0
        self.given: list[int] = []
        self.status: int | None = None
        self.passwords: dict[str, str] = {}
        self.mute: Callable[[Seen], bool] = lambda _seen: False
        self.answer: Callable[[Seen], dict[str, Any] | None] = lambda _seen: None
        self.pending: dict[str, asyncio.Future[list[Any]]] = {}
        self._changed = asyncio.Condition()
        self._numbers = 0
        self._server: Server | None = None
        self.port = 0

    @staticmethod
    def refusal(code: str) -> dict[str, Any]:
        return {CALLERROR: code}

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ocpp"

    async def start(self, port: int = 0) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            port,
            subprotocols=[Subprotocol(name) for name in FOLDERS],
            process_request=self._check_login,
            compression=None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            for socket in list(self.sockets.values()):
                socket.transport.abort()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def drop(self, station: str) -> None:
        self.sockets[station].transport.abort()

    def of(self, *actions: str, station: str | None = None) -> list[Seen]:
        return [
            one
            for one in self.seen
            if (not actions or one.action in actions) and station in (None, one.station)
        ]

    async def until(self, found: Callable[[], bool], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(found)

    async def command(self, station: str, action: str, payload: dict[str, Any]) -> list[Any]:
        socket = self.sockets[station]
        self._numbers += 1
        message_id = f"cs-{self._numbers}"
        known = (SCHEMAS / FOLDERS[str(socket.subprotocol)][0] / "schemas").glob(f"{action}*.json")
        future = self.pending[message_id] = asyncio.get_running_loop().create_future()
        await socket.send(json.dumps([2, message_id, action, payload]))
        async with asyncio.timeout(10):
            reply: list[Any] = await future
        if reply[0] == 3 and any(known):
            self._validate(str(socket.subprotocol), action, reply[2], answer=True)
        return reply

    def _check_login(self, _socket: ServerConnection, request: Request) -> Response | None:
        if self.status is not None:
            return Response(self.status, "No", request.headers.__class__())
        scheme, _, login = request.headers.get("Authorization", "").partition(" ")
        identity, _, password = base64.b64decode(login).decode().partition(":")
        name = request.path.rsplit("/", 1)[1]
        right = self.passwords.get(name, f"{name}-password-1")
        if scheme != "Basic" or identity != name or password != right:
            return Response(401, "Unauthorized", request.headers.__class__())
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        station = socket.request.path.rsplit("/", 1)[1]
        self.sockets[station] = socket
        self.connections += 1
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                await self._take(station, socket, json.loads(frame))

    async def _take(self, station: str, socket: ServerConnection, message: list[Any]) -> None:
        if message[0] != 2:
            future = self.pending.pop(message[1], None)
            if future is not None and not future.done():
                future.set_result(message)
            return
        seen = Seen(station, *message[1:])
        self._validate(str(socket.subprotocol), seen.action, seen.payload, answer=False)
        async with self._changed:
            self.seen.append(seen)
            self._changed.notify_all()
        if self.mute(seen):
            return
        reply = self.answer(seen)
        if reply and CALLERROR in reply:
            await socket.send(json.dumps([4, seen.message_id, reply[CALLERROR], "", {}]))
            return
        await socket.send(json.dumps([3, seen.message_id, self._usual(seen) | (reply or {})]))

    def _usual(self, seen: Seen) -> dict[str, Any]:
        if seen.action == "BootNotification":
            return {"status": "Accepted", "currentTime": NOW, "interval": 60}
        if seen.action == "Heartbeat":
            return {"currentTime": NOW}
        if seen.action == "StartTransaction":
            self._numbers += 1
            self.given.append(1000 + self._numbers)
            return {"transactionId": self.given[-1], "idTagInfo": {"status": "Accepted"}}
        if seen.action == "Authorize":
            key = "idTagInfo" if "idTag" in seen.payload else "idTokenInfo"
            return {key: {"status": "Accepted"}}
        return {}

    def _validate(
        self, subprotocol: str, action: str, payload: dict[str, Any], *, answer: bool
    ) -> None:
        for error in validator(subprotocol, action, answer=answer).iter_errors(payload):
            self.problems.append(f"{action} {error.instance_path}: {error.message} in {payload}")
