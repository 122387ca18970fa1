from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fer_lms import notifications
from fer_lms.lessons.marking import Key, is_right
from fer_lms.lessons.models import (
    Activity,
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
"""Events received of one learner within `MAX_EVENT_AGE`; an active learner causes about 60."""


LATE_EVENTS = timedelta(seconds=20)
"""How long a closed session accepts events of the time before; its report is frozen later."""


class EventLimitError(Exception):
    """The client sent more events than `MAX_RECENT_EVENTS`."""


class SessionClosedError(Exception):
    """The session is closed."""


class StepChangedError(Exception):
    """The step was changed since the learner's page showed it."""


class ClosingTimeError(Exception):
    """The closing time has passed already."""


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


def start_session(
    *, lesson: Lesson, closes_at: datetime | None = None, activity: Activity | None = None
) -> LessonSession:
    """Start a session of the lesson, for the students of one of its activities.

    Raises:
        ClosingTimeError: `closes_at` has passed.
    """
    _check_closing_time(closes_at)
    return LessonSession.objects.create(
        lesson=lesson,
        engagement_preset=lesson.engagement_preset,
        closes_at=closes_at,
        activity=activity,
    )


def enter_as_student(*, session: LessonSession, user: User) -> Participant | None:
    """Join an open session as a student.

    Returns:
        The participation. In a closed session that of earlier, unchanged, or None: nobody joins
        a closed session.
    """
    if session.is_open:
        return join_session(session=session, user=user, role=Role.STUDENT)
    return session.participants.filter(user=user, role=Role.STUDENT).first()


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
        session.ended_at = session.closed_at or timezone.now()
        session.save(update_fields=["ended_at"])
        transaction.on_commit(lambda: notifications.notify_session_changed(session.pk))
    return session


@transaction.atomic
def set_closing_time(*, session: LessonSession, closes_at: datetime | None) -> LessonSession:
    """Store when the session closes by itself; None: when a teacher closes it.

    Raises:
        ClosingTimeError: `closes_at` has passed.
        SessionClosedError: The session is closed, and a closed session is never reopened.
    """
    session = LessonSession.objects.select_for_update().get(pk=session.pk)
    if not session.is_open:
        raise SessionClosedError
    _check_closing_time(closes_at)
    session.closes_at = closes_at
    session.save(update_fields=["closes_at"])
    transaction.on_commit(lambda: notifications.notify_session_changed(session.pk))
    return session


def end_due_sessions(*, started_before: datetime) -> int:
    """End the sessions whose closing time has passed, and those that are open for too long.

    Args:
        started_before: Sessions that started earlier end.

    Returns:
        The number of sessions ended.
    """
    is_due = Q(closes_at__lte=timezone.now()) | Q(started_at__lt=started_before)
    sessions = list(LessonSession.objects.filter(is_due, ended_at__isnull=True))
    for session in sessions:
        end_session(session=session)
    return len(sessions)


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

    A step of another lesson is stored as null. An event whose key is stored already is skipped, and
    so is one that happened after the session closed.

    Returns:
        How many events were stored or known.

    Raises:
        EventLimitError: The learner would exceed `MAX_RECENT_EVENTS`.
        SessionClosedError: No event happened while the session was open, or they come too late.
    """
    now = timezone.now()
    # Concurrent batches must not each see room for all of them.
    Participant.objects.select_for_update().get(pk=participant.pk)
    _check_event_limit(participant, incoming=len(events), now=now)
    closed_at = participant.session.closed_at
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
            received_at=now,
        )
        for event in events
    ]
    if closed_at is not None:
        is_late = now - closed_at > LATE_EVENTS
        rows = [] if is_late else [row for row in rows if row.occurred_at <= closed_at]
        if not rows:
            raise SessionClosedError
    send_steps_viewed(participant, rows)
    return len(InteractionEvent.objects.bulk_create(rows, ignore_conflicts=True))


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    right: bool
    attempts: int
    feedback: str


@transaction.atomic
def answer_question(
    *,
    participant: Participant,
    question: Question,
    answer: str,
    seconds: int | None,
    key: str,
    revision: int | None = None,
    ago_ms: int = 0,
) -> GradedAnswer:
    """Grade an answer and store only whether it was right.

    An answer whose key is stored already is not graded again.

    Args:
        revision: That of the step which the learner saw; None: not checked.

    Raises:
        NoAnswer: The text is not an answer of the question's kind; nothing is stored.
        StepChangedError: The step has another revision.
        EventLimitError: The learner would exceed `MAX_RECENT_EVENTS`.
        SessionClosedError: The session is closed.
    """
    # Two concurrent attempts must get two numbers.
    Participant.objects.select_for_update().get(pk=participant.pk)
    answers = participant.events.filter(
        kind=InteractionEvent.Kind.ANSWERED, step_id=question.step_id
    )
    if key and (stored := answers.filter(key=key).first()):
        return _grade(question, stored.value == InteractionEvent.Answer.RIGHT, stored.attempts or 1)
    # One query: the revision and the question that belongs to it.
    question = Question.objects.select_related("step__lesson").get(pk=question.pk)
    if revision is not None and revision != question.step.revision:
        raise StepChangedError
    right = is_right(_build_key(question), answer)
    attempts = answers.count() + 1
    event: EventFields = {
        "kind": InteractionEvent.Kind.ANSWERED,
        "step_id": question.step_id,
        "value": InteractionEvent.Answer.RIGHT if right else InteractionEvent.Answer.WRONG,
        "attempts": attempts,
        "seconds": seconds,
        "ago_ms": ago_ms,
        "key": key,
    }
    record_events(participant=participant, events=[event])
    return _grade(question, right, attempts)


def _grade(question: Question, right: bool, attempts: int) -> GradedAnswer:
    return GradedAnswer(right, attempts, question.when_right if right else question.when_wrong)


def _build_key(question: Question) -> Key:
    return Key(
        kind=question.kind,
        choices=[bool(choice["right"]) for choice in question.choices],
        accepted=question.accepted,
        number=question.number,
        tolerance=question.tolerance,
        language=question.step.lesson.language,
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


def _check_closing_time(closes_at: datetime | None) -> None:
    if closes_at is not None and closes_at <= timezone.now():
        raise ClosingTimeError


def _check_event_limit(participant: Participant, *, incoming: int, now: datetime) -> None:
    # By receipt: the client chooses the time at which an event occurred.
    recent = participant.events.filter(received_at__gte=now - MAX_EVENT_AGE).count()
    if recent + incoming > MAX_RECENT_EVENTS:
        raise EventLimitError


def _compute_occurred_at(participant: Participant, now: datetime, ago_ms: int) -> datetime:
    """Compute an event's time by the server's clock, clamped between joining and now."""
    ago = min(timedelta(milliseconds=ago_ms), MAX_EVENT_AGE)
    return min(now, max(now - ago, participant.joined_at))
