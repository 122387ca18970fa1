"""What has to hold before anybody else than the person at the machine comes in."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks.security.base import SECRET_KEY_MIN_LENGTH

from fer_lms.demo.checks import check_demo_isolation
from fer_lms.operations.findings import Finding

ENOUGH_HSTS_SECONDS = 30 * 24 * 3600


def safety_findings() -> Iterator[Finding]:
    yield _installation()
    yield from _demonstration()
    yield _secret_key()
    if not settings.DEMO:
        yield _https()
        yield _cookies()


def _installation() -> Finding:
    if settings.DEMO:
        detail = f"demonstration, for adults on this machine alone; data in {settings.VAR_DIR}"
        return Finding("installation", "warning", detail)
    hosts = ", ".join(settings.ALLOWED_HOSTS)
    if settings.DEBUG:
        return Finding("installation", "warning", f"FER_DEBUG is on, answers to {hosts}")
    if "*" in settings.ALLOWED_HOSTS:
        return Finding("installation", "warning", "FER_ALLOWED_HOSTS takes any name: name yours")
    return Finding("installation", "ok", f"answers to {hosts}, data in {settings.VAR_DIR}")


def _demonstration() -> Iterator[Finding]:
    for message in check_demo_isolation():
        detail = f"{message.msg} {message.hint or ''}".strip()
        yield Finding("demonstration", "missing" if message.is_serious() else "warning", detail)


def _secret_key() -> Finding:
    if len(settings.SECRET_KEY) < SECRET_KEY_MIN_LENGTH or len(set(settings.SECRET_KEY)) < 5:
        detail = "short enough to be guessed: set FER_SECRET_KEY to 50 random characters or more"
        return Finding("secret key", "missing", detail)
    path = settings.VAR_DIR / "secret_key"
    if not path.exists() or path.read_text().strip() != settings.SECRET_KEY:
        return Finding("secret key", "ok", "given by FER_SECRET_KEY")
    if path.stat().st_mode & 0o077:
        return Finding("secret key", "warning", f"others on this machine may read {path}")
    return Finding("secret key", "ok", f"made for this machine, in {path}")


def _https() -> Finding:
    if not settings.PUBLIC_URL:
        return Finding("https", "warning", "FER_PUBLIC_URL is not set: the address is not known")
    if not settings.PUBLIC_URL.startswith("https://"):
        return Finding("https", "missing", f"FER_PUBLIC_URL is {settings.PUBLIC_URL}, no https")
    if settings.SECURE_HSTS_SECONDS < ENOUGH_HSTS_SECONDS:
        detail = (
            f"{settings.PUBLIC_URL}; browsers insist on it for {settings.SECURE_HSTS_SECONDS} s "
            "only: raise FER_HSTS_SECONDS once it is sure to stay"
        )
        return Finding("https", "ok", detail)
    return Finding("https", "ok", settings.PUBLIC_URL)


def _cookies() -> Finding:
    insecure = [
        name
        for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")
        if not getattr(settings, name)
    ]
    if insecure:
        return Finding("cookies", "missing", f"sent over plain http too: {', '.join(insecure)}")
    return Finding("cookies", "ok", "over https alone, and out of reach of scripts")
