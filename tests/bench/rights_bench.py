"""Time to verify the audit log, to erase after withdrawals and to erase a person."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.audit.queries import verify_chain
from fer_lms.consent.actions import grant_consent, withdraw_consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.lessons.actions import join_session, start_session
from fer_lms.lessons.models import Course, Lesson, LessonSession, Participant, Role
from fer_lms.people.models import User
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.rights.actions import erase_person, erase_withdrawn_readings

LEARNERS = 30
ROWS_PER_TRANSACTION = 1000


def measure_rights(*, rows: int, minutes: int) -> dict[str, float]:
    """Return the keys of `bench_rights --json`. Only for a temporary database: erases people."""
    ensure_demo_policy()
    append_s = _measure_s(lambda: _append_events(rows))
    cpu_before = time.process_time()
    verify_s = _measure_s(_verify)
    verify_cpu_s = round(time.process_time() - cpu_before, 3)
    for learner in _create_class(minutes):
        withdraw_consent(participant=learner)
    withdrawals_erased_s = _measure_s(erase_withdrawn_readings)
    windows_left = ObservationWindow.objects.count()
    user = _create_class(minutes)[0].user
    person_erased_s = _measure_s(lambda: erase_person(user=user))
    return {
        "audit_rows": rows,
        "audit_append_seconds": append_s,
        "audit_verify_seconds": verify_s,
        "audit_verify_cpu_seconds": verify_cpu_s,
        "withdrawals": LEARNERS,
        "windows_each": minutes * 6,
        "all_withdrawals_erased_seconds": withdrawals_erased_s,
        "windows_left": windows_left,
        "person_erased_seconds": person_erased_s,
    }


def _measure_s(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 3)


def _append_events(rows: int) -> None:
    for first in range(0, rows, ROWS_PER_TRANSACTION):
        with transaction.atomic():
            for number in range(first, min(first + ROWS_PER_TRANSACTION, rows)):
                record_event(
                    actor=None, action="bench.done", subject="test", details={"number": number}
                )


def _verify() -> None:
    verdict = verify_chain()
    if not verdict.is_intact:
        raise AssertionError(verdict.problem)


def _create_class(minutes: int) -> list[Participant]:
    """Create learners with consent and the windows of one lesson."""
    course = Course.objects.create(title="Bench")
    session = start_session(lesson=Lesson.objects.create(course=course, title="Bench"))
    return [_create_learner(session, minutes) for _ in range(LEARNERS)]


def _create_learner(session: LessonSession, minutes: int) -> Participant:
    user = User.objects.create(username=f"bench-{User.objects.count()}", demo=True)
    learner = join_session(session=session, user=user, role=Role.STUDENT)
    version = get_current_text_version()
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
