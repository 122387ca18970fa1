"""Write a simulated class to a database as it would have been stored, for benchmarks and tests."""

from datetime import datetime, timedelta

from fer_lms.consent.models import Consent
from fer_lms.engagement.models import SUMMARY_FIELDS, ObservationWindow
from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.engagement.window_summary import WindowSummary
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
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class


def create_simulated_session(
    *, participants: int, windows: int, started_at: datetime, seed: int = 0
) -> list[list[ObservationWindow]]:
    """Create an open session of simulated learners with consents and interactions.

    Only for a temporary database.

    Returns:
        Their closed windows, not saved, by number of the window.
    """
    ensure_demo_policy()
    session = _create_session(started_at)
    simulated = simulate_class(
        seed=seed,
        learners=participants,
        minutes=max(windows // 6, 1),
        steps=tuple(session.lesson.steps.values_list("pk", flat=True)),
        started_at=int(started_at.timestamp()),
    )
    pairs = list(zip(_create_learners(session, participants, started_at), simulated, strict=True))
    InteractionEvent.objects.bulk_create(
        event
        for participant, learner in pairs
        for event in _build_events(participant, learner, started_at)
    )
    starts = [int(started_at.timestamp()) + 10 * number for number in range(windows)]
    return [
        [
            build_window(participant, learner.windows[start])
            for participant, learner in pairs
            if start in learner.windows
        ]
        for start in starts
    ]


def build_window(participant: Participant, summary: WindowSummary) -> ObservationWindow:
    """Return a closed window, not saved."""
    return ObservationWindow(
        participant=participant,
        start_at=datetime.fromtimestamp(summary.start, tz=participant.joined_at.tzinfo),
        state=ObservationWindow.State.CLOSED,
        model=SIMULATED_MODEL,
        counted_steps=None,
        usable_steps=None,
        feeds=None,
        accepted=summary.processed,
        **{name: getattr(summary, name) for name in SUMMARY_FIELDS},
    )


def _create_session(started_at: datetime) -> LessonSession:
    course = Course.objects.create(title="Simulation")
    lesson = Lesson.objects.create(course=course, title="Simulated")
    for position in range(1, 5):
        Step.objects.create(lesson=lesson, position=position, title=f"Step {position}")
    return LessonSession.objects.create(
        lesson=lesson, engagement_preset=lesson.engagement_preset, started_at=started_at
    )


def _create_learners(session: LessonSession, count: int, started_at: datetime) -> list[Participant]:
    users = User.objects.bulk_create(
        User(username=f"simulated-{number}", simulated=True) for number in range(count)
    )
    participants = Participant.objects.bulk_create(
        Participant(session=session, user=user, role=Role.STUDENT, joined_at=started_at)
        for user in users
    )
    Consent.objects.bulk_create(
        Consent(
            participant=participant, capture=True, server_processing=True, epoch=1, frames_epoch=1
        )
        for participant in participants
    )
    return participants


def _build_events(
    participant: Participant, learner: SimulatedLearner, started_at: datetime
) -> list[InteractionEvent]:
    return [
        InteractionEvent(
            participant=participant,
            kind=action.kind,
            step_id=action.step,
            value=action.value,
            seconds=action.seconds,
            occurred_at=started_at + timedelta(seconds=action.at - learner.started_at),
        )
        for action in learner.actions
    ]
