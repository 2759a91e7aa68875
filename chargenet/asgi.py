"""The web process: dashboard, portal, technician pages, API."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
os.environ.setdefault("CHARGENET_DB_ROLE", "web")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
