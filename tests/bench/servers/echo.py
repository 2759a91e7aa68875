"""A bare ASGI app that answers a frame with a frame: what the server alone can carry."""

import json
from typing import Any


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][0]})
    while (message := await receive())["type"] == "websocket.receive":
        frame = json.loads(message["text"])
        answer = {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
        await send({"type": "websocket.send", "text": json.dumps([3, frame[1], answer])})
