"""Celery tasks of `bench_worker`; no other worker loads them."""

import time
from typing import Any

from fer_lms.celery import app
from fer_lms.consent.models import Consent
from fer_lms.consent.queries import get_current_text_version, get_disclosed_terms
from fer_lms.lessons.actions import start_session
from fer_lms.lessons.models import Course, Lesson, Participant, Role
from fer_lms.people.models import User
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.wire.slots import unpack_frame
from fer_lms.streaming.worker.drain import get_pipeline, read_frames

JPEGS_KEY = "bench:jpegs"
PARTICIPANTS_KEY = "bench:participants"
REPLIES_KEY = "bench:replies"


@app.task(name="bench.create_participants", ignore_result=True)
def create_participants(count: int) -> None:
    """Create participants with consent and store their ids."""
    ensure_demo_policy()
    course = Course.objects.create(title="Measurement")
    session = start_session(lesson=Lesson.objects.create(course=course, title="Measurement"))
    users = User.objects.bulk_create(
        User(username=f"measured-{number}", demo=True) for number in range(count)
    )
    participants = Participant.objects.bulk_create(
        Participant(session=session, user=user, role=Role.STUDENT) for user in users
    )
    version = get_current_text_version()
    Consent.objects.bulk_create(
        Consent(
            participant=participant,
            text_version=version,
            capture=True,
            server_processing=True,
            epoch=1,
            frames_epoch=1,
            **get_disclosed_terms(),
        )
        for participant in participants
    )
    ids = [participant.pk.bytes for participant in participants]
    get_frames_redis().rpush(PARTICIPANTS_KEY, *ids)
    get_frames_redis().rpush(REPLIES_KEY, count)


@app.task(name="bench.read_in_loop", ignore_result=True)
def read_in_loop(seconds: float) -> None:
    """Read frames with the pipeline alone; reply with frames a second and their number."""
    pipeline = get_pipeline()
    jpegs: Any = get_frames_redis().lrange(JPEGS_KEY, 0, -1)
    started, read = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        learner = read % len(jpegs)
        pipeline.track(learner).read(jpegs[learner], time.time())
        read += 1
    fps = read / (time.perf_counter() - started)
    get_frames_redis().rpush(REPLIES_KEY, f"{fps} {read}")


@app.task(name="bench.read_frame", ignore_result=True)
def read_frame(packed: bytes) -> None:
    """Read one frame from the message, with the same duties as a drained one."""
    read_frames([unpack_frame(packed)], get_pipeline)
