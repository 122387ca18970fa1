import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.demo.lesson_files import (
    CLASS_LESSON,
    OTHER_LESSONS,
    load_demo_lesson,
    select_language,
)
from fer_lms.demo.models import DemoSession
from fer_lms.demo.simulated_session import run_simulated_actions
from fer_lms.demo.simulation import (
    LEARNER_COUNT,
    SESSION_SECONDS,
    SimulatedLearner,
    simulate_observations,
)
from fer_lms.engagement.actions import close_due_windows, write_windows
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.lessons.actions import join_session, start_session
from fer_lms.lessons.content.authoring import import_lesson, import_step
from fer_lms.lessons.models import (
    Course,
    Lesson,
    LessonSession,
    Participant,
    Role,
)
from fer_lms.people.models import User
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.policy.queries import get_disclosed_policy
from fer_lms.reports import activity_release
from fer_lms.reports.live_release import release_due_sessions

COURSE_TITLE = "Demonstration"
ADMIN_USERNAME = "demo-admin"
MAX_SESSION_AGE = timedelta(hours=12)
"""An older open session is ended and replaced by a new one."""


def ensure_demo_data() -> LessonSession:
    """Create the missing data of the demonstration and return its open session."""
    ensure_demo_policy()
    ensure_admin()
    return ensure_open_session()


@transaction.atomic
def ensure_open_session() -> LessonSession:
    """Return the open demonstration session in the reader's language.

    Where there is none, it is created with simulated learners.
    """
    lesson = ensure_demo_lessons()
    current = _list_demo_sessions().first()
    if current and current.session.is_open and _is_recent(current.session):
        return current.session
    LessonSession.objects.filter(demosession__in=_list_demo_sessions(), ended_at=None).update(
        ended_at=timezone.now()
    )
    session = start_session(lesson=lesson)
    DemoSession.objects.create(session=session)
    _simulate_class(session)
    return session


def _list_demo_sessions() -> QuerySet[DemoSession]:
    """Return the demonstration sessions in the reader's language, newest first."""
    language = load_demo_lesson(CLASS_LESSON, select_language(get_language())).document["language"]
    sessions = DemoSession.objects.filter(session__lesson__language=language)
    return sessions.select_related("session__lesson").order_by("-id")


def get_student_session() -> LessonSession:
    """Return the newest demonstration session, also where it is closed.

    A student never starts a session, except the first one of the demonstration.
    """
    newest = _list_demo_sessions().first()
    return newest.session if newest else ensure_open_session()


@transaction.atomic
def ensure_demo_lessons() -> Lesson:
    """Return the lesson of the simulated class, after creating all demonstration lessons.

    Concurrent callers are serialised by a lock on the administrator's row, whose name is unique, so
    that only one course is created.
    """
    User.objects.select_for_update().get(pk=ensure_admin().pk)
    course = Course.objects.filter(title=COURSE_TITLE).order_by("pk").first()
    course = course or Course.objects.create(title=COURSE_TITLE)
    for name in OTHER_LESSONS:
        _ensure_demo_lesson(course, name)
    return _ensure_demo_lesson(course, CLASS_LESSON)


@transaction.atomic
def _ensure_demo_lesson(course: Course, name: str) -> Lesson:
    """Create or update a lesson in the reader's language, unless its steps were edited."""
    file = load_demo_lesson(name, select_language(get_language()))
    lesson = course.lessons.filter(title=file.document["title"]).order_by("pk").first()
    if lesson is None:
        return import_lesson(course=course, document=file.document, pictures=file.pictures)
    steps = list(lesson.steps.all())
    if len(steps) == len(file.document["steps"]) and not any(step.revision for step in steps):
        for step, content in zip(steps, file.document["steps"], strict=True):
            import_step(step=step, content=content, pictures=file.pictures)
    return lesson


def ensure_admin() -> User:
    """Return the administrator; the password is created once and stored in a file."""
    admin, created = User.objects.get_or_create(
        username=ADMIN_USERNAME, defaults={"demo": True, "is_staff": True, "is_superuser": True}
    )
    if created or not get_admin_password_path().exists():
        admin.set_password(_create_password())
        admin.save(update_fields=["password"])
    return admin


def get_admin_password_path() -> Path:
    return Path(settings.VAR_DIR) / "demo-admin-password"


def ensure_person(*, name: str, role: str) -> User:
    """Return the demonstration user of this name and role.

    The same name in another role is another user, so that no user is both teacher and student.
    """
    digest = hashlib.sha256(name.casefold().encode()).hexdigest()[:20]
    person, created = User.objects.get_or_create(
        username=f"demo-{role}-{digest}", demo=True, defaults={"first_name": name}
    )
    if created:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    return person


def _create_password() -> str:
    password = secrets.token_urlsafe(12)
    path = get_admin_password_path()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(password + "\n")
    return password


def _is_recent(session: LessonSession) -> bool:
    return session.started_at > timezone.now() - MAX_SESSION_AGE


def _simulate_class(session: LessonSession) -> None:
    """Simulate the last ten minutes of a class whose learners consented to the camera."""
    now = int(timezone.now().timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS
    started_at = datetime.fromtimestamp(now - SESSION_SECONDS - 30, tz=UTC)
    session.started_at = started_at
    session.save(update_fields=["started_at"])
    learners = [
        simulate_learner(session, number, started_at) for number in range(1, LEARNER_COUNT + 1)
    ]
    close_due_windows()
    run_simulated_actions([(who, learner) for who, learner in learners if learner], started_at)
    _release_live_view(session, started_at)
    release_due_sessions()


def _release_live_view(session: LessonSession, started_at: datetime) -> None:
    """Release the live view as it was while the class was stuck."""
    seconds = get_disclosed_policy().live_seconds
    for index in range(1, SESSION_SECONDS // seconds):
        at = started_at + timedelta(seconds=index * seconds)
        activity_release.release_session(session=session, now=at, index=index)


def simulate_learner(
    session: LessonSession,
    number: int,
    started_at: datetime,
    *,
    username: str = "",
    has_camera: bool = True,
) -> tuple[Participant, SimulatedLearner | None]:
    """Let a simulated learner join a session; with a camera, all readings are written."""
    user, _ = User.objects.get_or_create(
        username=username or f"demo-simulated-{number}",
        defaults={"first_name": f"Simulated student {number}", "demo": True, "simulated": True},
    )
    participant = join_session(session=session, user=user, role=Role.STUDENT)
    if not has_camera:
        return participant, None
    consent = grant_consent(
        participant=participant,
        text_version=get_current_text_version(),
        grants={"capture": True, "server_processing": True},
    )
    learner = SimulatedLearner(
        participant.pk, number, consent.frames_epoch, session.engagement_preset
    )
    start_ms = int(started_at.timestamp() * 1000)
    feeds, observations = simulate_observations(learner, start_ms=start_ms)
    write_windows(observations=observations, feeds=feeds)
    return participant, learner
