"""Earlier sessions of the demonstration's lessons, which differ in what was hard.

Each has a class of its own: levels of the camera of one class in two sessions would be linked
(docs/disclosure.md). Students act through the functions that serve real requests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.db import transaction
from django.utils import timezone

from fer_lms.demo.actions import ensure_demo_lessons, simulate_learner
from fer_lms.demo.lesson_files import CLASS_LESSON, OTHER_LESSONS, load_demo_lesson
from fer_lms.demo.simulated_actions import SimulatedAction
from fer_lms.demo.simulated_session import perform_action
from fer_lms.demo.simulation import SimulatedLearner
from fer_lms.engagement.actions import close_due_windows
from fer_lms.lessons.actions import end_session, start_session
from fer_lms.lessons.models import Lesson, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.reports.actions import freeze_report
from fer_lms.rules.actions import answer_hint
from fer_lms.rules.models import HintAnswer

SECONDS_PER_STEP: Final = 150
HELPED_SHARE: Final = 0.75


@dataclass(frozen=True, slots=True)
class PastClass:
    """A class that held a lesson.

    Attributes:
        lesson: Name of the lesson's file.
        days_ago: When.
        size: Number of students.
        hard: Indexes of the steps that were hard.
        has_cameras: Whether the students shared a camera.
    """

    lesson: str
    days_ago: int
    size: int
    hard: frozenset[int]
    has_cameras: bool = False


PAST_CLASSES: Final = (
    PastClass(CLASS_LESSON, 28, 9, frozenset({2})),
    PastClass(CLASS_LESSON, 21, 8, frozenset()),
    PastClass(CLASS_LESSON, 7, 10, frozenset({1, 2}), has_cameras=True),
    PastClass(OTHER_LESSONS[0], 5, 8, frozenset({3})),
    PastClass(OTHER_LESSONS[1], 2, 6, frozenset({0})),
)


@transaction.atomic
def ensure_past_sessions() -> int:
    """Create the earlier sessions, unless they exist; return how many were created."""
    course = ensure_demo_lessons().course
    if User.objects.filter(username=_name(0, 1)).exists():
        return 0
    lessons = {lesson.title: lesson for lesson in course.lessons.all()}
    for number, past in enumerate(PAST_CLASSES):
        title = load_demo_lesson(past.lesson).document["title"]
        _hold(lessons[title], past, number)
    return len(PAST_CLASSES)


def simulate_past_actions(past: PastClass, steps: int, random: Random) -> Iterator[SimulatedAction]:
    """Generate one student's actions; on hard steps most are wrong, ask for a hint and say so."""
    for step in range(steps):
        is_hard = step in past.hard
        second = step * SECONDS_PER_STEP + random.uniform(0, 30)
        yield SimulatedAction(second, "open", step)
        if random.random() < (0.85 if is_hard else 0.2):
            yield SimulatedAction(second + 40, "answer", step, "wrong")
        if random.random() < (0.7 if is_hard else 0.1):
            yield SimulatedAction(second + 55, "ask_hint", step)
        if random.random() < (0.8 if is_hard else 0.97):
            yield SimulatedAction(second + 85, "answer", step, "right")
        if random.random() < 0.8:
            words = ("hard", "hard", "hard", "fine") if is_hard else ("easy", "fine", "fine")
            yield SimulatedAction(second + 100, "self_report", step, random.choice(words))


def _hold(lesson: Lesson, past: PastClass, number: int) -> None:
    started_at = timezone.now().replace(second=0, microsecond=0) - timedelta(days=past.days_ago)
    session = start_session(lesson=lesson)
    session.started_at = started_at
    session.save(update_fields=["started_at"])
    learners = [
        simulate_learner(
            session,
            student,
            started_at,
            username=_name(number, student),
            has_camera=past.has_cameras,
        )
        for student in range(1, past.size + 1)
    ]
    if past.has_cameras:
        close_due_windows()
    _act(learners, past, number, started_at)
    _close(session, started_at)


def _act(
    learners: Sequence[tuple[Participant, SimulatedLearner | None]],
    past: PastClass,
    number: int,
    started_at: datetime,
) -> None:
    random = Random(number)  # noqa: S311 - reproducible, not a secret
    lesson = learners[0][0].session.lesson
    steps = list(lesson.steps.select_related("question").prefetch_related("hints"))
    for participant, _ in learners:
        for at, action in enumerate(simulate_past_actions(past, len(steps), random)):
            perform_action(participant, steps[action.step], action, f"past-{at}", started_at)
        for hint in participant.hints.all():
            if HintAnswer.Answer.HELPED in hint.allowed_answers and random.random() < HELPED_SHARE:
                answer_hint(
                    participant_id=participant.pk,
                    hint_id=hint.pk,
                    answer=HintAnswer.Answer.HELPED,
                )
        HintAnswer.objects.filter(hint__participant=participant).update(answered_at=started_at)


def _close(session: LessonSession, started_at: datetime) -> None:
    steps = session.lesson.steps.count()
    ended_at = started_at + timedelta(seconds=SECONDS_PER_STEP * (steps + 1))
    session.participants.update(joined_at=started_at, left_at=ended_at)
    ended = end_session(session=session)
    ended.ended_at = ended_at
    ended.save(update_fields=["ended_at"])
    freeze_report(session=ended)


def _name(number: int, student: int) -> str:
    return f"demo-past-{number}-{student}"
