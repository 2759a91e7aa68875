"""How much the web process reads before it knows whose it is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from channels.db import database_sync_to_async
from django.template.loader import render_to_string

from chargenet.core import clock
from stations import transfers

Scope = dict[str, Any]
Event = Mapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MEBIBYTE: Final = 1024 * 1024
USUAL_BYTES: Final = 10 * MEBIBYTE
# What is refused is still taken, up to so much and for so long.
MOST_READ_OFF: Final = 64 * MEBIBYTE
READ_OFF_S: Final = 20
PLAIN: Final = b"text/plain; charset=utf-8"
# By how an address begins: what is left there may be longer than a form.
MOST_BYTES: Final = {
    "/u/": transfers.MOST_LOG_BYTES + MEBIBYTE,
    "/firmware/": transfers.MOST_FIRMWARE_BYTES + MEBIBYTE,
}


class BodyLimit:
    """Refuse a body that is too long, and one that nobody asked for before a byte of it is read.

    Django reads a whole request, to disk where it is long, before the first view can object.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = most_bytes(scope["path"])
        if _announced(scope) > most:
            await _read_off(receive)
            await _refuse(send, 413, *_too_large(scope))
        elif scope["path"].startswith("/u/") and not await _is_expected(scope["path"]):
            await _refuse(send, 404, b"not here\n", PLAIN)
        else:
            await self._app(scope, _counted(receive, most), send)


def most_bytes(path: str) -> int:
    """Return how long a body an address takes."""
    for beginning, most in MOST_BYTES.items():
        if path.startswith(beginning):
            return most
    return USUAL_BYTES


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and len(value) < 20:
            return int(value)
    return 0


def _counted(receive: Receive, most: int) -> Receive:
    """Return a receive that ends the conversation where more comes than was announced."""
    taken = 0

    async def next_event() -> Event:
        nonlocal taken
        event = await receive()
        taken += len(event.get("body", b""))
        return {"type": "http.disconnect"} if taken > most else event

    return next_event


async def _is_expected(path: str) -> bool:
    secret = path.removeprefix("/u/").partition("/")[0]
    return bool(
        await database_sync_to_async(transfers.is_open)(secret, is_upload=True, as_of=clock.now())
    )


async def _read_off(receive: Receive) -> None:
    """Take what is still being sent, and keep none of it.

    A browser hears no answer while it sends: closed on, it shows a broken connection instead.
    """
    taken = 0
    try:
        async with asyncio.timeout(READ_OFF_S):
            while taken < MOST_READ_OFF:
                event = await receive()
                taken += len(event.get("body", b""))
                if event["type"] == "http.disconnect" or not event.get("more_body"):
                    return
    except TimeoutError:
        # whoever sends this slowly may as well see a broken connection
        return


def _too_large(scope: Scope) -> tuple[bytes, bytes]:
    """Return the answer to a body that is too long, as who asks can read it, and what it is."""
    accepts = dict(scope["headers"]).get(b"accept", b"")
    if b"text/html" in accepts:
        return render_to_string("413.html").encode(), b"text/html; charset=utf-8"
    return render_to_string("413.txt").encode(), PLAIN


async def _refuse(send: Send, status: int, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
