"""The web process: dashboard, portal, technician pages, API, and the sockets of open pages."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
os.environ.setdefault("CHARGENET_DB_ROLE", "web")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  they need Django ready
from django.urls import re_path  # noqa: E402

from chargenet.bodies import BodyLimit  # noqa: E402
from chargenet.dashboard.live import LiveConsumer, deny  # noqa: E402

# Channels routes ASGI applications with Django's patterns, whose types know views only.
route: Any = re_path

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(pages),
        "websocket": URLRouter([route(r"^live/$", LiveConsumer.as_asgi()), route(r"", deny)]),
    }
)
