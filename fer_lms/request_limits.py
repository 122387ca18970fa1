"""Limits on HTTP requests, applied before Django, which stores a body of any size on disk."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

MAX_BODY_BYTES = 1024 * 1024
MAX_PICTURE_BODY_BYTES = 9 * 1024 * 1024
MAX_LESSON_BODY_BYTES = 33 * 1024 * 1024
"""Bodies of uploads: the documented 8 and 32 MB, and the fields around them."""
UPLOADS = (
    (re.compile(r"/api/v1/courses/\d+/lessons/import"), MAX_LESSON_BODY_BYTES),
    (re.compile(r"/api/v1/steps/\d+/picture"), MAX_PICTURE_BODY_BYTES),
)

Application = Callable[[Any, Any, Any], Awaitable[None]]


def get_max_body_bytes(path: str) -> int:
    """Return the size of the largest body that a path accepts."""
    return next((size for pattern, size in UPLOADS if pattern.fullmatch(path)), MAX_BODY_BYTES)


class LimitBodies:
    """ASGI middleware that refuses a large body with 413 before it is received completely."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        left = get_max_body_bytes(scope["path"])
        if _get_declared_length(scope) > left:
            await _send_too_large(send)
            return
        is_too_large = has_started = False

        async def receive_limited() -> Any:
            nonlocal left, is_too_large
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                is_too_large = True
                return {"type": "http.disconnect"}
            return message

        async def send_recorded(message: Any) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        await self.application(scope, receive_limited, send_recorded)
        if is_too_large and not has_started:
            await _send_too_large(send)


def _get_declared_length(scope: Any) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


async def _send_too_large(send: Any) -> None:
    body = json.dumps({"detail": "The request is too large.", "reason": "too_large"}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
