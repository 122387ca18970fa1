"""Restricts the demonstration, which has no passwords, to requests from this machine."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponseForbidden
from django.http.request import split_domain_port
from django.utils.deprecation import MiddlewareMixin

from fer_lms.proxy_headers import is_proxy_header

LOCAL_HOSTS = ("localhost", "127.0.0.1")


class LocalOnlyMiddleware(MiddlewareMixin):
    """Rejects HTTP requests from other machines with 403."""

    def process_request(self, request: HttpRequest) -> HttpResponseForbidden | None:
        reason = get_refusal_reason(request.META.get("HTTP_HOST", ""), request.headers)
        if reason is None:
            return None
        return HttpResponseForbidden(
            f"This demonstration is available only on the machine it runs on. {reason}\n",
            content_type="text/plain; charset=utf-8",
        )


class LocalOnlySocketMiddleware:
    """Rejects WebSocket handshakes from other machines with 403."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if get_refusal_reason(headers.get("host", ""), headers) is not None:
            await send({"type": "websocket.close"})
            return
        await self.application(scope, receive, send)


def get_refusal_reason(host: str, header_names: Iterable[str]) -> str | None:
    """Return why a request is refused, or None if it comes from this machine."""
    if split_domain_port(host)[0] not in LOCAL_HOSTS:
        return "Open it as http://localhost or http://127.0.0.1."
    if any(is_proxy_header(name) for name in header_names):
        return "This request came through a proxy."
    return None
