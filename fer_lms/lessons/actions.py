from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict

from django.db import transaction
from django.utils import timezone

from fer_lms import push
from fer_lms.lessons.marking import Key, is_right
from fer_lms.lessons.models import (
    Course,
    Enrolment,
    InteractionEvent,
    LearnerProfile,
    Lesson,
    LessonSession,
    Participant,
    Question,
    Role,
    Step,
)
from fer_lms.lessons.statements import send_lesson_opened, send_steps_viewed
from fer_lms.people.models import User

MAX_EVENT_AGE = timedelta(minutes=10)
"""So long may a client without network keep an event; an older one counts as that old."""
MAX_RECENT_EVENTS = 600
"""What one learner may send within `MAX_EVENT_AGE`. A busy learner makes about 60."""


class EventLimitError(Exception):
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
            send_lesson_opened(participant)
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
    send_steps_viewed(participant, rows)
    return len(InteractionEvent.objects.bulk_create(rows, ignore_conflicts=True))


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    right: bool
    attempts: int
    feedback: str


@transaction.atomic
def answer_question(
    *, participant: Participant, question: Question, answer: str, seconds: int | None, key: str
) -> GradedAnswer:
    """Mark an answer and store that it was right or wrong; never what was written.

    Raises `marking.NoAnswer` for what cannot be an answer; then nothing is stored.
    """
    right = is_right(_key_of(question), answer)
    Participant.objects.select_for_update().get(pk=participant.pk)  # two tries are two numbers
    tries = participant.events.filter(kind=InteractionEvent.Kind.ANSWERED, step_id=question.step_id)
    before = tries.exclude(key=key) if key else tries
    attempts = before.count() + 1
    event: EventFields = {
        "kind": InteractionEvent.Kind.ANSWERED,
        "step_id": question.step_id,
        "value": InteractionEvent.Answer.RIGHT if right else InteractionEvent.Answer.WRONG,
        "attempts": attempts,
        "seconds": seconds,
        "key": key,
    }
    record_events(participant=participant, events=[event])
    return GradedAnswer(right, attempts, question.when_right if right else question.when_wrong)


def _key_of(question: Question) -> Key:
    return Key(
        kind=question.kind,
        choices=[bool(choice["right"]) for choice in question.choices],
        accepted=question.accepted,
        number=question.number,
        tolerance=question.tolerance,
    )


@transaction.atomic
def save_profile(*, user: User, values: Mapping[str, Any]) -> LearnerProfile:
    """Keep how this learner wants to be met; the usual is not kept at all."""
    usual = LearnerProfile(user=user)
    if all(getattr(usual, name) == value for name, value in values.items()):
        LearnerProfile.objects.filter(user=user).delete()
        return usual
    profile, _ = LearnerProfile.objects.update_or_create(user=user, defaults=dict(values))
    return profile


def _refuse_floods(participant: Participant, *, coming: int, now: datetime) -> None:
    recent = participant.events.filter(occurred_at__gte=now - MAX_EVENT_AGE).count()
    if recent + coming > MAX_RECENT_EVENTS:
        raise EventLimitError


def _when(participant: Participant, now: datetime, ago_ms: int) -> datetime:
    """By the server's clock; never before the learner came, whatever the client's clock says."""
    ago = min(timedelta(milliseconds=ago_ms), MAX_EVENT_AGE)
    return min(now, max(now - ago, participant.joined_at))
