"""The observation log: small records without pixels in a durable Redis Stream.

Workers and web processes append entries. The aggregation worker reads them in order and deletes
them after their windows are committed. Reading an entry twice is harmless: windows count a frame
once.
"""

import uuid
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgpack
import redis

from fer_lms.engagement.observations import Feed, Observation

Record = TypeVar("Record", Observation, Feed)

STREAM: Final = "observations"
MAX_ENTRIES: Final = 100_000
"""About 16 MB. Beyond it the oldest entries are dropped, if nothing reads for a day."""


def pack_entry(observations: Sequence[Observation], feeds: Sequence[Feed]) -> dict[str, bytes]:
    """Pack the fields of one stream entry."""
    return {"o": _pack_records(observations), "f": _pack_records(feeds)}


def unpack_entry(fields: dict[bytes, bytes]) -> tuple[list[Observation], list[Feed]]:
    return _unpack_records(Observation, fields[b"o"]), _unpack_records(Feed, fields[b"f"])


def append_entry(
    client: redis.Redis, observations: Sequence[Observation], feeds: Sequence[Feed] = ()
) -> None:
    """Append one entry. Raises redis.RedisError if it was not stored."""
    entry: dict[Any, Any] = dict(pack_entry(observations, feeds))
    client.xadd(STREAM, entry, maxlen=MAX_ENTRIES, approximate=True)


def read_oldest_entries(
    client: redis.Redis, count: int
) -> list[tuple[bytes, tuple[list[Observation], list[Feed]]]]:
    entries: Any = client.xrange(STREAM, count=count)
    return [(entry_id, unpack_entry(fields)) for entry_id, fields in entries]


def delete_entries(client: redis.Redis, entry_ids: Sequence[bytes]) -> None:
    client.xdel(STREAM, *entry_ids)


def _pack_records(records: Sequence[Observation] | Sequence[Feed]) -> bytes:
    rows = []
    for record in records:
        participant_id, *fields = (getattr(record, name) for name in record.__match_args__)
        rows.append((participant_id.bytes, *fields))
    packed: bytes = msgpack.packb(rows)
    return packed


def _unpack_records(record_type: type[Record], packed: bytes) -> list[Record]:
    rows = msgpack.unpackb(packed, use_list=False)
    return [record_type(uuid.UUID(bytes=row[0]), *row[1:]) for row in rows]
