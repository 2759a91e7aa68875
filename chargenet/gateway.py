"""The gateway process: stations' OCPP sockets and nothing else.

Run by uvicorn with the flags of `chargenet.serving`.
"""

import gc
import os
import sys
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
os.environ.setdefault("CHARGENET_DB_ROLE", "system")

import django

django.setup()

from collections.abc import Awaitable, Callable  # noqa: E402
from typing import Any  # noqa: E402

from channels.routing import URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402
from uvicorn.protocols.websockets import websockets_sansio_impl as server  # noqa: E402
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory  # noqa: E402

from stations.consumers import StationConsumer, deny_unknown, gateway  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
# Channels routes ASGI applications with Django's patterns, whose types know views only.
route: Any = re_path

# Compression keeps no window between messages: a connection that asked for it costs what another
# one costs. uvicorn has no setting for it. The memory level is its own.
setattr(  # noqa: B010  the module's name for it is a class
    server,
    "ServerPerMessageDeflateFactory",
    partial(
        ServerPerMessageDeflateFactory,
        server_no_context_takeover=True,
        client_no_context_takeover=True,
    ),
)

# For so long another thread, which tells the news, may keep the sockets waiting; the default is
# ten times as long, and so was seen in the p99.
TURN_S = 0.0005
# Long-lived objects by the thousand: the collector's full runs would cost the p99.
GC_THRESHOLDS = (50_000, 20, 50)


sockets: Any = URLRouter(
    [
        route(r"^ocpp/(?P<identity>[^/]{1,48})$", StationConsumer.as_asgi()),
        route(r"", deny_unknown),
    ]
)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve sockets, a health page, and the start and end of the process."""
    if scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "lifespan":
        await live(receive, send)
    else:
        await answer_http(scope, send)


async def live(receive: Receive, send: Send) -> None:
    """Start the gateway and end it with the server."""
    await receive()
    gateway.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    sys.setswitchinterval(TURN_S)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await gateway.stop()
    await send({"type": "lifespan.shutdown.complete"})


BODIES = {
    200: b"ok\n",
    400: b"No WebSocket handshake: it needs Connection: Upgrade and Upgrade: websocket.\n",
    404: b"not here\n",
    503: b"store away\n",
}
STATION_PATH = "/ocpp/"


async def answer_http(scope: Scope, send: Send) -> None:
    """Tell a probe whether stations can be served, and a broken handshake that it is one."""
    path, status = str(scope["path"]), 404
    if path == "/healthz":
        status = 200 if gateway.store.is_there else 503
    elif path.startswith(STATION_PATH):
        status = 400
        await gateway.door.note_broken(path[len(STATION_PATH) :], scope)
    body = BODIES[status]
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
