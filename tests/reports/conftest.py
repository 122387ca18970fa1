from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.reports.actions import release_due_sessions
from tests.factories import NOON, make_learner, make_window

MakeClass = Callable[..., list[Participant]]


@pytest.fixture
def make_class(session: LessonSession) -> MakeClass:
    def make(size: int = 5, *, windows: int = 3, **fields: Any) -> list[Participant]:
        """Create learners with windows from noon on."""
        learners = [make_learner(session) for _ in range(size)]
        for learner in learners:
            for number in range(windows):
                make_window(learner, number=number, **fields)
        return learners

    return make


def release_at(minutes: float) -> int:
    """Release due sessions, `minutes` after noon."""
    return release_due_sessions(now=NOON + timedelta(minutes=minutes))
