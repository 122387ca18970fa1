"""A worker's loop: claim frames, check consent, read faces, log observations, send outcomes.

Pixels exist here only as local variables, for as long as one frame takes.
"""

import math
import time
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import redis
import structlog
from django.conf import settings

from fer_lms.consent.permissions import get_permissions
from fer_lms.engagement.observations import (
    WINDOW_GRACE,
    WINDOW_SECONDS,
    Observation,
    compute_capture_time,
)
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_inference_policy
from fer_lms.streaming.wire import observation_log
from fer_lms.streaming.wire.outcomes import Outcome, queue_outcomes
from fer_lms.streaming.wire.readings import build_observation
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis
from fer_lms.streaming.wire.slots import SlotFrame, SlotReader
from inference.errors import FrameRejected

if TYPE_CHECKING:
    from inference.pipeline import FacePipeline

log = structlog.get_logger(__name__)

OpenPipeline = Callable[[], "FacePipeline"]
ReadPolicy = Callable[[], DeploymentPolicy | None]
FrameObservation = tuple[SlotFrame, Observation]

MAX_RUN_S = 5.0
"""Then the task ends and queues itself again, so that Celery can stop or recycle the process."""
MAX_IDLE_S = 1.0
"""An idle lane waits this long: cheaper than a notification for every frame of a small class."""
WAIT_S = 0.25
MAX_PERMISSION_AGE_S = 0.25
"""Before a frame is decoded, consent is read again if the last query is older than this."""
STORE_MARGIN_S = 1.0
"""More than an append takes and than the clocks of two workers differ."""


@cache
def get_pipeline() -> "FacePipeline":
    """Return the pipeline of this process, opened after the fork."""
    from inference.imaging.frames import FrameLimits
    from inference.pipeline import load_pipeline  # not in the web process

    limits = FrameLimits(max_bytes=settings.MAX_FRAME_BYTES)
    return load_pipeline(landmarks=settings.LANDMARKS, limits=limits)


def drain(
    lane: int,
    *,
    open_pipeline: OpenPipeline = get_pipeline,
    max_run_s: float = MAX_RUN_S,
    max_idle_s: float = MAX_IDLE_S,
) -> bool:
    """Read the frames of one lane until none come; True if it stopped while frames still came."""
    slots = SlotReader(get_frames_redis(), lane, settings.DRAINS)
    read_policy = cache_policy(get_inference_policy)
    started = last_work = time.monotonic()
    while time.monotonic() - started < max_run_s:
        frames = slots.claim()
        if frames:
            read_frames(frames, open_pipeline, read_policy)
            last_work = time.monotonic()
        elif time.monotonic() - last_work < max_idle_s:
            slots.wait(WAIT_S)
        elif slots.release():
            return False
    return True


def read_frames(
    frames: Sequence[SlotFrame],
    open_pipeline: OpenPipeline,
    read_policy: ReadPolicy = get_inference_policy,
) -> None:
    """Read a micro-batch. Observations are stored before their outcomes are sent."""
    read, forbidden = _read_permitted(frames, open_pipeline, read_policy)
    now = time.time()
    timely = [observation for frame, observation in read if now < _compute_store_deadline(frame)]
    stored = timely if _append_to_log(timely) else []
    settled = [
        (frame, observation if observation in stored else _build_loss(frame, "lost_in_flight"))
        for frame, observation in read
    ]
    _send_outcomes([*settled, *forbidden])


def _read_permitted(
    frames: Sequence[SlotFrame], open_pipeline: OpenPipeline, read_policy: ReadPolicy
) -> tuple[list[FrameObservation], list[FrameObservation]]:
    """Return the observations of permitted frames, and the losses of forbidden ones.

    Permission is checked again after models were opened, so that no decode starts long after a
    withdrawal. If nothing is permitted, no model is opened.
    """
    read: list[FrameObservation] = []
    forbidden: list[FrameObservation] = []
    permission = _Permission(frames, read_policy)
    for frame in frames:
        pipeline = open_pipeline() if permission.covers(frame) else None
        if pipeline is not None and permission.covers(frame):
            read.append((frame, _read_frame(frame, pipeline)))
        else:
            forbidden.append((frame, _build_loss(frame, "rejected")))
    return read, forbidden


class _Permission:
    """The consent epochs under which the frames of a batch may be decoded, read recently."""

    def __init__(self, frames: Sequence[SlotFrame], read_policy: ReadPolicy) -> None:
        self._participant_ids = {frame.participant_id for frame in frames}
        self._read_policy = read_policy
        self._epochs: dict[uuid.UUID, int] = {}
        self._read_at = -math.inf

    def covers(self, frame: SlotFrame) -> bool:
        if time.monotonic() - self._read_at >= MAX_PERMISSION_AGE_S:
            self._read_at = time.monotonic()
            self._epochs = self._read_epochs()
        return self._epochs.get(frame.participant_id) == frame.epoch

    def _read_epochs(self) -> dict[uuid.UUID, int]:
        policy = self._read_policy()
        if policy is None:
            return {}
        permissions = get_permissions(self._participant_ids, policy)
        return {pk: item.frames_epoch for pk, item in permissions.items() if item.permits_frames}


def _compute_store_deadline(frame: SlotFrame) -> float:
    """Return the Unix time until which an observation reaches its window before that closes.

    Both the window and the socket count a later one as lost in flight.
    """
    return (frame.window + 1) * WINDOW_SECONDS + WINDOW_GRACE.total_seconds() - STORE_MARGIN_S


def cache_policy(read_policy: ReadPolicy) -> ReadPolicy:
    """Wrap a reader of the policy so that its result is cached for one second."""
    policy: DeploymentPolicy | None = None
    expires_at = 0.0

    def read_cached_policy() -> DeploymentPolicy | None:
        nonlocal policy, expires_at
        if time.monotonic() >= expires_at:
            expires_at = time.monotonic() + 1
            policy = read_policy()
        return policy

    return read_cached_policy


def _read_frame(frame: SlotFrame, pipeline: "FacePipeline") -> Observation:
    try:
        stream = pipeline.track((frame.participant_id, frame.epoch))
        reading = stream.read(frame.jpeg, compute_capture_time(frame.window, frame.step))
    except FrameRejected:
        return _build_loss(frame, "rejected")
    return build_observation(
        reading,
        preset=frame.preset,
        participant_id=frame.participant_id,
        window=frame.window,
        step=frame.step,
        epoch=frame.epoch,
        model=pipeline.classifier.sha256,
    )


def _build_loss(frame: SlotFrame, reason: str) -> Observation:
    return Observation(
        frame.participant_id, frame.window, frame.step, frame.epoch, model="", lost=reason
    )


def _append_to_log(observations: list[Observation]) -> bool:
    if not observations:
        return True
    try:
        observation_log.append_entry(get_broker_redis(), observations)
    except redis.RedisError as error:
        log.warning("observations_not_stored", error=type(error).__name__, n=len(observations))
        return False
    return True


def _send_outcomes(observations: list[FrameObservation]) -> None:
    """Send each web process the outcomes of its frames."""
    outcomes_by_web: dict[bytes, list[Outcome]] = {}
    for frame, observation in observations:
        outcome = Outcome.from_observation(observation, frame.connection, frame.seq)
        outcomes_by_web.setdefault(frame.web_id, []).append(outcome)
    pipe = get_frames_redis().pipeline(transaction=False)
    for web_id, outcomes in outcomes_by_web.items():
        queue_outcomes(pipe, web_id, outcomes)
    pipe.execute()
