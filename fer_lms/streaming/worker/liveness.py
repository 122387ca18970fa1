"""Heartbeat keys: beat and workers set them every few seconds, /readyz and `doctor` read them."""

from fer_lms.streaming.wire.redis_roles import get_broker_redis

SEEN_TTL_S = 20
PROCESSES = ("beat", "worker", "models", "integrations")


def mark_seen(process: str) -> None:
    get_broker_redis().set(f"seen:{process}", "1", ex=SEEN_TTL_S)


def was_seen_recently(process: str) -> bool:
    return bool(get_broker_redis().exists(f"seen:{process}"))


def clear_marks() -> None:
    """Delete the keys that a broker has kept over a restart of all processes."""
    get_broker_redis().delete(*(f"seen:{process}" for process in PROCESSES))
