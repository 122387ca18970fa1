"""Outcomes of frames, sent from a worker to the web process that accepted them.

One list per web process in the memory-only Redis, with a lifetime of seconds.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgpack
import redis

from fer_lms.engagement.observations import SCALE, Observation
from inference.results import LABELS

LIFETIME_MS: Final = 10_000
MAX_BATCHES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one claimed frame: processed if `lost` is None, else lost for that reason."""

    connection: bytes
    seq: int
    lost: str | None
    quality: str
    scores: tuple[int, ...] | None
    engagement: int | None

    @classmethod
    def from_observation(cls, observation: Observation, connection: bytes, seq: int) -> "Outcome":
        return cls(
            connection,
            seq,
            observation.lost,
            observation.quality,
            observation.scores,
            observation.engagement,
        )

    def to_reading(self) -> dict[str, Any]:
        """Return the fields of the protocol's `reading` message."""
        scores = self.scores and {
            label: value / SCALE for label, value in zip(LABELS, self.scores, strict=True)
        }
        engagement = None if self.engagement is None else self.engagement / SCALE
        return {
            "seq": self.seq,
            "quality": self.quality,
            "scores": scores,
            "engagement": engagement,
        }


def build_outcomes_key(web_id: bytes) -> bytes:
    return b"out:" + web_id


def queue_outcomes(pipe: "redis.client.Pipeline", web_id: bytes, outcomes: list[Outcome]) -> None:
    """Add one batch for one web process to a Redis pipeline."""
    batch = [(o.connection, o.seq, o.lost, o.quality, o.scores, o.engagement) for o in outcomes]
    key = build_outcomes_key(web_id)
    pipe.rpush(key, msgpack.packb(batch))
    pipe.ltrim(key, -MAX_BATCHES, -1)
    pipe.pexpire(key, LIFETIME_MS)


def unpack_outcomes(packed: bytes) -> list[Outcome]:
    return [Outcome(*fields) for fields in msgpack.unpackb(packed, use_list=False)]
