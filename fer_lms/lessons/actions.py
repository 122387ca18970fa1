from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict

from django.db import transaction
from django.utils import timezone

from fer_lms import notifications
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
from fer_lms.lessons.statements import send_steps_viewed, to_xapi_session
from fer_lms.people.models import User
from fer_lms.xapi.actions import queue_lesson_opened

MAX_EVENT_AGE = timedelta(minutes=10)
"""Maximum delay of an event from an offline client; older times are clamped to this age."""
MAX_RECENT_EVENTS = 600
"""Events of one learner within `MAX_EVENT_AGE`; an active learner causes about 60."""


class EventLimitError(Exception):
    """The client sent more events than `MAX_RECENT_EVENTS`."""


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
    """Find or create the user's participation; a participant who left becomes present again."""
    with transaction.atomic():
        enrol_person(course=session.lesson.course, user=user, role=role)
        participant, _ = Participant.objects.update_or_create(
            session=session, user=user, defaults={"role": role, "left_at": None}
        )
        if role == Role.STUDENT:
            queue_lesson_opened(user=user, session=to_xapi_session(session))
    return participant


@transaction.atomic
def end_session(*, session: LessonSession) -> LessonSession:
    """End a session and notify its open sockets. Ending it again changes nothing."""
    session = LessonSession.objects.select_for_update().get(pk=session.pk)
    if session.ended_at is None:
        session.ended_at = timezone.now()
        session.save(update_fields=["ended_at"])
        transaction.on_commit(lambda: notifications.notify_session_changed(session.pk))
    return session


@transaction.atomic
def leave_session(*, participant: Participant) -> Participant:
    """Store that the learner left; consents do not change."""
    participant.left_at = timezone.now()
    participant.save(update_fields=["left_at"])
    transaction.on_commit(lambda: notifications.notify_participant_changed(participant.pk))
    return participant


@transaction.atomic
def record_events(*, participant: Participant, events: Sequence[EventFields]) -> int:
    """Store a batch of interaction events.

    A step of another lesson is stored as null. An event whose key is stored already is skipped.

    Returns:
        How many events were submitted.

    Raises:
        EventLimitError: The learner would exceed `MAX_RECENT_EVENTS`.
    """
    now = timezone.now()
    _check_event_limit(participant, incoming=len(events), now=now)
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
            occurred_at=_compute_occurred_at(participant, now, event.get("ago_ms") or 0),
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
    """Grade an answer and store only whether it was right.

    Raises:
        NoAnswer: The text is not an answer of the question's kind; nothing is stored.
        EventLimitError: The learner would exceed `MAX_RECENT_EVENTS`.
    """
    right = is_right(_build_key(question), answer)
    # Two concurrent attempts must get two numbers.
    Participant.objects.select_for_update().get(pk=participant.pk)
    answers = participant.events.filter(
        kind=InteractionEvent.Kind.ANSWERED, step_id=question.step_id
    )
    earlier = answers.exclude(key=key) if key else answers
    attempts = earlier.count() + 1
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


def _build_key(question: Question) -> Key:
    return Key(
        kind=question.kind,
        choices=[bool(choice["right"]) for choice in question.choices],
        accepted=question.accepted,
        number=question.number,
        tolerance=question.tolerance,
    )


@transaction.atomic
def save_profile(*, user: User, values: Mapping[str, Any]) -> LearnerProfile:
    """Store the learner's preferences; preferences that equal the defaults leave no row."""
    default = LearnerProfile(user=user)
    if all(getattr(default, name) == value for name, value in values.items()):
        LearnerProfile.objects.filter(user=user).delete()
        return default
    profile, _ = LearnerProfile.objects.update_or_create(user=user, defaults=dict(values))
    return profile


def _check_event_limit(participant: Participant, *, incoming: int, now: datetime) -> None:
    recent = participant.events.filter(occurred_at__gte=now - MAX_EVENT_AGE).count()
    if recent + incoming > MAX_RECENT_EVENTS:
        raise EventLimitError


def _compute_occurred_at(participant: Participant, now: datetime, ago_ms: int) -> datetime:
    """Compute an event's time by the server's clock, clamped between joining and now."""
    ago = min(timedelta(milliseconds=ago_ms), MAX_EVENT_AGE)
    return min(now, max(now - ago, participant.joined_at))
