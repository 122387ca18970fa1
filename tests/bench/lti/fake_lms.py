"""HTTP server on this machine that the benchmarks use as an LMS."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PLATFORM_PATHS = {"auth_login_url": "/auth", "auth_token_url": "/token", "key_set_url": "/keys"}


class FakeLms(ThreadingHTTPServer):
    """Serves in a thread while the block runs."""

    daemon_threads = True

    def __init__(self, handler: type["JsonHandler"]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()


class JsonHandler(BaseHTTPRequestHandler):
    def send_json(self, value: object, **headers: str) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, header in headers.items():
            self.send_header(name, header)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Write no line a request to stderr."""
