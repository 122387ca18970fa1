"""The observation log: small records without pixels in a durable Redis Stream.

Workers and web processes append entries. The aggregation worker reads them in order and deletes
them after their windows are committed. Reading an entry twice is harmless: windows count a frame
once.
"""

import uuid
from collections.abc import Sequence
from typing import Any, Final

import msgpack
import redis

from fer_lms.engagement.observations import Feed, Observation

STREAM: Final = "observations"
MAX_ENTRIES: Final = 100_000
"""About 16 MB. Beyond it the oldest entries are dropped, where nothing reads for a day."""


def pack_entry(observations: Sequence[Observation], feeds: Sequence[Feed]) -> dict[str, bytes]:
    """Pack the fields of one stream entry."""
    return {
        "o": msgpack.packb([_list_observation_fields(observation) for observation in observations]),
        "f": msgpack.packb([_list_feed_fields(feed) for feed in feeds]),
    }


def unpack_entry(fields: dict[bytes, bytes]) -> tuple[list[Observation], list[Feed]]:
    observations = [
        Observation(uuid.UUID(bytes=observation[0]), *observation[1:])
        for observation in msgpack.unpackb(fields[b"o"], use_list=False)
    ]
    feeds = [
        Feed(uuid.UUID(bytes=feed[0]), *feed[1:])
        for feed in msgpack.unpackb(fields[b"f"], use_list=False)
    ]
    return observations, feeds


def append_entry(
    client: redis.Redis, observations: Sequence[Observation], feeds: Sequence[Feed] = ()
) -> None:
    """Append one entry. Raises redis.RedisError where it was not stored."""
    entry: dict[Any, Any] = dict(pack_entry(observations, feeds))
    client.xadd(STREAM, entry, maxlen=MAX_ENTRIES, approximate=True)


def read_oldest_entries(
    client: redis.Redis, count: int
) -> list[tuple[bytes, tuple[list[Observation], list[Feed]]]]:
    entries: Any = client.xrange(STREAM, count=count)
    return [(entry_id, unpack_entry(fields)) for entry_id, fields in entries]


def delete_entries(client: redis.Redis, entry_ids: Sequence[bytes]) -> None:
    client.xdel(STREAM, *entry_ids)


def _list_observation_fields(observation: Observation) -> tuple[object, ...]:
    return (
        observation.participant_id.bytes,
        observation.window,
        observation.step,
        observation.epoch,
        observation.model,
        observation.quality,
        observation.lost,
        observation.scores,
        observation.engagement,
        observation.signs,
    )


def _list_feed_fields(feed: Feed) -> tuple[object, ...]:
    return (
        feed.participant_id.bytes,
        feed.window,
        feed.epoch,
        feed.connection,
        dict(feed.counts),
    )
