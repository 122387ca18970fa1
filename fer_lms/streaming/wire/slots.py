"""Frame slots: one per participant in the memory-only Redis, seconds to live, newest frame wins.

Every frame has exactly one fate, decided by one atomic step here: a newer frame overwrites it
(superseded), the web process takes it back unread (expired), or a worker claims it. A claim
removes the pixels from Redis; a worker that dies with claimed frames loses them (lost in flight).

`ready` orders the participants whose slot is full by how long they have waited, so overload
thins everybody's frames alike. `lane:N` is the lease of the N-th drain: while one is held, no
tick is sent for it. `wake` lets a drain that found nothing sleep until something comes.
"""

import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import redis

from fer_lms.lessons.models import EngagementPreset

META: Final = struct.Struct(">16sIBIIQ8s8sB")
PRESETS: Final = tuple(EngagementPreset.values)
SLOT_TTL_MS: Final = 5_000
LANE_LEASE_MS: Final = 2_000
BATCH: Final = 8
"""Frames a drain claims at once: few enough that a reading does not wait for its neighbours."""
OWNER_SECONDS: Final = 3600
PROGRESS_SECONDS: Final = 6 * 3600


@dataclass(frozen=True, slots=True)
class SlotFrame:
    """A frame on its way to a worker."""

    participant_id: uuid.UUID
    window: int
    step: int
    epoch: int
    seq: int
    received_ms: int
    connection: bytes
    web: bytes
    preset: str
    jpeg: bytes

    def meta(self) -> bytes:
        return META.pack(
            self.participant_id.bytes,
            self.window,
            self.step,
            self.epoch,
            self.seq,
            self.received_ms,
            self.connection,
            self.web,
            PRESETS.index(self.preset),
        )

    def packed(self) -> bytes:
        return self.meta() + self.jpeg


def unpack_frame(packed: bytes) -> SlotFrame:
    (participant, window, step, epoch, seq, received_ms, connection, web, preset) = (
        META.unpack_from(packed)
    )
    return SlotFrame(
        participant_id=uuid.UUID(bytes=participant),
        window=window,
        step=step,
        epoch=epoch,
        seq=seq,
        received_ms=received_ms,
        connection=connection,
        web=web,
        preset=PRESETS[preset],
        jpeg=packed[META.size :],
    )


def seq_of_meta(meta: bytes) -> int:
    return int(META.unpack(meta)[4])


def slot_key(participant_id: uuid.UUID) -> bytes:
    return b"slot:" + participant_id.bytes


def owner_key(participant_id: uuid.UUID, mode: str) -> bytes:
    return b"owner:" + (b"l" if mode == "lesson" else b"c") + participant_id.bytes


def progress_key(participant_id: uuid.UUID) -> bytes:
    return b"progress:" + participant_id.bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a participant's frames have come, for the next connection to go on from."""

    next_seq: int = 1
    last: tuple[int, int] = (0, 0)
    """(window, step) of the last accepted frame."""

    def packed(self) -> str:
        return f"{self.next_seq}:{self.last[0]}:{self.last[1]}"


def unpack_progress(stored: bytes | None) -> Progress:
    if stored is None:
        return Progress()
    next_seq, window, step = (int(number) for number in stored.split(b":"))
    return Progress(next_seq, (window, step))


READY: Final = b"ready"
WAKE: Final = b"wake"


def lane_key(lane: int) -> bytes:
    return b"lane:%d" % lane


PUT: Final = f"""
-- KEYS: slot, ready, wake, owner, progress. ARGV: frame, participant, connection, lanes, now ms,
-- progress.
-- Returns: 1 if another connection owns the participant; the overwritten frame's meta;
-- the lane that wants a tick, or -1.
local owner = redis.call('GET', KEYS[4])
if owner and owner ~= ARGV[3] then return {{1, '', -1}} end
if not owner then redis.call('SET', KEYS[4], ARGV[3], 'EX', {OWNER_SECONDS}) end
local old = redis.call('GETRANGE', KEYS[1], 0, {META.size - 1})
redis.call('SET', KEYS[1], ARGV[1], 'PX', {SLOT_TTL_MS})
redis.call('SET', KEYS[5], ARGV[6], 'EX', {PROGRESS_SECONDS})
redis.call('ZADD', KEYS[2], 'NX', ARGV[5], ARGV[2])
local lanes = tonumber(ARGV[4])
if redis.call('LLEN', KEYS[3]) < lanes then redis.call('RPUSH', KEYS[3], '1') end
local waiting = redis.call('ZCARD', KEYS[2])
for lane = 0, lanes - 1 do
  if waiting > lane * {BATCH} and
     redis.call('SET', 'lane:' .. lane, '1', 'NX', 'PX', {LANE_LEASE_MS}) then
    return {{0, old, lane}}
  end
end
return {{0, old, -1}}
"""

KEEP_PROGRESS: Final = f"""
-- KEYS: owner, progress. ARGV: connection, progress. Returns 1 unless another connection owns the
-- participant. For scores, which have no slot.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', {PROGRESS_SECONDS})
return 1
"""

CLAIM: Final = f"""
-- KEYS: ready, lane. ARGV: how many. Returns frames; their pixels are gone from here.
redis.call('SET', KEYS[2], '1', 'PX', {LANE_LEASE_MS})
local claimed = redis.call('ZPOPMIN', KEYS[1], ARGV[1])
local frames = {{}}
for i = 1, #claimed, 2 do
  local frame = redis.call('GET', 'slot:' .. claimed[i])
  if frame then
    redis.call('DEL', 'slot:' .. claimed[i])
    frames[#frames + 1] = frame
  end
end
return frames
"""

TAKE_BACK: Final = f"""
-- KEYS: slot, ready. ARGV: meta without pixels, participant. Returns 1 if it was still unread.
if redis.call('GETRANGE', KEYS[1], 0, {META.size - 1}) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
"""

RELEASE: Final = """
-- KEYS: ready, lane. Gives the lane up, unless something has come since the last claim.
if redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
redis.call('DEL', KEYS[2])
return 1
"""


class SlotReader:
    """A worker's end: claims frames for one lane. Synchronous, one per drain."""

    def __init__(self, client: redis.Redis, lane: int) -> None:
        self.client = client
        self.lane = lane
        self._claim = client.register_script(CLAIM)
        self._release = client.register_script(RELEASE)

    def claim(self, count: int = BATCH) -> list[SlotFrame]:
        """Up to `count` frames of those who waited longest. Renews the lane's lease."""
        claimed: Sequence[bytes] = self._claim(keys=[READY, lane_key(self.lane)], args=[count])
        return [unpack_frame(packed) for packed in claimed]

    def wait(self, seconds: float) -> None:
        """Sleep until a frame comes, `seconds` at most."""
        self.client.blpop([WAKE.decode()], timeout=seconds)

    def release(self) -> bool:
        """Give the lane up; False where frames came in the meantime and the drain must go on."""
        return bool(self._release(keys=[READY, lane_key(self.lane)]))
