"""An HTTP server that behaves like hostile and broken servers."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class HostileServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.stop = threading.Event()
        self.requested_paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    server: HostileServer

    def handle(self) -> None:
        path = self.rfile.readline().decode().split(" ")[1]
        self.server.requested_paths.append(path)
        while self.rfile.readline().strip():
            pass
        with contextlib.suppress(OSError):
            getattr(self, "answer_" + path.strip("/").replace("-", "_"))()

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer_good(self) -> None:
        self.say(JSON_HEAD + b'Content-Length: 11\r\n\r\n{"keys":[]}')

    def answer_silent(self) -> None:
        self.server.stop.wait(30)

    def answer_drip_head(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nX-Long: ")

    def answer_drip_body(self) -> None:
        self._drip(JSON_HEAD + b"Content-Length: 50000\r\n\r\n")

    def answer_huge(self) -> None:
        self.say(JSON_HEAD + b"Connection: close\r\n\r\n")
        while not self.server.stop.is_set():
            self.say(b" " * 65536)

    def answer_announced_huge(self) -> None:
        self.say(JSON_HEAD + b"Content-Length: 99999999\r\n\r\n")
        self.server.stop.wait(30)

    def answer_huge_head(self) -> None:
        self.say(JSON_HEAD)
        while not self.server.stop.is_set():
            self.say(b"X-More: " + b"a" * 8000 + b"\r\n")

    def answer_redirect(self) -> None:
        self.say(b"HTTP/1.1 302 Found\r\nLocation: /good\r\nContent-Length: 0\r\n\r\n")

    def answer_error(self) -> None:
        self.say(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")

    def answer_page(self) -> None:
        self._say_body(b"<html>Log in</html>", b"Content-Type: text/html\r\n")

    def answer_html(self) -> None:
        self._say_body(b'{"keys":[]}', b"Content-Type: text/html; charset=utf-8\r\n")

    def answer_plain(self) -> None:
        self._say_body(b'\n{"keys":[]}\n', b"Content-Type: text/plain\r\n")

    def answer_bytes(self) -> None:
        self._say_body(b'{"keys":[]}', b"Content-Type: application/octet-stream\r\n")

    def answer_no_type(self) -> None:
        self._say_body(b'{"keys":[]}', b"")

    def answer_mark(self) -> None:
        self._say_body(b'\xef\xbb\xbf{"keys":[]}', b"Content-Type: application/json\r\n")

    def answer_two_links(self) -> None:
        links = b'Link: </a>; rel="differences"\r\nLink: </b>; rel="next"\r\n'
        self._say_body(b'{"keys":[]}', links)

    def answer_gzip(self) -> None:
        self.say(JSON_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b")

    def answer_nonsense(self) -> None:
        self.say(JSON_HEAD + b"Content-Length: 4\r\n\r\nkeys")

    def answer_deep(self) -> None:
        body = b"[" * 60_000
        self.say(JSON_HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def answer_cut(self) -> None:
        self.say(JSON_HEAD + b"Content-Length: 100\r\n\r\n{")

    def answer_no_http(self) -> None:
        self.say(b"220 mail.example ESMTP\r\n")

    def _say_body(self, body: bytes, headers: bytes) -> None:
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        self.say(b"HTTP/1.1 200 OK\r\n" + headers + length + body)

    def _drip(self, start: bytes) -> None:
        self.say(start)
        while not self.server.stop.wait(0.05):
            self.say(b" ")


@contextlib.contextmanager
def hostile_server() -> Iterator[HostileServer]:
    with HostileServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stop.set()
            server.shutdown()
            thread.join(timeout=5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
