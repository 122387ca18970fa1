from typing import Any

from channels.routing import URLRouter
from django.urls import path

from fer_lms.streaming.web.consumers import CaptureConsumer

# Channels routes with Django's `path`, whose stubs accept HTTP views only.
capture: Any = CaptureConsumer.as_asgi()
websocket_urlpatterns: list[Any] = [path("ws/capture/", capture)]


class SocketRouter:
    """Routes handshakes; refuses one at an unknown address with 403, where Channels raises."""

    def __init__(self) -> None:
        self._router: Any = URLRouter(websocket_urlpatterns)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        address = scope["path"].lstrip("/")
        if any(route.pattern.match(address) for route in websocket_urlpatterns):
            await self._router(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})
