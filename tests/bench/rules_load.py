"""A made-up class written into a database as it would have been stored: for benches and tests."""

from datetime import datetime, timedelta

from fer_lms.consent.models import Consent
from fer_lms.engagement.models import ObservationWindow
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
    *, participants: int, windows: int, began: datetime, seed: int = 0
) -> list[list[ObservationWindow]]:
    """Make an open sitting of simulated learners with consents and interactions; returns their
    closed windows, not yet saved, by number. Only for a database that is thrown away."""
    ensure_demo_policy()
    session = _sitting(began)
    steps = tuple(session.lesson.steps.values_list("pk", flat=True))
    made = simulate_class(
        seed=seed,
        learners=participants,
        minutes=max(windows // 6, 1),
        steps=steps,
        began=int(began.timestamp()),
    )
    learners = _learners(session, participants, began)
    InteractionEvent.objects.bulk_create(
        event
        for learner, one in zip(learners, made, strict=True)
        for event in _events(learner, one, began)
    )
    starts = [int(began.timestamp()) + 10 * number for number in range(windows)]
    return [
        [
            window_row(learner, one.windows[start])
            for learner, one in zip(learners, made, strict=True)
            if start in one.windows
        ]
        for start in starts
    ]


def window_row(learner: Participant, facts: WindowSummary) -> ObservationWindow:
    return ObservationWindow(
        participant=learner,
        start_at=datetime.fromtimestamp(facts.start, tz=learner.joined_at.tzinfo),
        state=ObservationWindow.State.CLOSED,
        consent_epoch=facts.epoch,
        model=SIMULATED_MODEL,
        counted_steps=None,
        usable_steps=None,
        feeds=None,
        accepted=facts.processed,
        processed=facts.processed,
        no_face=facts.no_face,
        scored=facts.scored,
        score_sums=list(facts.score_sums),
        sign_count=facts.readings,
        sign_sums=list(facts.sign_sums),
        sign_square_sums=list(facts.square_sums),
        seen_seconds=facts.seen_seconds,
    )


def _sitting(began: datetime) -> LessonSession:
    lesson = Lesson.objects.create(course=Course.objects.create(title="Rehearsal"), title="Made up")
    for position in range(1, 5):
        Step.objects.create(lesson=lesson, position=position, title=f"Step {position}")
    return LessonSession.objects.create(
        lesson=lesson, engagement_preset=lesson.engagement_preset, started_at=began
    )


def _learners(session: LessonSession, count: int, began: datetime) -> list[Participant]:
    people = User.objects.bulk_create(
        User(username=f"rehearsal-{number}", simulated=True) for number in range(count)
    )
    learners = Participant.objects.bulk_create(
        Participant(session=session, user=person, role=Role.STUDENT, joined_at=began)
        for person in people
    )
    Consent.objects.bulk_create(
        Consent(participant=learner, capture=True, server_processing=True, epoch=1, frames_epoch=1)
        for learner in learners
    )
    return learners


def _events(
    learner: Participant, made: SimulatedLearner, began: datetime
) -> list[InteractionEvent]:
    return [
        InteractionEvent(
            participant=learner,
            kind=action.kind,
            step_id=action.step,
            value=action.value,
            seconds=action.seconds,
            occurred_at=began + timedelta(seconds=action.at - made.began),
        )
        for action in made.actions
    ]
