"""Checks of the settings that protect an installation in a network."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks.security.base import SECRET_KEY_MIN_LENGTH

from fer_lms.demo.checks import check_demo_isolation
from fer_lms.operations.findings import Finding
from inference.telemetry import list_telemetry_issues

MIN_HSTS_S = 30 * 24 * 3600


def check_security() -> Iterator[Finding]:
    yield check_installation()
    yield from _check_demonstration()
    yield check_secret_key()
    yield _check_telemetry()
    if not settings.DEMO:
        yield check_https()
        yield check_cookies()


def check_installation() -> Finding:
    if settings.DEMO:
        detail = f"demonstration, for adults on this machine alone; data in {settings.VAR_DIR}"
        return Finding("installation", "warning", detail)
    hosts = ", ".join(settings.ALLOWED_HOSTS)
    if settings.DEBUG:
        return Finding("installation", "warning", f"FER_DEBUG is on, serves {hosts}")
    if "*" in settings.ALLOWED_HOSTS:
        return Finding("installation", "warning", "FER_ALLOWED_HOSTS allows any name: set yours")
    return Finding("installation", "ok", f"serves {hosts}, data in {settings.VAR_DIR}")


def _check_demonstration() -> Iterator[Finding]:
    for message in check_demo_isolation():
        detail = f"{message.msg} {message.hint or ''}".strip()
        yield Finding("demonstration", "missing" if message.is_serious() else "warning", detail)


def check_secret_key() -> Finding:
    if len(settings.SECRET_KEY) < SECRET_KEY_MIN_LENGTH or len(set(settings.SECRET_KEY)) < 5:
        detail = "too short: set FER_SECRET_KEY to 50 random characters or more"
        return Finding("secret key", "missing", detail)
    path = settings.VAR_DIR / "secret_key"
    if not path.exists() or path.read_text().strip() != settings.SECRET_KEY:
        return Finding("secret key", "ok", "set by FER_SECRET_KEY")
    if path.stat().st_mode & 0o077:
        return Finding(
            "secret key", "warning", f"other users of this machine can read {path}: run chmod 600"
        )
    return Finding("secret key", "ok", f"generated for this machine, in {path}")


def _check_telemetry() -> Finding:
    issues = list_telemetry_issues()
    if issues:
        return Finding("usage reports", "missing", "; ".join(issues))
    detail = (
        "libraries send none: ONNX Runtime by its variable, MediaPipe in threads without sockets"
    )
    return Finding("usage reports", "ok", detail)


def check_https() -> Finding:
    if not settings.PUBLIC_URL:
        return Finding(
            "https", "warning", "FER_PUBLIC_URL is not set: set the address of this installation"
        )
    if not settings.PUBLIC_URL.startswith("https://"):
        return Finding("https", "missing", f"FER_PUBLIC_URL is {settings.PUBLIC_URL}: use https")
    if settings.SECURE_HSTS_SECONDS < MIN_HSTS_S:
        detail = (
            f"{settings.PUBLIC_URL}; HSTS lasts {settings.SECURE_HSTS_SECONDS} s only: raise "
            "FER_HSTS_SECONDS once https is permanent"
        )
        return Finding("https", "ok", detail)
    return Finding("https", "ok", settings.PUBLIC_URL)


def check_cookies() -> Finding:
    insecure = [
        name
        for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")
        if not getattr(settings, name)
    ]
    if insecure:
        return Finding("cookies", "missing", f"also sent over plain http: {', '.join(insecure)}")
    return Finding("cookies", "ok", "sent over https only, not readable by scripts")
