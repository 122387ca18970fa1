"""A test learning record store (LRS) over HTTP with configurable responses."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Store(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.statements: dict[str, dict[str, Any]] = {}
        self.voided: set[str] = set()
        self.requests: list[list[str]] = []
        self.headers_seen: list[dict[str, str]] = []
        self.down = False
        self.retry_after = ""
        self.dislikes: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/xapi"


class Conversation(BaseHTTPRequestHandler):
    server: Store

    def do_POST(self) -> None:
        store = self.server
        batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ids = [statement["id"] for statement in batch]
        store.requests.append(ids)
        store.headers_seen.append(dict(self.headers.items()))
        if store.down:
            self._answer(503)
        elif self.path != "/xapi/statements":
            self._answer(404)
        elif store.dislikes & set(ids):
            self._answer(400)
        elif any(i in store.statements for i in ids):
            self._answer(409)
        else:
            store.statements |= {statement["id"]: statement for statement in batch}
            store.voided |= {
                statement["object"]["id"]
                for statement in batch
                if statement["verb"]["id"].endswith("/voided")
            }
            self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def store_running() -> Iterator[Store]:
    with Store() as store:
        thread = threading.Thread(target=store.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield store
        finally:
            store.shutdown()
            thread.join(timeout=5)
