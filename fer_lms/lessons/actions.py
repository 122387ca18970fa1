from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

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
from fer_lms.lessons.statements import tell_opened, tell_steps_viewed
from fer_lms.people.models import User

EVENTS_KEPT_BACK = timedelta(minutes=10)
"""So long may a client without network keep an event; an older one counts as that old."""
MOST_EVENTS = 600
"""What one learner may send within `EVENTS_KEPT_BACK`. A busy learner makes about 60."""


class TooManyEvents(Exception):
    """This learner's client sends more than anyone can do."""


class EventFields(TypedDict):
    kind: str
    step_id: int | None
    value: str
    attempts: NotRequired[int | None]
    seconds: NotRequired[int | None]
    ago_ms: NotRequired[int]
    key: NotRequired[str]


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
        if role == Role.STUDENT:
            tell_opened(participant)
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


@transaction.atomic
def record_events(*, participant: Participant, events: Sequence[EventFields]) -> int:
    """Store a batch of interaction events; returns how many were taken.

    A step of another lesson is stored as no step; a key seen before changes nothing.
    """
    now = timezone.now()
    _refuse_floods(participant, coming=len(events), now=now)
    steps = set(
        Step.objects.filter(lesson_id=participant.session.lesson_id).values_list("pk", flat=True)
    )
    rows = [
        InteractionEvent(
            participant=participant,
            kind=event["kind"],
            step_id=event["step_id"] if event["step_id"] in steps else None,
            value=event["value"],
            attempts=event.get("attempts"),
            seconds=event.get("seconds"),
            key=event.get("key") or "",
            occurred_at=_when(participant, now, event.get("ago_ms") or 0),
        )
        for event in events
    ]
    tell_steps_viewed(participant, rows)
    return len(InteractionEvent.objects.bulk_create(rows, ignore_conflicts=True))


def _refuse_floods(participant: Participant, *, coming: int, now: datetime) -> None:
    recent = participant.events.filter(occurred_at__gte=now - EVENTS_KEPT_BACK).count()
    if recent + coming > MOST_EVENTS:
        raise TooManyEvents


def _when(participant: Participant, now: datetime, ago_ms: int) -> datetime:
    """By the server's clock; never before the learner came, whatever the client's clock says."""
    ago = min(timedelta(milliseconds=ago_ms), EVENTS_KEPT_BACK)
    return min(now, max(now - ago, participant.joined_at))
