from django.urls import path

from fer_lms.streaming.consumers import CaptureConsumer

websocket_urlpatterns = [path("ws/capture/", CaptureConsumer.as_asgi())]
