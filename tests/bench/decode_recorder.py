"""Records when each decode starts; loaded into the frame workers of `bench_withdrawal` only."""

import time
import uuid
from typing import Any

from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.worker import drain

KEY_TTL_S = 600
_read_frame = drain._read_frame


def build_decode_key(participant_id: uuid.UUID, epoch: int) -> str:
    return f"decoded:{participant_id.hex}:{epoch}"


def _record_and_read_frame(frame: Any, pipeline: Any) -> Any:
    """Store the time of the participant's last decode under this consent epoch."""
    key = build_decode_key(frame.participant_id, frame.epoch)
    get_frames_redis().set(key, time.time_ns() // 1_000_000, ex=KEY_TTL_S)
    return _read_frame(frame, pipeline)


drain._read_frame = _record_and_read_frame
