"""Heartbeat keys: set by beat and workers every few seconds, read by /readyz and `doctor`."""

from collections.abc import Iterable

from fer_lms.streaming.wire.redis_roles import get_broker_redis

HEARTBEAT_TTL_S = 20
PROCESSES = ("beat", "worker", "models", "integrations")


def record_heartbeat(process: str) -> None:
    get_broker_redis().set(f"seen:{process}", "1", ex=HEARTBEAT_TTL_S)


def has_recent_heartbeat(process: str) -> bool:
    return bool(get_broker_redis().exists(f"seen:{process}"))


def delete_heartbeats(processes: Iterable[str] = PROCESSES) -> None:
    """Delete the keys that the broker still has from before the processes stopped."""
    get_broker_redis().delete(*(f"seen:{process}" for process in processes))
