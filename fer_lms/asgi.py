import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
http = get_asgi_application()

from fer_lms.streaming.routing import websocket_urlpatterns  # noqa: E402 - apps must be ready

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
