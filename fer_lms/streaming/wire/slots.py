"""Frame slots: the newest frame of each participant, for seconds, in the memory-only Redis.

Every frame has exactly one outcome, decided by one atomic script here: a newer frame overwrites it
(superseded), the web process cancels it unread (expired), or a worker claims it. A claim removes
the pixels from Redis; a worker that dies loses the frames that it has claimed (lost in flight).

A *lane* is one worker process at a time that drains slots; there are `FER_DRAINS` lanes. Each
participant has a home lane, so that the frames of a stream reach the worker that has its state
(`inference.tracking`). Another lane claims them only while the home lane is not held, or if they
have waited for `FOREIGN_AFTER_MS`; a worker without the state measures the frame anew. Keys:

- `slot:P`: the newest frame of participant P.
- `ready`: the participants whose slot is full, ordered by how long they have waited, so that
  overload reduces the frame rate of all participants alike.
- `lane:N`: the lease of lane N. While it is held, no notification is sent for the lane.
- `wake:N`: a list on which idle lane N blocks until a frame comes.
- `owner:P`: the connection whose frames are accepted. `progress:P`: the position of the last one.
"""

import struct
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import redis

from fer_lms.lessons.models import EngagementPreset

META: Final = struct.Struct(">16sIBIIQ8s8sB")
"""The fields of SlotFrame in their order, without the JPEG."""
PRESETS: Final = tuple(EngagementPreset.values)
SLOT_TTL_MS: Final = 5_000
LANE_LEASE_MS: Final = 2_000
MAX_CLAIMED_FRAMES: Final = 8
"""Frames claimed at once: few enough that no reading waits long for the others."""
OWNER_TTL_S: Final = 3600
PROGRESS_TTL_S: Final = 6 * 3600


@dataclass(frozen=True, slots=True)
class SlotFrame:
    """A queued frame: metadata and a JPEG."""

    participant_id: uuid.UUID
    window: int
    """10 s window, counted from the Unix epoch; `step` counts 160 ms within it."""
    step: int
    epoch: int
    """`Consent.frames_epoch` when the frame was accepted."""
    seq: int
    received_ms: int
    connection: bytes
    """Random id of the connection; `web_id` is that of its web process."""
    web_id: bytes
    preset: str
    jpeg: bytes

    def pack_meta(self) -> bytes:
        return META.pack(
            self.participant_id.bytes,
            self.window,
            self.step,
            self.epoch,
            self.seq,
            self.received_ms,
            self.connection,
            self.web_id,
            PRESETS.index(self.preset),
        )

    def pack(self) -> bytes:
        return self.pack_meta() + self.jpeg


def unpack_frame(packed: bytes) -> SlotFrame:
    participant_id, *fields, preset = META.unpack_from(packed)
    jpeg = packed[META.size :]
    values: tuple[Any, ...] = (uuid.UUID(bytes=participant_id), *fields, PRESETS[preset], jpeg)
    return SlotFrame(*values)


def unpack_seq(meta: bytes) -> int:
    return int(META.unpack(meta)[4])


def build_slot_key(participant_id: uuid.UUID) -> bytes:
    return b"slot:" + participant_id.bytes


def build_owner_key(participant_id: uuid.UUID, mode: str) -> bytes:
    return b"owner:" + (b"l" if mode == "lesson" else b"c") + participant_id.bytes


def build_progress_key(participant_id: uuid.UUID) -> bytes:
    return b"progress:" + participant_id.bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """Position at which the next connection of a participant continues."""

    next_seq: int = 1
    last: tuple[int, int] = (0, 0)
    """(window, step) of the last accepted frame."""

    def pack(self) -> str:
        return f"{self.next_seq}:{self.last[0]}:{self.last[1]}"


def unpack_progress(stored: bytes | None) -> Progress:
    if stored is None:
        return Progress()
    next_seq, window, step = (int(number) for number in stored.split(b":"))
    return Progress(next_seq, (window, step))


READY_KEY: Final = b"ready"


def build_lane_key(lane: int) -> bytes:
    return b"lane:%d" % lane


def build_wake_key(lane: int) -> bytes:
    return b"wake:%d" % lane


FOREIGN_AFTER_MS: Final = 150
MAX_SCANNED_PARTICIPANTS: Final = 128
"""Of those waiting longest, looked at in a claim."""

HOME_FUNCTION: Final = """
local function home_of(participant, lanes) return string.byte(participant, 16) % lanes end
"""

