from typing import Any

from django.urls import path

from fer_lms.streaming.web.consumers import CaptureConsumer

# Channels routes with Django's `path`, whose stubs accept HTTP views only.
capture: Any = CaptureConsumer.as_asgi()
websocket_urlpatterns: list[Any] = [path("ws/capture/", capture)]
