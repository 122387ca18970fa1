"""The observation log: small records without pixels in a durable Redis Stream.

Appended by workers and web processes, read in order, and deleted only after the windows that they
belong to are committed. Reading the same entries twice is harmless: windows count a frame once.
"""

import uuid
from collections.abc import Sequence
from typing import Any, Final

import msgpack
import redis

from fer_lms.engagement.observations import Feed, Observation

STREAM: Final = "observations"
MAX_ENTRIES: Final = 100_000
"""A guard for a day without a reader: about 16 MB, then the oldest entries go."""


def pack_entry(observations: Sequence[Observation], feeds: Sequence[Feed]) -> dict[str, bytes]:
    """The fields of one stream entry."""
    return {
        "o": msgpack.packb([_observation_fields(seen) for seen in observations]),
        "f": msgpack.packb([_feed_fields(feed) for feed in feeds]),
    }


def unpack_entry(fields: dict[bytes, bytes]) -> tuple[list[Observation], list[Feed]]:
    observations = [
        Observation(uuid.UUID(bytes=seen[0]), *seen[1:])
        for seen in msgpack.unpackb(fields[b"o"], use_list=False)
    ]
    feeds = [
        Feed(uuid.UUID(bytes=feed[0]), *feed[1:])
        for feed in msgpack.unpackb(fields[b"f"], use_list=False)
    ]
    return observations, feeds


def append(
    client: redis.Redis, observations: Sequence[Observation], feeds: Sequence[Feed] = ()
) -> None:
    """Append one entry with all of these. Raises redis.RedisError where it was not stored."""
    entry: dict[Any, Any] = dict(pack_entry(observations, feeds))
    client.xadd(STREAM, entry, maxlen=MAX_ENTRIES, approximate=True)


def oldest_entries(
    client: redis.Redis, count: int
) -> list[tuple[bytes, tuple[list[Observation], list[Feed]]]]:
    entries: Any = client.xrange(STREAM, count=count)
    return [(entry_id, unpack_entry(fields)) for entry_id, fields in entries]


def delete_entries(client: redis.Redis, entry_ids: Sequence[bytes]) -> None:
    client.xdel(STREAM, *entry_ids)


def _observation_fields(seen: Observation) -> tuple[object, ...]:
    return (
        seen.participant_id.bytes,
        seen.window,
        seen.step,
        seen.epoch,
        seen.model,
        seen.quality,
        seen.lost,
        seen.scores,
        seen.engagement,
        seen.signs,
    )


def _feed_fields(feed: Feed) -> tuple[object, ...]:
    return (
        feed.participant_id.bytes,
        feed.window,
        feed.epoch,
        feed.connection,
        dict(feed.counts),
    )
