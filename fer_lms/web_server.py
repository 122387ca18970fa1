"""The web process: `python -m fer_lms.web_server --port 8000`.

uvicorn's command line cannot name a WebSocket protocol, and these options belong together.
"""

import argparse
import sys

import uvicorn
from django.core.exceptions import ImproperlyConfigured

from inference.command_line import parse_port, run_program

MAX_MESSAGE_BYTES = 1024 * 1024
GRACEFUL_SHUTDOWN_S = 5
STARTUP_FAILURE = 3
"""uvicorn's exit code where it could not start."""


def build_config(*, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        "fer_lms.asgi:application",
        host=host,
        port=port,
        http="fer_lms.http_protocol:LimitedHttpProtocol",
        ws="fer_lms.streaming.web.websocket_protocol:LimitedWebSocketProtocol",
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # JPEGs do not compress
        lifespan="off",
        access_log=False,
        log_config=None,  # the settings' handlers, which log no text from outside
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve pages, REST and sockets.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=parse_port, default=8000)
    options = parser.parse_args()
    config = build_config(host=options.host, port=options.port)
    try:
        config.load()  # before the event loop: the application reads the database where it starts
    except ImproperlyConfigured as error:
        sys.exit(f"Invalid settings in the environment variables: {error}")
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else STARTUP_FAILURE


if __name__ == "__main__":
    sys.exit(run_program("fer-lms web", main))
