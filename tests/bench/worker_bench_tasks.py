"""What the worker of `bench_worker` can do besides draining slots. No other worker loads this."""

import time
from typing import Any

from fer_lms.celery import app
from fer_lms.consent.models import Consent
from fer_lms.consent.queries import current_text_version, disclosed_terms
from fer_lms.lessons.actions import start_session
from fer_lms.lessons.models import Course, Lesson, Participant, Role
from fer_lms.people.models import User
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.wire.slots import unpack_frame
from fer_lms.streaming.worker.drain import get_pipeline, read_frames

POOL = "bench:pool"
"""JPEG frames to read."""
PARTICIPANTS = "bench:participants"
ANSWERS = "bench:answers"


@app.task(name="bench.seat_participants", ignore_result=True)
def seat_participants(count: int) -> None:
    """Make participants who consent, and answer with their ids."""
    ensure_demo_policy()
    course = Course.objects.create(title="Measurement")
    session = start_session(lesson=Lesson.objects.create(course=course, title="Measurement"))
    users = User.objects.bulk_create(
        User(username=f"measured-{number}", demo=True) for number in range(count)
    )
    participants = Participant.objects.bulk_create(
        Participant(session=session, user=user, role=Role.STUDENT) for user in users
    )
    version = current_text_version()
    Consent.objects.bulk_create(
        Consent(
            participant=each,
            text_version=version,
            capture=True,
            server_processing=True,
            epoch=1,
            frames_epoch=1,
            **disclosed_terms(),
        )
        for each in participants
    )
    get_frames_redis().rpush(PARTICIPANTS, *(each.pk.bytes for each in participants))
    get_frames_redis().rpush(ANSWERS, count)


@app.task(name="bench.read_bare", ignore_result=True)
def read_bare(seconds: float) -> None:
    """The bare loop: the pipeline and nothing else. Answers frames a second, and how many."""
    pipeline = get_pipeline()
    jpegs: Any = get_frames_redis().lrange(POOL, 0, -1)
    started, read = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        pipeline.read(jpegs[read % len(jpegs)])
        read += 1
    rate = read / (time.perf_counter() - started)
    get_frames_redis().rpush(ANSWERS, f"{rate} {read}")


@app.task(name="bench.read_one", ignore_result=True)
def read_one(packed: bytes) -> None:
    """One frame that came in the message, with the same duties as a drained one."""
    read_frames([unpack_frame(packed)], get_pipeline)
