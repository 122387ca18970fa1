"""ASGI application of the web process: HTTP and WebSockets.

A demonstration serves this machine only and does not start if there are real users.
"""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
http = get_asgi_application()

# These imports need the apps to be ready.
from fer_lms.demo.checks import check_demo_isolation  # noqa: E402
from fer_lms.demo.middleware import LocalOnlySocketMiddleware  # noqa: E402
from fer_lms.request_limits import LimitBodies  # noqa: E402
from fer_lms.streaming.web.routing import SocketRouter  # noqa: E402

sockets: Any = SocketRouter()
if settings.DEMO:
    for finding in check_demo_isolation():
        raise ImproperlyConfigured(f"{finding.msg} {finding.hint}")
    sockets = LocalOnlySocketMiddleware(sockets)
application = ProtocolTypeRouter({"http": LimitBodies(http), "websocket": sockets})
