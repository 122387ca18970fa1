"""Clients of the two Redis roles: `frames` (memory only, pixels for seconds) and `broker`.

Worker processes use the synchronous clients, the web process those of its event loop.
"""

from functools import cache

import redis
import redis.asyncio
from django.conf import settings

TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 3.0


@cache
def get_frames_redis() -> redis.Redis:
    return _create_client(settings.FRAMES_REDIS_URL)


@cache
def get_broker_redis() -> redis.Redis:
    return _create_client(settings.BROKER_REDIS_URL)


def create_async_client(url: str) -> redis.asyncio.Redis:
    """Create a client for one event loop, whose exhausted pool waits instead of failing."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=16,
        timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
    )
    return redis.asyncio.Redis.from_pool(pool)


def _create_client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_S, socket_connect_timeout=CONNECT_TIMEOUT_S
    )
