from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.live_release import release_due_sessions
from fer_lms.reports.queries import build_report
from tests.factories import NOON, make_learner, make_window

MakeClass = Callable[..., list[Participant]]
MINUTES = 12


def open_step(learner: Participant, position: int, *, second: float) -> None:
    InteractionEvent.objects.create(
        participant=learner,
        kind="step_opened",
        step=learner.session.lesson.steps.get(position=position),
        occurred_at=NOON + timedelta(seconds=second),
    )


def add_windows(learner: Participant, numbers: range, **fields: Any) -> None:
    """Create windows by their number after noon."""
    ObservationWindow.objects.bulk_create(
        make_window(learner, number=number, save=False, **fields) for number in numbers
    )


@pytest.fixture
def make_class(session: LessonSession) -> MakeClass:
    def make(
        size: int = 8, *, minutes: float = MINUTES, opened: float = 0, **fields: Any
    ) -> list[Participant]:
        """Create learners who open both steps and share their camera all the time.

        Args:
            minutes: How long they stay.
            opened: When they open the lesson, in seconds after noon.
        """
        learners = [make_learner(session) for _ in range(size)]
        for learner in learners:
            open_step(learner, 1, second=opened)
            open_step(learner, 2, second=opened + 30 * minutes)
            first = int(opened // 10)
            add_windows(learner, range(first, first + int(6 * minutes)), **fields)
        return learners

    return make


def release_at(minutes: float) -> int:
    """Release due sessions, `minutes` after noon."""
    return release_due_sessions(now=NOON + timedelta(minutes=minutes))


def end_at(session: LessonSession, minutes: float) -> LessonSession:
    """End a session, `minutes` after noon."""
    session = end_session(session=session)
    session.ended_at = NOON + timedelta(minutes=minutes)
    session.save()
    return session


def freeze(session: LessonSession, *, minutes: float = MINUTES) -> dict[str, Any]:
    """End a session, `minutes` after noon, and return its final report."""
    session = end_at(session, minutes)
    freeze_ended_reports(now=NOON + timedelta(days=9999))
    return build_report(session)
