"""The sockets of the stations: handshake, frames to the link, goodbye."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer

from stations.ocpp import gate
from stations.ocpp.hub import Gateway
from stations.ocpp.line import line_of
from stations.ocpp.link import StationLink
from stations.ocpp.socket import LinkClosed

Receive = Callable[[], Awaitable[dict[str, Any]]]
NORMAL_CLOSURE = 1000

gateway = Gateway()


class StationConsumer(AsyncConsumer):
    """One station's socket; it reads frames itself, for Channels' dispatch costs a factor 3."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection until it ends."""
        await receive()
        admitted = await gateway.admit(scope, send)
        if isinstance(admitted, gate.Denial):
            await gate.deny(send, admitted)
            return
        code = NORMAL_CLOSURE
        try:
            await send({"type": "websocket.accept", "subprotocol": admitted.subprotocol})
            gateway.welcome(admitted)
            code = await self.receive(admitted, receive)
        except (LinkClosed, OSError):
            code = 1006
        finally:
            await gateway.leave(admitted, code)

    async def receive(self, link: StationLink, receive: Receive) -> int:
        """Hand each frame to the link, in order; return the code the connection ended with.

        On our own protocol most frames never come this way: the line begins with them itself.
        """
        if (line := line_of(receive)) is not None:
            line.taker = link.begin
        while not link.close_code:
            message = await receive()
            if message["type"] != "websocket.receive":
                return int(message.get("code") or NORMAL_CLOSURE)
            text = message.get("text")
            if text is None:
                # Binary is no OCPP-J; what it holds is read as text and judged as such.
                text = message["bytes"].decode("utf-8", "replace")
            await link.take(text)
            # Who floods with what is never stored never waits: others must have their turn.
            await asyncio.sleep(0)
        return link.close_code


async def deny_unknown(_: Any, receive: Any, send: Any) -> None:
    """Answer a path that is no station's with 404."""
    await receive()
    await gate.deny(send, gate.UNKNOWN)
