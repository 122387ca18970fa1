"""A worker's loop: claim frames, check consent, read faces, log observations, report outcomes.

The pixels exist here as local variables for as long as one frame takes.
"""

import math
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import redis
import structlog
from django.conf import settings

from fer_lms.consent.permissions import get_permissions
from fer_lms.engagement.actions import WINDOW_GRACE
from fer_lms.engagement.observations import (
    WINDOW_SECONDS,
    Observation,
    scale,
    scale_scores,
    scale_signs,
)
from fer_lms.engagement.scoring import compute_engagement
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import inference_policy
from fer_lms.streaming.wire import observation_log
from fer_lms.streaming.wire.outcomes import Outcome, queue_outcomes
from fer_lms.streaming.wire.redis_roles import broker_redis, frames_redis
from fer_lms.streaming.wire.slots import SlotFrame, SlotReader
from inference.errors import FrameRejected

if TYPE_CHECKING:
    from inference.pipeline import FacePipeline

log = structlog.get_logger(__name__)

AskPolicy = Callable[[], DeploymentPolicy | None]
Seen = tuple[SlotFrame, Observation]

RUN_SECONDS = 5.0
"""Then the drain ends and ticks itself again, so that Celery can stop or recycle the process."""
LINGER_SECONDS = 1.0
"""How long an idle drain waits for more: cheaper than a tick for every frame of a quiet class."""
WAIT_SECONDS = 0.25
PERMISSION_SECONDS = 0.25
"""How old the look at consent may be when a frame of the batch is decoded; then it is renewed."""
STORING_SECONDS = 1.0
"""More than an append takes, and than the clocks of two workers differ."""


@cache
def process_pipeline() -> "FacePipeline":
    """This process's pipeline, opened after the fork. One thread."""
    from inference.imaging.frames import FrameLimits
    from inference.pipeline import load_pipeline  # the web process never gets here

    limits = FrameLimits(max_bytes=settings.MAX_FRAME_BYTES)
    return load_pipeline(landmarks=settings.LANDMARKS, limits=limits)


def drain(
    lane: int,
    *,
    pipeline: Callable[[], "FacePipeline"] = process_pipeline,
    run_seconds: float = RUN_SECONDS,
    linger_seconds: float = LINGER_SECONDS,
) -> bool:
    """Read frames of one lane until none come; True where it stopped with work still waiting."""
    slots = SlotReader(frames_redis(), lane)
    policy = at_most_a_second_old(inference_policy)
    started = last_work = time.monotonic()
    while time.monotonic() - started < run_seconds:
        frames = slots.claim()
        if frames:
            read_frames(frames, pipeline, policy)
            last_work = time.monotonic()
        elif time.monotonic() - last_work < linger_seconds:
            slots.wait(WAIT_SECONDS)
        elif slots.release():
            return False
    return True


def read_frames(
    frames: Sequence[SlotFrame],
    pipeline: Callable[[], "FacePipeline"],
    policy: AskPolicy = inference_policy,
) -> None:
    """Read a micro-batch. Observations are stored before anybody hears of them."""
    read, forbidden = _read_permitted(frames, pipeline, policy)
    now = time.time()
    timely = [observation for frame, observation in read if now < _stored_by(frame)]
    stored = timely if _append(timely) else []
    told = [
        (frame, seen if seen in stored else _lost(frame, "lost_in_flight")) for frame, seen in read
    ]
    _report([*told, *forbidden])


def _read_permitted(
    frames: Sequence[SlotFrame], pipeline: Callable[[], "FacePipeline"], policy: AskPolicy
) -> tuple[list[Seen], list[Seen]]:
    """Frames decoded, and frames thrown away unread. Where models have to be opened first, or the
    machine is slow, permission is asked for again, so that no decode starts long after a
    withdrawal; and where nothing is permitted no model is opened."""
    read: list[Seen] = []
    forbidden: list[Seen] = []
    permission = _Permission(frames, policy)
    for frame in frames:
        reader = pipeline() if permission.covers(frame) else None
        if reader is not None and permission.covers(frame):
            read.append((frame, _observe(frame, reader)))
        else:
            forbidden.append((frame, _lost(frame, "rejected")))
    return read, forbidden


