"""Limits on HTTP requests, applied before Django stores a body, starts a thread or connects.

Django stores bodies of any size and number in memory and on disk, and runs each request in a thread
with a database connection of its own. Requests of strangers would fill memory and disk or use up
PostgreSQL's connections.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from fer_lms.error_views import build_error_response

MAX_BODY_BYTES = 1024 * 1024
MAX_PICTURE_BODY_BYTES = 9 * 1024 * 1024
MAX_LESSON_BODY_BYTES = 33 * 1024 * 1024
"""Bodies of uploads: the documented 8 and 32 MB, and the fields around them."""
MAX_STORED_BYTES = 64 * 1024 * 1024
"""Bodies of all requests at once; the temporary folder holds each twice, also as a file."""
SMALL_BODY_BYTES = 16 * 1024
"""Answers and consents are smaller and always accepted, however much others have sent."""
UPLOADS = (
    (re.compile(r"/api/v1/courses/\d+/lessons/import"), MAX_LESSON_BODY_BYTES),
    (re.compile(r"/lti/deep-link"), MAX_LESSON_BODY_BYTES),
    (re.compile(r"/api/v1/steps/\d+/picture"), MAX_PICTURE_BODY_BYTES),
)
MAX_WAITING_REQUESTS = 500
MAX_WAIT_S = 10.0

Application = Callable[[Any, Any, Any], Awaitable[None]]
GetResponse = Callable[[HttpRequest], Any]


def get_max_body_bytes(path: str) -> int:
    """Return the size of the largest body that a path accepts."""
    return next((size for pattern, size in UPLOADS if pattern.fullmatch(path)), MAX_BODY_BYTES)


class LimitBodies:
    """ASGI middleware that refuses a body that is too large, or too much beside those of others.

    A body is refused before it is received completely: with 413, or with 503 where the bodies of
    all requests that are not answered yet exceed `MAX_STORED_BYTES`.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self._stored_bytes = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        max_bytes = get_max_body_bytes(scope["path"])
        if _get_declared_length(scope) > max_bytes:
            await _send_refusal(send, 413)
            return
        received, refusal, has_started = 0, 0, False

        async def receive_limited() -> Any:
            nonlocal received, refusal
            message = await receive()
            size = len(message.get("body", b""))
            received += size
            self._stored_bytes += size
            if received > max_bytes:
                refusal = 413
            elif received > SMALL_BODY_BYTES and self._stored_bytes > MAX_STORED_BYTES:
                refusal = 503
            return {"type": "http.disconnect"} if refusal else message

        async def send_recorded(message: Any) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.application(scope, receive_limited, send_recorded)
        finally:
            self._stored_bytes -= received
        if refusal and not has_started:
            await _send_refusal(send, refusal)


def _get_declared_length(scope: Any) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


REFUSALS = {
    413: {"detail": "The request is too large.", "reason": "too_large"},
    503: {"detail": "The service is busy. Try again in a moment.", "reason": "busy"},
}


async def _send_refusal(send: Any, status: int) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(REFUSALS[status]).encode()})


class RequestQueue:
    """Lets a number of requests run at once; others wait, for a time and in a number."""

    def __init__(self, *, size: int) -> None:
        self._running = asyncio.Semaphore(size)
        self._waiting = 0

    async def run(
        self, request: HttpRequest, respond: Callable[[], Awaitable[HttpResponseBase]]
    ) -> HttpResponseBase:
        if self._waiting >= MAX_WAITING_REQUESTS or not await self._enter():
            return build_busy_response(request)
        try:
            return await respond()
        finally:
            self._running.release()

    async def _enter(self) -> bool:
        self._waiting += 1
        try:
            await asyncio.wait_for(self._running.acquire(), MAX_WAIT_S)
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return True


_queues: dict[asyncio.AbstractEventLoop, RequestQueue] = {}


def get_queue() -> RequestQueue:
    """Return the queue of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _queues:
        _queues[loop] = RequestQueue(size=settings.MAX_RUNNING_REQUESTS)
    return _queues[loop]


@sync_and_async_middleware
def limit_running_requests(get_response: GetResponse) -> GetResponse:
    """Django middleware, the outermost: run `MAX_RUNNING_REQUESTS` requests at once."""
    if not iscoroutinefunction(get_response):
        return get_response

    async def respond(request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":  # needs no database; an overloaded process is alive
            response: HttpResponseBase = await get_response(request)
            return response
        return await get_queue().run(request, lambda: get_response(request))

    return respond


def build_busy_response(request: HttpRequest) -> HttpResponse:
    response = build_error_response(request, 503)
    response["Retry-After"] = "5"
    return response
