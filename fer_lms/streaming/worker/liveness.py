"""Who was seen lately: beat and the frame workers leave a mark, /readyz looks for it."""

from fer_lms.streaming.wire.redis_roles import broker_redis

LATELY_SECONDS = 20
MARKS = ("beat", "worker", "models", "integrations")


def saw(who: str) -> None:
    broker_redis().set(f"seen:{who}", "1", ex=LATELY_SECONDS)


def seen_lately(who: str) -> bool:
    return bool(broker_redis().exists(f"seen:{who}"))


def forget_everybody() -> None:
    """A broker that kept its data over a restart would show processes that are not there yet."""
    broker_redis().delete(*(f"seen:{who}" for who in MARKS))
