from django.http import HttpRequest, HttpResponseForbidden
from django.http.request import split_domain_port
from django.utils.deprecation import MiddlewareMixin

HOSTS = ("localhost", "127.0.0.1")
FORWARDING = ("HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


class DemoLimitsMiddleware(MiddlewareMixin):
    """The demonstration answers only whoever sits at this machine: it asks for no password."""

    def process_request(self, request: HttpRequest) -> HttpResponseForbidden | None:
        host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
        if host not in HOSTS:
            return _refusal("Open it as http://localhost or http://127.0.0.1.")
        if any(_is_forwarding(name) for name in request.META):
            return _refusal("This request came through a proxy.")
        return None


def _is_forwarding(name: str) -> bool:
    return name in FORWARDING or name.startswith("HTTP_X_FORWARDED")


def _refusal(why: str) -> HttpResponseForbidden:
    return HttpResponseForbidden(
        f"This demonstration only answers on the machine it runs on. {why}\n",
        content_type="text/plain; charset=utf-8",
    )
