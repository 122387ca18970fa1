"""Cookies that live in a frame of another site, or not at all.

A browser that blocks third-party cookies keeps one in a frame only if it is `SameSite=None;
Secure; Partitioned`. Neither Python 3.11 nor Django 5.2 knows the last word.
"""

from http.cookies import Morsel, SimpleCookie
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# Python 3.14 has these by itself.
_words: Any = Morsel
_words._reserved.setdefault("partitioned", "Partitioned")
_words._flags.add("partitioned")


def keep_in_frame(cookies: SimpleCookie, *names: str) -> None:
    """Mark these cookies, where they are being set, so that a frame keeps them."""
    for name in names:
        if name in cookies:
            cookies[name]["samesite"] = "None"
            cookies[name]["secure"] = True
            cookies[name]["partitioned"] = True


def forget_unframed(request: HttpRequest, response: HttpResponseBase) -> None:
    """End a session that this browser has outside every frame.

    Otherwise a browser would send two cookies of the same name after a launch into a window of
    its own, and which one counts would be luck. Within a frame browsers ignore this.
    """
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        if name in request.COOKIES:
            response.delete_cookie(name, samesite="Lax")
            response.cookies[name]["secure"] = True
