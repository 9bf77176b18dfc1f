"""The live process: everything that waits. Websockets, and the long poll for a decision's resolution."""

import os

os.environ.setdefault("COUNTERSIGN_ROLE", "live")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.dev")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application

from reviewapp import celery

# Django must be set up before anything that touches models is imported.
http = get_asgi_application()
celery_app = celery.app

from corrections import routing  # noqa: E402 - needs the app registry filled by the line above

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": OriginValidator(
            AuthMiddlewareStack(URLRouter(routing.websocket_urlpatterns)), [settings.WEB_ORIGIN]
        ),
    },
)
