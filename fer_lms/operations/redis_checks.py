"""Checks of the two Redis roles, the channel layer and the processes that use them."""

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
from fer_lms.streaming.worker.liveness import HEARTBEAT_TTL_S, has_recent_heartbeat

RECEIVE_TIMEOUT_S = 3
NOT_RUNNING = "not running now; starts with the demonstration"


def check_redis() -> Iterator[Finding]:
    yield from check_redis_role(
        "frames Redis", get_frames_redis(), settings.FRAMES_REDIS_URL, settings.EMBEDDED_FRAMES
    )
    is_broker_reachable = False
    for finding in check_redis_role(
        "broker Redis", get_broker_redis(), settings.BROKER_REDIS_URL, settings.EMBEDDED_BROKER
    ):
        is_broker_reachable = is_broker_reachable or finding.state == "ok"
        yield finding
    if is_broker_reachable:
        yield check_channel_layer()
        yield from _check_processes()


def check_redis_role(name: str, client: redis.Redis, url: str, embedded: bool) -> Iterator[Finding]:
    location = "embedded Valkey" if embedded else remove_password(url)
    try:
        client.ping()
    except redis.RedisError as error:
        if embedded:
            yield Finding(name, "warning", f"{location}: {NOT_RUNNING}")
        else:
            yield Finding(name, "missing", f"{location} is unreachable: {error}")
        return
    yield Finding(name, "ok", f"reachable: {location}")
    try:
        config: Any = client.config_get("save", "appendonly", "maxmemory", "maxmemory-policy")
    except redis.RedisError as error:
        yield Finding(f"{name}, memory", "warning", f"configuration not readable: {error}")
        return
    yield (_check_frames_memory if name.startswith("frames") else _check_broker_memory)(
        name, config
    )


def _check_frames_memory(name: str, config: dict[str, str]) -> Finding:
    """Check that frames never reach a disk."""
    name = f"{name}, memory"
    persisting = [key for key in ("save", "appendonly") if config.get(key, "") not in ("", "no")]
    if persisting:
        options = ", ".join(f"{key} {config[key]}" for key in persisting)
        detail = f"writes to disk ({options}): set save '' and appendonly no"
        return Finding(name, "warning", detail)
    if config.get("maxmemory", "0") == "0":
        return Finding(name, "warning", "memory only, but unbounded: set maxmemory")
    limit = int(config["maxmemory"]) // 2**20
    return Finding(name, "ok", f"memory only, {limit} MB, {config.get('maxmemory-policy', '')}")


def _check_broker_memory(name: str, config: dict[str, str]) -> Finding:
    """Check that observations are neither lost in a restart nor evicted."""
    name = f"{name}, memory"
    if config.get("appendonly") != "yes":
        detail = "has no append-only file: a restart loses the last observations"
        return Finding(name, "warning", detail)
    if config.get("maxmemory-policy", "noeviction") != "noeviction":
        detail = f"evicts ({config['maxmemory-policy']}): set maxmemory-policy noeviction"
        return Finding(name, "warning", detail)
    return Finding(name, "ok", "append-only file, nothing is evicted")


def check_channel_layer() -> Finding:
    backend = str(settings.CHANNEL_LAYERS["default"]["BACKEND"]).rsplit(".", 1)[-1]
    try:
        async_to_sync(_send_and_receive)()
    except (redis.RedisError, OSError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        return Finding("channel layer", "missing", f"{backend} does not deliver: {reason}")
    return Finding("channel layer", "ok", f"{backend} delivers")


async def _send_and_receive() -> None:
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - one is in the settings
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "doctor"})
    await asyncio.wait_for(layer.receive(channel), RECEIVE_TIMEOUT_S)


def _check_processes() -> Iterator[Finding]:
    # The aggregation worker sets the key of beat, when it executes a task that beat sent.
    names = {
        "worker": "worker",
        "beat": "beat and aggregation",
        "models": "models open in a worker",
    }
    if not settings.DEMO:
        names["integrations"] = "integrations, for learning platforms and record stores"
    for process, name in names.items():
        is_alive = has_recent_heartbeat(process)
        detail = f"{'seen' if is_alive else 'not seen'} in the last {HEARTBEAT_TTL_S} s"
        yield Finding(name, "ok" if is_alive else "warning", detail)


def remove_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)
