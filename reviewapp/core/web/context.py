"""What every page knows: navigation, theme, where the live process is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the shell's context; lazily evaluated values cost nothing on fragments that do not show them."""
    return {"live_origin": settings.LIVE_ORIGIN, "live_ws": settings.LIVE_WS_ORIGIN}
