"""What rights cost: a verified audit log, a withdrawal carried out, a person erased."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.audit.queries import verify_chain
from fer_lms.consent.actions import grant_consent, withdraw_consent
from fer_lms.consent.queries import current_text_version
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.lessons.actions import join_session, start_session
from fer_lms.lessons.models import Course, Lesson, LessonSession, Participant, Role
from fer_lms.people.models import User
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.rights.actions import erase_person, erase_withdrawn_readings

LEARNERS = 30
COMMIT_EVERY = 1000


def measure_rights(*, rows: int, minutes: int) -> dict[str, float]:
    """Seconds, on the database that is set; the caller sees to it that it is a temporary one."""
    ensure_demo_policy()
    appended = _seconds(lambda: _append(rows))
    cpu = time.process_time()
    verified = _seconds(_verify)
    verify_cpu = round(time.process_time() - cpu, 3)
    learners = _class(minutes)
    for learner in learners:
        withdraw_consent(participant=learner)
    withdrawn = _seconds(erase_withdrawn_readings)
    left = ObservationWindow.objects.count()
    people = _class(minutes)
    erased = _seconds(lambda: erase_person(user=people[0].user))
    return {
        "audit_rows": rows,
        "audit_append_seconds": appended,
        "audit_verify_seconds": verified,
        "audit_verify_cpu_seconds": verify_cpu,
        "withdrawals": LEARNERS,
        "windows_each": minutes * 6,
        "all_withdrawals_erased_seconds": withdrawn,
        "windows_left": left,
        "person_erased_seconds": erased,
    }


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 3)


def _append(rows: int) -> None:
    for first in range(0, rows, COMMIT_EVERY):
        with transaction.atomic():
            for number in range(first, min(first + COMMIT_EVERY, rows)):
                record_event(actor=None, action="bench.done", details={"number": number})


def _verify() -> None:
    verdict = verify_chain()
    if not verdict.is_intact:
        raise AssertionError(verdict.problem)


def _class(minutes: int) -> list[Participant]:
    """A whole class, each with a lesson's windows."""
    course = Course.objects.create(title="Bench")
    session = start_session(lesson=Lesson.objects.create(course=course, title="Bench"))
    return [_learner(session, minutes) for _ in range(LEARNERS)]


def _learner(session: LessonSession, minutes: int) -> Participant:
    user = User.objects.create(username=f"bench-{User.objects.count()}", demo=True)
    learner = join_session(session=session, user=user, role=Role.STUDENT)
    version = current_text_version()
    grants = {"capture": True, "server_processing": True}
    consent = grant_consent(participant=learner, text_version=version, grants=grants)
    start_at = timezone.now() - timedelta(minutes=minutes)
    ObservationWindow.objects.bulk_create(
        ObservationWindow(
            participant=learner,
            start_at=start_at + timedelta(seconds=10 * number),
            state=ObservationWindow.State.CLOSED,
            consent_epoch=consent.frames_epoch,
            model=SIMULATED_MODEL,
            scored=10,
            score_sums=[10_000] * 8,
        )
        for number in range(minutes * 6)
    )
    return learner
