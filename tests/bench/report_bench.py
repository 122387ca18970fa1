"""Cost of the releases of a large class, and of its report by REST."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from fer_lms.disclosure.cohort import LIVE_DECISION_SECONDS
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SCALE, SIMULATED_MODEL
from fer_lms.lessons.actions import end_session, join_session, start_session
from fer_lms.lessons.models import (
    Course,
    InteractionEvent,
    Lesson,
    LessonSession,
    Participant,
    Role,
    Step,
)
from fer_lms.people.models import User
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.reports import activity_release
from fer_lms.reports.actions import freeze_report
from fer_lms.reports.live_release import release_session
from inference.results import LABELS

STEPS = 10
REQUESTS = 60
FILES = ("csv", "json", "pdf", "xlsx")
FILE_REQUESTS = 10


def measure_report(*, students: int, minutes: int) -> dict[str, Any]:
    """Return the keys of `bench_report --json`. Only for a temporary database."""
    ensure_demo_policy()
    session, teacher = create_class(students, minutes)
    now = session.started_at + timedelta(minutes=minutes)
    decided = session.started_at + timedelta(seconds=LIVE_DECISION_SECONDS + 60)
    release_session(session=session, now=decided, seconds=60)
    view_cpu_s, _ = _measure(
        lambda: activity_release.release_session(session=session, now=now, index=minutes)
    )
    live_cpu_s, _ = _measure(lambda: release_session(session=session, now=now, seconds=60))
    latencies = measure_requests(session, teacher)
    session = end_session(session=session)
    session.ended_at = now
    session.save()
    with _record_transactions() as held:
        cpu_s, wall_s = _measure(lambda: freeze_report(session=session))
    final = measure_requests(session, teacher)
    files = {
        name: measure_requests(session, teacher, file=f"report.{name}", requests=FILE_REQUESTS)
        for name in FILES
    }
    return {
        "database": connection.vendor,
        "students": students,
        "minutes": minutes,
        "windows": ObservationWindow.objects.count(),
        "release_cpu_seconds": cpu_s,
        "release_wall_seconds": wall_s,
        "release_transaction_seconds": round(max(held), 3),
        "live_release_cpu_seconds": live_cpu_s,
        "live_view_cpu_seconds": view_cpu_s,
        "open_report_ms": latencies,
        "final_report_ms": final,
        "files_ms": files,
    }


def create_class(students: int, minutes: int) -> tuple[LessonSession, User]:
    """Create a class with a window every ten seconds and an event every minute."""
    lesson = Lesson.objects.create(course=Course.objects.create(title="Bench"), title="Bench")
    steps = [
        Step.objects.create(lesson=lesson, position=number, title=f"Part {number}")
        for number in range(1, STEPS + 1)
    ]
    session = start_session(lesson=lesson)
    now = timezone.now().replace(second=0, microsecond=0)
    session.started_at = now - timedelta(minutes=minutes)
    session.save()
    learners = [_create_participant(session, Role.STUDENT) for _ in range(students)]
    for learner in learners:
        ObservationWindow.objects.bulk_create(
            _build_window(learner, number) for number in range(6 * minutes)
        )
        InteractionEvent.objects.bulk_create(
            InteractionEvent(
                participant=learner,
                kind="step_opened" if minute % (minutes // STEPS) == 0 else "hint_asked",
                step=steps[min(minute * STEPS // minutes, STEPS - 1)],
                occurred_at=session.started_at + timedelta(minutes=minute),
            )
            for minute in range(minutes)
        )
    teacher = _create_participant(session, Role.TEACHER).user
    return session, teacher


def measure_requests(
    session: LessonSession, teacher: User, *, file: str = "report", requests: int = REQUESTS
) -> dict[str, float]:
    """Return percentiles of the time of `GET report` or of a file of it, in ms."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(teacher)
    times = []
    for _ in range(requests):
        start = time.perf_counter()
        answer = client.get(f"/api/v1/sessions/{session.pk}/{file}")
        times.append(1000 * (time.perf_counter() - start))
        if answer.status_code != 200:
            raise AssertionError(answer.content)
    times.sort()
    return {"p50": round(times[requests // 2], 1), "p95": round(times[requests * 95 // 100], 1)}


def _create_participant(session: LessonSession, role: Role) -> Participant:
    user = User.objects.create(username=f"bench-{User.objects.count()}", demo=True)
    participant = join_session(session=session, user=user, role=role)
    participant.joined_at = session.started_at
    participant.save(update_fields=["joined_at"])
    return participant


def _build_window(learner: Participant, number: int) -> ObservationWindow:
    frames, value = 20, (number * 37 + learner.pk.int % 89) % 100 / 100
    return ObservationWindow(
        participant=learner,
        start_at=learner.session.started_at + timedelta(seconds=10 * number),
        state="closed",
        counted_steps=None,
        usable_steps=None,
        feeds=None,
        consent_epoch=1,
        model=SIMULATED_MODEL,
        accepted=frames,
        processed=frames,
        scored=frames,
        score_sums=[frames * SCALE // len(LABELS)] * len(LABELS),
        engagement_count=frames,
        engagement_sum=round(value * frames * SCALE),
        seen_seconds=10,
    )


def _measure(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the seconds of this process's CPU and of the clock; the work must succeed."""
    cpu, start = time.process_time(), time.perf_counter()
    if not work():
        raise AssertionError("nothing was released")
    return round(time.process_time() - cpu, 2), round(time.perf_counter() - start, 2)


@contextmanager
def _record_transactions() -> Iterator[list[float]]:
    """Record how long each outermost transaction lasts, in seconds."""
    lasted: list[float] = []
    enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__
    started: list[float] = []

    def start(block: transaction.Atomic) -> None:
        started.append(time.perf_counter())
        enter(block)

    def finish(block: transaction.Atomic, *exception: Any) -> None:
        leave(block, *exception)
        lasted.append(time.perf_counter() - started.pop())

    transaction.Atomic.__enter__, transaction.Atomic.__exit__ = start, finish  # type: ignore[method-assign]
    try:
        yield lasted
    finally:
        transaction.Atomic.__enter__, transaction.Atomic.__exit__ = enter, leave  # type: ignore[method-assign]