PUT_SCRIPT: Final = f"""
{HOME_FUNCTION}
-- KEYS: slot, ready, owner, progress. ARGV: frame, participant, connection, lanes, now ms,
-- progress.
-- Returns: 1 if another connection owns the participant; the overwritten frame's meta;
-- the lane to notify, or -1.
local owner = redis.call('GET', KEYS[3])
if owner and owner ~= ARGV[3] then return {{1, '', -1}} end
if not owner then redis.call('SET', KEYS[3], ARGV[3], 'EX', {OWNER_TTL_S}) end
local old = redis.call('GETRANGE', KEYS[1], 0, {META.size - 1})
redis.call('SET', KEYS[1], ARGV[1], 'PX', {SLOT_TTL_MS})
redis.call('SET', KEYS[4], ARGV[6], 'EX', {PROGRESS_TTL_S})
redis.call('ZADD', KEYS[2], 'NX', ARGV[5], ARGV[2])
local lanes = tonumber(ARGV[4])
if lanes == 0 then return {{0, old, -1}} end
local awake = home_of(ARGV[2], lanes)
for lane = 0, lanes - 1 do
  if redis.call('EXISTS', 'lane:' .. awake) == 1 then break end
  awake = lane
end
if redis.call('LLEN', 'wake:' .. awake) == 0 then redis.call('RPUSH', 'wake:' .. awake, '1') end
local waiting = redis.call('ZCARD', KEYS[2])
for lane = 0, lanes - 1 do
  if waiting > lane * {MAX_CLAIMED_FRAMES} and
     redis.call('SET', 'lane:' .. lane, '1', 'NX', 'PX', {LANE_LEASE_MS}) then
    return {{0, old, lane}}
  end
end
return {{0, old, -1}}
"""

SAVE_PROGRESS_SCRIPT: Final = f"""
-- KEYS: owner, progress. ARGV: connection, progress. Returns 1 unless another connection owns the
-- participant. For scores, which have no slot.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', {PROGRESS_TTL_S})
return 1
"""

CLAIM_SCRIPT: Final = f"""
{HOME_FUNCTION}
-- KEYS: ready, lane. ARGV: maximal count, lane, lanes, now ms. Returns frames and deletes them.
redis.call('SET', KEYS[2], '1', 'PX', {LANE_LEASE_MS})
local most, lane, lanes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local waiting = redis.call('ZRANGE', KEYS[1], 0, {MAX_SCANNED_PARTICIPANTS - 1}, 'WITHSCORES')
local frames = {{}}
local function take(participant)
  redis.call('ZREM', KEYS[1], participant)
  local frame = redis.call('GET', 'slot:' .. participant)
  if frame then
    redis.call('DEL', 'slot:' .. participant)
    frames[#frames + 1] = frame
  end
end
for i = 1, #waiting, 2 do
  if #frames == most then return frames end
  if home_of(waiting[i], lanes) == lane then take(waiting[i]) end
end
for i = 1, #waiting, 2 do
  if #frames == most then return frames end
  local home = home_of(waiting[i], lanes)
  if home ~= lane and (tonumber(ARGV[4]) - tonumber(waiting[i + 1]) > {FOREIGN_AFTER_MS}
      or redis.call('EXISTS', 'lane:' .. home) == 0) then take(waiting[i]) end
end
return frames
"""

CANCEL_SCRIPT: Final = f"""
-- KEYS: slot, ready. ARGV: meta without pixels, participant. Returns 1 if it was still unread.
if redis.call('GETRANGE', KEYS[1], 0, {META.size - 1}) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
"""

RELEASE_SCRIPT: Final = """
-- KEYS: ready, lane. Releases the lane unless a frame has come since the last claim.
if redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
redis.call('DEL', KEYS[2])
return 1
"""


class SlotReader:
    """Reader of the slots, for one lane of a worker, of `lanes`. Synchronous."""

    def __init__(self, client: redis.Redis, lane: int, lanes: int = 1) -> None:
        self.client = client
        self.lane = lane
        self.lanes = max(lanes, lane + 1)
        self._claim = client.register_script(CLAIM_SCRIPT)
        self._release = client.register_script(RELEASE_SCRIPT)

    def claim(self, count: int = MAX_CLAIMED_FRAMES) -> list[SlotFrame]:
        """Claim up to `count` frames, those of this lane and the longest waiting first.

        Renews the lease.
        """
        claimed: Sequence[bytes] = self._claim(
            keys=[READY_KEY, build_lane_key(self.lane)],
            args=[count, self.lane, self.lanes, time.time_ns() // 1_000_000],
        )
        return [unpack_frame(packed) for packed in claimed]

    def wait(self, seconds: float) -> None:
        """Block until a frame comes, `seconds` at most."""
        self.client.blpop([build_wake_key(self.lane).decode()], timeout=seconds)

    def release(self) -> bool:
        """Release the lane; False if frames came in the meantime, so that it must continue."""
        return bool(self._release(keys=[READY_KEY, build_lane_key(self.lane)]))
