"""Checks of `install_check`: what must be right before an installation's processes are started.

Unlike `doctor` it takes no notice of policies and running processes. A failure is a finding, never
an exception; its detail is what is wrong and what to do.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http.request import validate_host

from fer_lms.operations.checks import check_database, check_disk, check_environment, check_front_end
from fer_lms.operations.findings import Finding, Section
from fer_lms.operations.model_checks import check_models
from fer_lms.operations.redis_checks import check_channel_layer, check_redis_role
from fer_lms.operations.security_checks import (
    check_cookies,
    check_https,
    check_installation,
    check_secret_key,
)
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis

MIN_REDIS_VERSION = (7, 0)
MAX_CLOCK_DIFFERENCE_S = 5
"""Launches of learning platforms are valid for a minute."""


def run_installation_checks() -> list[Section]:
    return [
        Section("Database", tuple(check_database())),
        Section("Redis", tuple(_check_redis())),
        Section("Files", tuple(_check_files())),
        Section("Models", tuple(check_models(open_models=True))),
        Section("Clock", tuple(_check_clock())),
        Section("Settings", tuple(_check_settings())),
    ]


# --- Redis -----------------------------------------------------------------------------------


def _check_redis() -> Iterator[Finding]:
    servers: dict[str, str] = {}
    for role, client, url, is_embedded in (
        ("frames", get_frames_redis(), settings.FRAMES_REDIS_URL, settings.EMBEDDED_FRAMES),
        ("broker", get_broker_redis(), settings.BROKER_REDIS_URL, settings.EMBEDDED_BROKER),
    ):
        name = f"{role} Redis"
        if is_embedded:
            detail = f"only the demonstration starts one: set {role.upper()}_REDIS_URL to a server"
            yield Finding(name, "missing", detail)
            continue
        findings = list(check_redis_role(name, client, url, embedded=False))
        yield from findings
        if findings[0].state == "ok":
            yield from _check_redis_server(role, client, servers)
    if len(servers) == 2:
        yield check_channel_layer()


def _check_redis_server(
    role: str, client: redis.Redis, servers: dict[str, str]
) -> Iterator[Finding]:
    try:
        info: Any = client.info("server")
    except redis.RedisError as error:
        yield Finding(f"{role} Redis, version", "warning", f"not readable: {error}")
        return
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < MIN_REDIS_VERSION:
        detail = f"is {version}: install Redis 7 or later, or Valkey"
        yield Finding(f"{role} Redis, version", "missing", detail)
    if info["run_id"] in servers:
        detail = (
            f"is the server of the {servers[info['run_id']]} too: frames must not reach a disk, "
            "start a second server"
        )
        yield Finding(f"{role} Redis, server", "missing", detail)
    servers[info["run_id"]] = role


# --- Files -----------------------------------------------------------------------------------


def _check_files() -> Iterator[Finding]:
    yield _check_folder(settings.VAR_DIR, "FER_VAR_DIR")
    yield check_disk()
    yield check_front_end()


def _check_folder(folder: Path, variable: str) -> Finding:
    name = "writable folder"
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        detail = f"{folder}: {error.strerror}: give it to the user of the processes ({variable})"
        return Finding(name, "missing", detail)
    return Finding(name, "ok", f"{folder} ({variable})")


# --- Clock -----------------------------------------------------------------------------------


def _check_clock() -> Iterator[Finding]:
    installed = Path(__file__).stat().st_mtime
    if time.time() < installed:
        then = datetime.fromtimestamp(installed, UTC).date()
        detail = f"is before {then}, when this version was installed: start time synchronisation"
        yield Finding("clock", "missing", detail)
        return
    readers = {"the database": _read_database_clock, "the broker Redis": _read_redis_clock}
    for server, read in readers.items():
        before = time.time()
        try:
            there = read()
        except (DatabaseError, redis.RedisError):
            continue  # a finding of its own
        after = time.time()
        if (
            there is None
            or before - MAX_CLOCK_DIFFERENCE_S < there < after + MAX_CLOCK_DIFFERENCE_S
        ):
            continue
        detail = f"differs by {abs(there - after):.0f} s from {server}: start time synchronisation"
        yield Finding("clock", "missing", f"{detail} on both machines")
        return
    yield Finding("clock", "ok", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, as its servers'")


def _read_database_clock() -> float | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        return float(cursor.fetchone()[0])


def _read_redis_clock() -> float:
    seconds, microseconds = get_broker_redis().time()  # type: ignore[misc]
    return float(seconds) + float(microseconds) / 1e6


# --- Settings --------------------------------------------------------------------------------


def _check_settings() -> Iterator[Finding]:
    if settings.DEMO:
        detail = "FER_DEMO is on, for adults on this machine only: unset it"
        yield Finding("installation", "missing", detail)
        return
    if settings.DEBUG:
        yield Finding("installation", "missing", "FER_DEBUG shows settings to visitors: unset it")
    else:
        yield check_installation()
    yield check_secret_key()
    yield check_https()
    yield check_cookies()
    yield _check_proxy()
    yield _check_metrics()
    yield from check_environment()


def _check_proxy() -> Finding:
    """Check what a reverse proxy that ends TLS needs."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    if host and not validate_host(host, settings.ALLOWED_HOSTS):
        detail = f"FER_ALLOWED_HOSTS lacks {host} of FER_PUBLIC_URL: add it"
        return Finding("proxy", "missing", detail)
    if not getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        detail = (
            "FER_BEHIND_PROXY is off, and the web process serves no TLS: set it to true behind a "
            "proxy that always sets X-Forwarded-Proto"
        )
        return Finding("proxy", "missing", detail)
    return Finding("proxy", "ok", "X-Forwarded-Proto of the proxy is trusted")


def _check_metrics() -> Finding:
    if settings.METRICS_TOKEN:
        return Finding("metrics", "ok", "/metrics needs FER_METRICS_TOKEN")
    detail = "FER_METRICS_TOKEN is not set: set it, since a proxy's requests come from this machine"
    return Finding("metrics", "warning", detail)