class _Permission:
    """Which frames of a batch may be decoded, by an answer that is never old."""

    def __init__(self, frames: Sequence[SlotFrame], policy: AskPolicy) -> None:
        self._frames, self._policy = frames, policy
        self._permitted: set[SlotFrame] = set()
        self._asked_at = -math.inf

    def covers(self, frame: SlotFrame) -> bool:
        if time.monotonic() - self._asked_at >= PERMISSION_SECONDS:
            self._asked_at = time.monotonic()
            self._permitted = permitted_frames(self._frames, self._policy())
        return frame in self._permitted


def _stored_by(frame: SlotFrame) -> float:
    """Unix time until which an observation surely reaches its window before that closes.

    Later, the window settles the frame as lost in flight, and so the socket has to hear the same.
    """
    return (frame.window + 1) * WINDOW_SECONDS + WINDOW_GRACE.total_seconds() - STORING_SECONDS


def at_most_a_second_old(ask: AskPolicy) -> AskPolicy:
    """The same question, asked again only when the last answer is a second old."""
    answer: DeploymentPolicy | None = None
    old_at = 0.0

    def answered() -> DeploymentPolicy | None:
        nonlocal answer, old_at
        if time.monotonic() >= old_at:
            old_at = time.monotonic() + 1
            answer = ask()
        return answer

    return answered


def permitted_frames(
    frames: Sequence[SlotFrame], policy: DeploymentPolicy | None
) -> set[SlotFrame]:
    """Those whose consent still holds, asked of the database just before decoding."""
    if policy is None:
        return set()
    permissions = get_permissions({frame.participant_id for frame in frames}, policy)
    epochs = {pk: item.frames_epoch for pk, item in permissions.items() if item.permits_frames}
    return {frame for frame in frames if epochs.get(frame.participant_id) == frame.epoch}


def _observe(frame: SlotFrame, pipeline: "FacePipeline") -> Observation:
    try:
        reading = pipeline.read(frame.jpeg)
    except FrameRejected:
        return _lost(frame, "rejected")
    engagement = compute_engagement(reading, frame.preset)
    return Observation(
        participant_id=frame.participant_id,
        window=frame.window,
        step=frame.step,
        epoch=frame.epoch,
        model=pipeline.classifier.sha256,
        quality=reading.quality,
        scores=scale_scores(reading),
        engagement=None if engagement is None else scale(engagement.value),
        signs=scale_signs(reading),
    )


def _lost(frame: SlotFrame, reason: str) -> Observation:
    return Observation(
        participant_id=frame.participant_id,
        window=frame.window,
        step=frame.step,
        epoch=frame.epoch,
        model="",
        lost=reason,
    )


def _append(observations: list[Observation]) -> bool:
    if not observations:
        return True
    try:
        observation_log.append(broker_redis(), observations)
    except redis.RedisError as error:
        log.warning("observations_not_stored", error=type(error).__name__, n=len(observations))
        return False
    return True


def _report(read: list[tuple[SlotFrame, Observation]]) -> None:
    """Tell each web process what became of its frames."""
    by_web: dict[bytes, list[Outcome]] = {}
    for frame, observation in read:
        outcome = Outcome(
            frame.connection,
            frame.seq,
            observation.lost,
            observation.quality,
            observation.scores,
            observation.engagement,
        )
        by_web.setdefault(frame.web, []).append(outcome)
    pipe = frames_redis().pipeline(transaction=False)
    for web, outcomes in by_web.items():
        queue_outcomes(pipe, web, outcomes)
    pipe.execute()
