"""Limit on wrong passwords at the administration's login.

Counted in the memory of the web process, of which an installation has one: an attacker's attempts
store nothing.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

log = structlog.get_logger(__name__)

WINDOW_S = 15 * 60
MAX_KEYS = 10_000
"""Counted accounts and addresses; the least recent are forgotten."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Attempts in a quarter of an hour, by what they have in common."""

    name: str
    max_attempts: int


PAIR = Limit("account and address", 5)
ACCOUNT = Limit("account", 50)
"""Higher: otherwise anybody could lock an administrator out."""
ADDRESS = Limit("address", 30)


class AttemptCounter:
    """Counts recent attempts by key. Thread-safe."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[tuple[str, ...], list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, key: tuple[str, ...], max_attempts: int) -> bool:
        """Count an attempt; False, without counting it, where there were too many."""
        now = time.monotonic()
        with self._lock:
            recent = [at for at in self._attempts.get(key, []) if now - at < WINDOW_S]
            if len(recent) >= max_attempts:
                return False
            self._attempts[key] = [*recent, now]
            self._attempts.move_to_end(key)
            while len(self._attempts) > MAX_KEYS:
                self._attempts.popitem(last=False)
            return True

    def forget(self, key: tuple[str, ...]) -> None:
        with self._lock:
            self._attempts.pop(key, None)


attempts = AttemptCounter()


class LimitedAuthenticationForm(AdminAuthenticationForm):
    """Login form that checks no password after too many wrong ones."""

    def clean(self) -> dict[str, Any]:
        username, address = self.data.get("username", "").casefold(), get_address(self.request)
        keys = {PAIR: (username, address), ACCOUNT: (username,), ADDRESS: ("", address)}
        # Counted before the password is checked: concurrent attempts must not all pass.
        for limit, key in keys.items():
            if not attempts.add((limit.name, *key), limit.max_attempts):
                log.warning("login_refused", limit=limit.name)
                raise ValidationError(
                    _("Too many wrong passwords. Try again in a quarter of an hour."),
                    code="too_many_attempts",
                )
        cleaned: dict[str, Any] = super().clean()
        for limit, key in keys.items():
            attempts.forget((limit.name, *key))
        return cleaned


def get_address(request: HttpRequest | None) -> str:
    """Return the client's address: what the proxy in front has appended, or the connection's."""
    if request is None:
        return ""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
    direct: str = request.META.get("REMOTE_ADDR", "")
    return forwarded if settings.SECURE_PROXY_SSL_HEADER and forwarded else direct
