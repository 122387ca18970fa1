"""Clients of the two Redis roles: `frames` (memory only, pixels for seconds) and `broker`.

Worker processes use the synchronous clients, the web process the asynchronous ones of its loop.
"""

from functools import cache

import redis
import redis.asyncio
from django.conf import settings

TIMEOUT_SECONDS = 5.0


@cache
def frames_redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.FRAMES_REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=3
    )


@cache
def broker_redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.BROKER_REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=3
    )


def async_client(url: str) -> redis.asyncio.Redis:
    """A client for one event loop, with a pool that waits instead of failing when it is empty."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=16,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=3,
    )
    return redis.asyncio.Redis.from_pool(pool)
