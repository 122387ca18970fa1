from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from fer_lms import push
from fer_lms.lessons.models import (
    Course,
    Enrolment,
    InteractionEvent,
    Lesson,
    LessonSession,
    Participant,
    Role,
    Step,
)
from fer_lms.people.models import User


class EventFields(TypedDict):
    kind: str
    step_id: int | None
    value: str


def enrol_person(*, course: Course, user: User, role: Role) -> Enrolment:
    enrolment, _ = Enrolment.objects.update_or_create(
        course=course, user=user, defaults={"role": role, "active": True}
    )
    return enrolment


def start_session(*, lesson: Lesson) -> LessonSession:
    return LessonSession.objects.create(lesson=lesson, engagement_preset=lesson.engagement_preset)


def join_session(*, session: LessonSession, user: User, role: Role) -> Participant:
    """Find or make this person's place; coming back after leaving is coming back."""
    with transaction.atomic():
        enrol_person(course=session.lesson.course, user=user, role=role)
        participant, _ = Participant.objects.update_or_create(
            session=session, user=user, defaults={"role": role, "left_at": None}
        )
    return participant


@transaction.atomic
def end_session(*, session: LessonSession) -> LessonSession:
    """End a sitting once; ending it again changes nothing. Open cameras are told."""
    session = LessonSession.objects.select_for_update().get(pk=session.pk)
    if session.ended_at is None:
        session.ended_at = timezone.now()
        session.save(update_fields=["ended_at"])
        transaction.on_commit(lambda: push.session_changed(session.pk))
    return session


@transaction.atomic
def leave_session(*, participant: Participant) -> Participant:
    """The learner leaves; nothing that was given is taken back by that."""
    participant.left_at = timezone.now()
    participant.save(update_fields=["left_at"])
    transaction.on_commit(lambda: push.participant_changed(participant.pk))
    return participant


def record_events(*, participant: Participant, events: Sequence[EventFields]) -> int:
    """Store a batch of interaction events; a step of another lesson is stored as no step."""
    steps = set(
        Step.objects.filter(lesson_id=participant.session.lesson_id).values_list("pk", flat=True)
    )
    rows = [
        InteractionEvent(
            participant=participant,
            kind=event["kind"],
            step_id=event["step_id"] if event["step_id"] in steps else None,
            value=event["value"],
        )
        for event in events
    ]
    return len(InteractionEvent.objects.bulk_create(rows))
