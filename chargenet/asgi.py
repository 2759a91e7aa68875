"""The web process: dashboard, portal, technician pages, API."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
os.environ.setdefault("CHARGENET_DB_ROLE", "web")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from chargenet.bodies import BodyLimit  # noqa: E402  its stations need Django to be ready

application = BodyLimit(pages)
