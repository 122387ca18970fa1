"""The two Redis roles as `doctor` finds them: reachable, and keeping what they should keep."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from fer_lms.operations.findings import Finding
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis
from fer_lms.streaming.worker.liveness import SEEN_TTL_S, was_seen_recently

ANSWER_SECONDS = 3
NOT_RUNNING = "not running now; starts with the demonstration"


def redis_findings() -> Iterator[Finding]:
    yield from role_findings(
        "frames Redis", get_frames_redis(), settings.FRAMES_REDIS_URL, settings.EMBEDDED_FRAMES
    )
    broker_answers = False
    for finding in role_findings(
        "broker Redis", get_broker_redis(), settings.BROKER_REDIS_URL, settings.EMBEDDED_BROKER
    ):
        broker_answers = broker_answers or finding.detail.startswith("answers")
        yield finding
    if broker_answers:
        yield _channel_layer()
        yield from _processes()


def role_findings(name: str, client: redis.Redis, url: str, embedded: bool) -> Iterator[Finding]:
    where = "embedded Valkey" if embedded else without_password(url)
    try:
        client.ping()
    except redis.RedisError as error:
        if embedded:
            yield Finding(name, "warning", f"{where}: {NOT_RUNNING}")
        else:
            yield Finding(name, "missing", f"{where} does not answer: {error}")
        return
    yield Finding(name, "ok", f"answers: {where}")
    try:
        config: Any = client.config_get("save", "appendonly", "maxmemory", "maxmemory-policy")
    except redis.RedisError as error:
        yield Finding(f"{name}, memory", "warning", f"its configuration is not shown: {error}")
        return
    yield from (_frames_memory if name.startswith("frames") else _broker_memory)(name, config)


def _frames_memory(name: str, config: dict[str, str]) -> Iterator[Finding]:
    """Pictures must never reach a disk."""
    kept = [what for what in ("save", "appendonly") if config.get(what, "") not in ("", "no")]
    if kept:
        settings_of = ", ".join(f"{what} {config[what]}" for what in kept)
        detail = f"writes to disk ({settings_of}): set save '' and appendonly no"
        yield Finding(f"{name}, memory", "warning", detail)
    elif config.get("maxmemory", "0") == "0":
        yield Finding(f"{name}, memory", "warning", "memory only, but unbounded: set maxmemory")
    else:
        limit = int(config["maxmemory"]) // 2**20
        detail = f"memory only, {limit} MB, {config.get('maxmemory-policy', '')}"
        yield Finding(f"{name}, memory", "ok", detail)


def _broker_memory(name: str, config: dict[str, str]) -> Iterator[Finding]:
    """Observations must outlive a restart, and never make room for others."""
    if config.get("appendonly") != "yes":
        detail = "keeps no append-only file: a restart loses the last observations"
        yield Finding(f"{name}, memory", "warning", detail)
    elif config.get("maxmemory-policy", "noeviction") != "noeviction":
        detail = f"evicts ({config['maxmemory-policy']}): set maxmemory-policy noeviction"
        yield Finding(f"{name}, memory", "warning", detail)
    else:
        yield Finding(f"{name}, memory", "ok", "append-only file, nothing is evicted")


def _channel_layer() -> Finding:
    backend = str(settings.CHANNEL_LAYERS["default"]["BACKEND"]).rsplit(".", 1)[-1]
    try:
        async_to_sync(_send_to_ourselves)()
    except (redis.RedisError, OSError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        return Finding("channel layer", "missing", f"{backend} delivers nothing: {reason}")
    return Finding("channel layer", "ok", f"{backend} delivers")


async def _send_to_ourselves() -> None:
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - settings name one
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "doctor"})
    await asyncio.wait_for(layer.receive(channel), ANSWER_SECONDS)


def _processes() -> Iterator[Finding]:
    # The aggregation worker sets the key of beat, when it executes a task that beat sent.
    names = {
        "worker": "worker",
        "beat": "beat and aggregation",
        "models": "models open in a worker",
    }
    if not settings.DEMO:
        names["integrations"] = "integrations, for learning platforms and record stores"
    for who, name in names.items():
        seen = was_seen_recently(who)
        detail = f"{'seen' if seen else 'not seen'} in the last {SEEN_TTL_S} s"
        yield Finding(name, "ok" if seen else "warning", detail)


def without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)
