"""Loaded into the frame workers of `bench_withdrawal`: notes when each decode begins.

Only that command's own temporary installation loads it (celery worker -I).
"""

import time
import uuid
from typing import Any

from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.worker import drain

KEPT_SECONDS = 600
_read_frame = drain._read_frame


def decoded_key(participant_id: uuid.UUID, epoch: int) -> str:
    return f"decoded:{participant_id.hex}:{epoch}"


def _watched(frame: Any, pipeline: Any) -> Any:
    """The last decode of a participant under one consent epoch is the one that stays noted."""
    key = decoded_key(frame.participant_id, frame.epoch)
    get_frames_redis().set(key, time.time_ns() // 1_000_000, ex=KEPT_SECONDS)
    return _read_frame(frame, pipeline)


drain._read_frame = _watched
