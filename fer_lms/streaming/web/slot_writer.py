"""Writer of the frame slots, for the web process (fer_lms.streaming.wire.slots)."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import redis.asyncio
from django.conf import settings
from redis.exceptions import NoScriptError

from fer_lms.streaming.wire.slots import (
    CANCEL_SCRIPT,
    PUT_SCRIPT,
    READY_KEY,
    SAVE_PROGRESS_SCRIPT,
    Progress,
    SlotFrame,
    build_owner_key,
    build_progress_key,
    build_slot_key,
)


class PutResult(NamedTuple):
    is_replaced: int
    """1 if another connection owns the participant; the frame was not stored."""
    old_meta: bytes
    """Metadata of the unread frame that was overwritten, or empty."""
    lane: int
    """The lane whose worker has to be notified, or -1."""


class SlotWriter:
    """Runs the scripts of `wire.slots` that store and cancel frames. Asynchronous."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._put = client.register_script(PUT_SCRIPT)
        self._cancel = client.register_script(CANCEL_SCRIPT)
        self._save_progress = client.register_script(SAVE_PROGRESS_SCRIPT)

    async def put(self, frames: Sequence[SlotFrame]) -> list[PutResult]:
        """Store frames in one round trip. Raises redis.RedisError."""
        try:
            results = await self._build_put_pipeline(frames).execute()
        except NoScriptError:  # the first frame, or Redis was restarted: nothing was stored
            await self._client.script_load(PUT_SCRIPT)
            results = await self._build_put_pipeline(frames).execute()
        return [PutResult(*result) for result in results]

    async def cancel(self, participant_id: uuid.UUID, meta: bytes) -> bool:
        """Remove a frame from its slot; False if a worker has claimed it."""
        keys = [build_slot_key(participant_id), READY_KEY]
        return bool(await self._cancel(keys=keys, args=[meta, participant_id.bytes]))

    async def save_progress(
        self, participant_id: uuid.UUID, mode: str, connection: bytes, progress: Progress
    ) -> bool:
        """Store the position of the last scores; False if a newer connection has taken over."""
        keys = [build_owner_key(participant_id, mode), build_progress_key(participant_id)]
        return bool(await self._save_progress(keys=keys, args=[connection, progress.pack()]))

    def _build_put_pipeline(self, frames: Sequence[SlotFrame]) -> Any:
        # With Script objects the pipeline would first query whether Redis has the script.
        pipe: Any = self._client.pipeline(transaction=False)
        for frame in frames:
            keys = (
                build_slot_key(frame.participant_id),
                READY_KEY,
                build_owner_key(frame.participant_id, "frames"),
                build_progress_key(frame.participant_id),
            )
            pipe.evalsha(
                self._put.sha,
                len(keys),
                *keys,
                frame.pack(),
                frame.participant_id.bytes,
                frame.connection,
                settings.DRAINS,
                frame.received_ms,
                Progress(frame.seq + 1, (frame.window, frame.step)).pack(),
            )
        return pipe
