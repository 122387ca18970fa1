"""Factories of test data, created through the product's own actions where possible."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.models import GRANTS, Consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.engagement.face_reading import load_coefficients
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SCALE
from fer_lms.lessons.actions import enrol_person, join_session, start_session
from fer_lms.lessons.models import (
    Course,
    Lesson,
    LessonSession,
    Participant,
    Role,
    Step,
    Supporter,
)
from fer_lms.lessons.support_actions import assign_supporter
from fer_lms.people.models import User
from inference.results import LABELS

_numbers = itertools.count(1)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MODEL = load_coefficients().network


def make_user(**fields: Any) -> User:
    return User.objects.create(username=f"person-{next(_numbers)}", **fields)


def make_lesson(*, steps: int = 2, title: str = "Fractions") -> Lesson:
    course = Course.objects.create(title=f"Course {next(_numbers)}")
    lesson = Lesson.objects.create(course=course, title=title)
    for position in range(1, steps + 1):
        Step.objects.create(
            lesson=lesson, position=position, title=f"Part {position}", body="Read."
        )
    return lesson


def make_session(*, lesson: Lesson | None = None, started_at: datetime = NOON) -> LessonSession:
    session = start_session(lesson=lesson or make_lesson())
    session.started_at = started_at
    session.save()
    return session


def make_learner(session: LessonSession, **fields: Any) -> Participant:
    """Create a learner who enters when the session starts, or now if it starts later."""
    learner = join_session(session=session, user=make_user(**fields), role=Role.STUDENT)
    learner.joined_at = min(learner.joined_at, session.started_at)
    learner.save(update_fields=["joined_at"])
    return learner


def make_teacher(session: LessonSession) -> Participant:
    return join_session(session=session, user=make_user(), role=Role.TEACHER)


def make_teacher_of(lesson: Lesson) -> User:
    """Create a teacher of the course who has joined no session."""
    return enrol_person(course=lesson.course, user=make_user(), role=Role.TEACHER).user


def make_supporter(learner: Participant, **fields: Any) -> Supporter:
    """Name a supporter now; only later consent covers the link."""
    course = learner.session.lesson.course
    return assign_supporter(
        course=course, supporter=make_user(**fields), learner=learner.user, actor=None
    )


def grant_all(participant: Participant) -> Consent:
    return grant_consent(
        participant=participant,
        text_version=get_current_text_version(),
        grants=dict.fromkeys(GRANTS, True),
    )


def make_window(
    participant: Participant,
    *,
    number: int = 0,
    engagement: float | None = 0.7,
    seen_seconds: int = 10,
    label: str = "neutral",
    save: bool = True,
    **fields: Any,
) -> ObservationWindow:
    """Create a closed window, `number` windows after noon, with ten frames of one expression."""
    scored = 10 if seen_seconds else 0
    counts: dict[str, Any] = {
        "state": ObservationWindow.State.CLOSED,
        "counted_steps": None,
        "usable_steps": None,
        "feeds": None,
        "consent_epoch": 1,
        "model": MODEL,
        "accepted": 10,
        "processed": 10,
        "scored": scored,
        "no_face": 10 - scored,
        "score_sums": [scored * SCALE if name == label else 0 for name in LABELS],
        "engagement_count": 0 if engagement is None else scored,
        "engagement_sum": round((engagement or 0) * scored * SCALE),
        "seen_seconds": seen_seconds,
    }
    window = ObservationWindow(
        participant=participant,
        start_at=NOON + timedelta(seconds=10 * number),
        **(counts | fields),
    )
    if save:
        window.save()
    return window
