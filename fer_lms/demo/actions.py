import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.queries import current_text_version
from fer_lms.demo import lesson as ready
from fer_lms.demo.models import DemoSession
from fer_lms.demo.simulated_session import run_simulated_actions
from fer_lms.demo.simulation import LEARNERS, SECONDS, SimulatedLearner, simulate_observations
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
from fer_lms.reports.actions import release_due_sessions

COURSE = "Demonstration"
ADMIN = "demo-admin"
STALE_AFTER = timedelta(hours=12)
"""An open sitting older than this is of another day: it is ended and a fresh one made."""


def ensure_demo() -> LessonSession:
    """Everything the demonstration needs; what is there already stays as it is."""
    ensure_demo_policy()
    ensure_admin()
    return ensure_open_session()


@transaction.atomic
def ensure_open_session() -> LessonSession:
    """The open demonstration sitting with its simulated learners; a new one where it has ended."""
    lesson = ensure_lesson()
    current = DemoSession.objects.filter(session__ended_at=None).order_by("-id").first()
    if current and current.session.started_at > timezone.now() - STALE_AFTER:
        return current.session
    LessonSession.objects.filter(demosession__isnull=False, ended_at=None).update(
        ended_at=timezone.now()
    )
    session = start_session(lesson=lesson)
    DemoSession.objects.create(session=session)
    _play_class(session)
    return session


@transaction.atomic
def ensure_lesson() -> Lesson:
    """The lesson that the class sits in; the others stand beside it.

    The page may be opened while the demonstration is still being set up: one at a time, by the one
    row that has a unique name, so that there is one course.
    """
    User.objects.select_for_update().get(pk=ensure_admin().pk)
    course = Course.objects.filter(title=COURSE).order_by("pk").first()
    course = course or Course.objects.create(title=COURSE)
    for name in ready.OTHERS:
        _ensure_ready(course, name)
    return _ensure_ready(course, ready.SHOWN)


@transaction.atomic
def _ensure_ready(course: Course, name: str) -> Lesson:
    """A ready lesson as it is delivered; one that somebody has written in stays as it is."""
    read = ready.load_demo_lesson(name)
    lesson = course.lessons.filter(title=read.document["title"]).order_by("pk").first()
    if lesson is None:
        return import_lesson(course=course, document=read.document, pictures=read.pictures)
    steps = list(lesson.steps.all())
    if len(steps) == len(read.document["steps"]) and not any(step.revision for step in steps):
        for step, content in zip(steps, read.document["steps"], strict=True):
            import_step(step=step, content=content, pictures=read.pictures)
    return lesson


def ensure_admin() -> User:
    """The demonstration's administrator; the password is made once and lies beside the data."""
    admin, made = User.objects.get_or_create(
        username=ADMIN, defaults={"demo": True, "is_staff": True, "is_superuser": True}
    )
    if made or not admin_password_file().exists():
        admin.set_password(_new_password())
        admin.save(update_fields=["password"])
    return admin


def admin_password_file() -> Path:
    return Path(settings.VAR_DIR) / "demo-admin-password"


def ensure_person(*, name: str, role: str) -> User:
    """The demo person of this name in this role. The same name in the other role is another
    person, so that nobody reads a class's report of themselves, or loses a place by teaching."""
    digest = hashlib.sha256(name.casefold().encode()).hexdigest()[:20]
    person, made = User.objects.get_or_create(
        username=f"demo-{role}-{digest}", demo=True, defaults={"first_name": name}
    )
    if made:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    return person


@transaction.atomic
def enter_demo(*, name: str, role: Role, session: LessonSession) -> Participant:
    return join_session(session=session, user=ensure_person(name=name, role=role), role=role)


def _new_password() -> str:
    password = secrets.token_urlsafe(12)
    path = admin_password_file()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password + "\n")
    return password


def _play_class(session: LessonSession) -> None:
    """Eight simulated learners who were here for the last ten minutes, consent and all."""
    now = int(timezone.now().timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS
    began_at = datetime.fromtimestamp(now - SECONDS - 30, tz=UTC)
    session.started_at = began_at
    session.save(update_fields=["started_at"])
    places = [_play_learner(session, number, began_at) for number in range(1, LEARNERS + 1)]
    close_due_windows()
    run_simulated_actions(places, began_at)
    release_due_sessions()


def _play_learner(
    session: LessonSession, number: int, began_at: datetime
) -> tuple[Participant, SimulatedLearner]:
    user, _ = User.objects.get_or_create(
        username=f"demo-simulated-{number}",
        defaults={"first_name": f"Simulated learner {number}", "demo": True, "simulated": True},
    )
    participant = join_session(session=session, user=user, role=Role.STUDENT)
    consent = grant_consent(
        participant=participant,
        text_version=current_text_version(),
        grants={"capture": True, "server_processing": True},
    )
    player = SimulatedLearner(
        participant.pk, number, consent.frames_epoch, session.engagement_preset
    )
    starts_ms = int(began_at.timestamp() * 1000)
    feeds, observations = simulate_observations(player, starts_ms=starts_ms)
    write_windows(observations=observations, feeds=feeds)
    return participant, player
