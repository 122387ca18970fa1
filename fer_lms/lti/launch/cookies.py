"""Partitioned cookies (CHIPS) for sessions in an iframe of another site.

Browsers that block third-party cookies store a cookie in an iframe only if it is `SameSite=None;
Secure; Partitioned`. Neither Python 3.11 nor Django 5.2 supports `Partitioned`.
"""

from http.cookies import Morsel, SimpleCookie
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# Python 3.14 defines these itself.
_morsel: Any = Morsel
_morsel._reserved.setdefault("partitioned", "Partitioned")
_morsel._flags.add("partitioned")


def mark_partitioned(cookies: SimpleCookie, *names: str) -> None:
    """Make these cookies partitioned, if they are being set."""
    for name in names:
        if name in cookies:
            cookies[name]["samesite"] = "None"
            cookies[name]["secure"] = True
            cookies[name]["partitioned"] = True


def delete_unpartitioned_cookies(request: HttpRequest, response: HttpResponseBase) -> None:
    """Delete the session cookies that this browser has outside of iframes.

    Otherwise a launch into a new window would leave two cookies of the same name, and the
    browser would choose between them. Browsers ignore this within an iframe.
    """
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        if name in request.COOKIES:
            response.delete_cookie(name, samesite="Lax")
            response.cookies[name]["secure"] = True
