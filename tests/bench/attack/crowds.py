"""Many connections at a time: requests together, and requests that never end."""

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.bench.attack.request_sender import TIMEOUT_S, Attack

CROWDED_PATHS = ("/retention/", "/", "/admin/login/", "/lti/login", "/api/v1/lessons/", "/readyz")
HELD_BODY = b"a" * 900_000
HEAD = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n%s\r\n"
LENGTH = b"Content-Length: 1000000\r\n"
HELD: dict[str, bytes] = {
    "half a head": b"GET / HTTP/1.1\r\nHost: localhost\r\nA: ",
    "no body": HEAD % (b"/demo/enter", b"text/plain", LENGTH),
    "most of a body": HEAD % (b"/demo/enter", b"application/x-www-form-urlencoded", LENGTH)
    + HELD_BODY,
    "most of a JSON body": HEAD % (b"/api/v1/markdown", b"application/json", LENGTH) + HELD_BODY,
    "most of a lesson file": HEAD
    % (
        b"/api/v1/courses/1/lessons/import",
        b"multipart/form-data; boundary=b",
        b"Content-Length: 3000000\r\n",
    )
    + b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\n'
    + HELD_BODY * 3,
    "a chunk": HEAD % (b"/demo/enter", b"text/plain", b"Transfer-Encoding: chunked\r\n")
    + b"dbba0\r\n"
    + HELD_BODY[:-9],
}
MAX_HELD_GROWTH_MB = 50
MAX_ANSWER_S = 5.0


def send_crowds(attack: Attack, size: int) -> None:
    """Send requests at once, then hold unfinished ones open while others are served."""
    for path in CROWDED_PATHS:
        with ThreadPoolExecutor(size) as pool:
            statuses = list(pool.map(lambda _, path=path: _get(attack, path), range(size)))
        for status in statuses:
            attack.result.add_request(f"{size} anonymous GET {path}", status, 0.0)
        attack.check_alive(f"{size} GET {path}")
        attack.report()
    for name, start in HELD.items():
        _hold(attack, name, start, size)


def _get(attack: Attack, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", attack.stack.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except TimeoutError:
        attack.result.failures.append(f"hang: {path} among many")
        return 0
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _hold(attack: Attack, name: str, start: bytes, size: int) -> None:
    """Hold unfinished requests: the web process must neither grow nor stop answering."""
    before_mb = attack.get_memory_mb()
    with ExitStack() as stack:
        for _ in range(size):
            connection = stack.enter_context(
                socket.create_connection(("127.0.0.1", attack.stack.port), timeout=TIMEOUT_S)
            )
            try:
                connection.sendall(start)
            except OSError:
                continue  # refused
        for path in ("/healthz", "/"):
            started = time.monotonic()
            status = _get(attack, path)
            if not 200 <= status < 400 or time.monotonic() - started > MAX_ANSWER_S:
                attack.result.failures.append(f"{status} at {path} while {size} hold {name}")
        growth_mb = attack.get_memory_mb() - before_mb
        attack.progress(f"{size} connections hold {name}: {growth_mb:.1f} MB")
        if growth_mb > MAX_HELD_GROWTH_MB:
            attack.result.failures.append(f"{growth_mb:.0f} MB while {size} hold {name}")
    attack.check_alive(f"{size} hold {name}")
