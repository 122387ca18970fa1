"""Play simulated sessions through the real write path, and read them as a teacher through REST.

Consent, events, windows, releases, closing and erasure run through the functions that serve real
requests; the clock is simulated. Only for a temporary database.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self
from unittest.mock import patch

import numpy as np
from django.test import Client
from django.utils import timezone

from fer_lms.consent.actions import grant_consent, withdraw_consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.engagement.actions import close_due_windows, write_windows
from fer_lms.engagement.face_reading import load_coefficients
from fer_lms.engagement.observations import STEP_MS, WINDOW_SECONDS, Feed, Observation, scale
from fer_lms.lessons import models as lessons
from fer_lms.lessons.actions import (
    end_session,
    enrol_person,
    join_session,
    leave_session,
    record_events,
    start_session,
)
from fer_lms.lessons.models import InteractionEvent, Lesson, LessonSession, Participant, Role, Step
from fer_lms.people.models import User
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.live_release import release_due_sessions
from fer_lms.rights.actions import erase_for_consent, erase_person
from inference.results import LABELS
from tests.bench.disclosure.direct import EXPRESSION, Body, CourseSession, Releases
from tests.bench.disclosure.world import DAY_S, Student, World
from tests.bench.errors import BenchmarkError

POLL_SECONDS = 120
READ_POLLS = 2
"""The last times at which the teacher reads the live figures."""
MAX_LOGIN_S = 6 * 3600
MODEL = load_coefficients().network
"""The network whose readings rules accept; the policy decides whether they use them."""
_numbers = count(1)


class TeacherClient:
    """The teacher's REST client; every answer other than a success is an error."""

    def __init__(self, teacher: User) -> None:
        self._client, self._teacher = Client(), teacher
        self._client.force_login(teacher)

    def get(self, path: str) -> Any:
        return self._check(path, self._client.get(path))

    def post(self, path: str, body: object) -> Any:
        return self._check(path, self._client.post(path, body, content_type="application/json"))

    def put(self, path: str, body: object) -> Any:
        return self._check(path, self._client.put(path, body, content_type="application/json"))

    def log_in(self) -> None:
        """Log in at the simulated time; an earlier login has expired."""
        self._client.force_login(self._teacher)

    def read_report(self, session: LessonSession) -> Any:
        return self.get(f"/api/v1/sessions/{session.pk}/report")

    def _check(self, path: str, answer: Any) -> Any:
        if not 200 <= answer.status_code < 300:
            raise BenchmarkError(f"{path} answered {answer.status_code}: {answer.content[:300]}")
        return answer.json() if answer.content else None


@dataclass(frozen=True, slots=True)
class Course:
    """A course with one lesson, its teacher, and its students by name."""

    lesson: Lesson
    teacher: User
    people: dict[str, User]

    @classmethod
    def create(cls, *, steps: int) -> Self:
        course = lessons.Course.objects.create(title=f"Class {next(_numbers)}")
        lesson = Lesson.objects.create(course=course, title="Fractions")
        for position in range(1, steps + 1):
            title = f"Part {position}"
            Step.objects.create(lesson=lesson, position=position, title=title, body="-")
        teacher = User.objects.create(username=f"teacher-{next(_numbers)}")
        enrol_person(course=course, user=teacher, role=Role.TEACHER)
        return cls(lesson, teacher, {})

    def find_person(self, name: str) -> User:
        """Return the student of this name, enrolled."""
        if name not in self.people:
            user = User.objects.create(username=f"adversary-{next(_numbers)}")
            enrol_person(course=self.lesson.course, user=user, role=Role.STUDENT)
            self.people[name] = user
        return self.people[name]

    def join(
        self, session: LessonSession, name: str, time: datetime, *, shares: bool
    ) -> Participant:
        """Let a student enter the session at a simulated time, and share a camera."""
        user = self.find_person(name)
        with simulated_time(time):
            participant = join_session(session=session, user=user, role=Role.STUDENT)
            Participant.objects.filter(pk=participant.pk).update(joined_at=time)
            if shares:
                grant_consent(
                    participant=participant,
                    text_version=get_current_text_version(),
                    grants={"capture": True, "server_processing": True},
                )
        return Participant.objects.select_related("session").get(pk=participant.pk)


def release_course(sessions: Sequence[CourseSession]) -> list[Releases]:
    """Play the sessions of one class and return what its teacher reads; see `plays.Transport`."""
    course = Course.create(steps=max(session.world.steps for session in sessions))
    started_at = _round_to_window(timezone.now() + timedelta(hours=1))
    releases = []
    for session in sessions:
        releases.append(_play(course, session, started_at))
        # The next day: levels are linked while the readings of the last session are kept.
        started_at = _round_to_window(started_at + timedelta(seconds=session.world.ends_at, days=1))
    return releases


def _round_to_window(time: datetime) -> datetime:
    seconds = int(time.timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS
    return datetime.fromtimestamp(seconds, tz=UTC)


@contextmanager
def simulated_time(time: datetime) -> Iterator[None]:
    """Let `timezone.now` return a simulated time."""
    with patch("django.utils.timezone.now", return_value=time):
        yield


def _play(course: Course, played: CourseSession, started_at: datetime) -> Releases:
    world = played.world
    with simulated_time(started_at):
        session = start_session(lesson=course.lesson)
    LessonSession.objects.filter(pk=session.pk).update(started_at=started_at)
    session.refresh_from_db()
    participants = _join(course, session, played, started_at)
    teacher = TeacherClient(course.teacher)
    polls = _list_poll_times(world)
    live: list[Body] = []
    logged_in_at = -DAY_S
    for since, until in zip([0, *polls], polls, strict=False):
        _write_span(participants, world, started_at, since, until)
        now = started_at + timedelta(seconds=until + 30)
        with simulated_time(now):
            close_due_windows(now=now)
            release_due_sessions(now=now)
            if until - logged_in_at > MAX_LOGIN_S:
                teacher.log_in()
                logged_in_at = until
            if until in polls[-READ_POLLS:]:  # released rows stay
                live.append(teacher.read_report(session))
    _erase(participants, played, started_at + timedelta(seconds=polls[-1] + 40))
    with simulated_time(started_at + timedelta(seconds=polls[-1] + 60)):
        end_session(session=session)
    settled = started_at + timedelta(seconds=polls[-1] + 180)
    with simulated_time(settled):
        close_due_windows(now=settled)
        freeze_ended_reports(now=settled)
        teacher.log_in()
        final = teacher.read_report(session)
    shown = [body for body in live if body["timeline"]]
    return Releases(final, [merge_polls(shown)] if shown else [])


def merge_polls(bodies: Sequence[Body]) -> Body:
    """Return the last of several live reports; a row that changed is the adversary's as well."""
    return bodies[-1]


def _list_poll_times(world: World) -> list[int]:
    if world.mode == "homework":
        return list(range(DAY_S // 2, world.ends_at + DAY_S // 2, DAY_S // 2))
    return list(range(POLL_SECONDS, world.ends_at + POLL_SECONDS, POLL_SECONDS))


def _join(
    course: Course, session: LessonSession, played: CourseSession, started_at: datetime
) -> list[Participant]:
    return [
        course.join(
            session, name, started_at + timedelta(seconds=student.opened_at), shares=student.shares
        )
        for name, student in zip(played.names, played.world.students, strict=True)
    ]


def _write_span(
    participants: Sequence[Participant], world: World, started_at: datetime, since: int, until: int
) -> None:
    """Write the events and readings of [since, until) seconds after the start."""
    steps = list(participants[0].session.lesson.steps.values_list("pk", flat=True))
    for participant, student in zip(participants, world.students, strict=True):
        for number, visit in enumerate(student.visits):
            if since <= visit.start < until:
                _open_step(participant, steps[visit.step], number, started_at, visit.start)
    base = int(started_at.timestamp()) // WINDOW_SECONDS
    feeds: list[Feed] = []
    observations: list[Observation] = []
    for participant, student in zip(participants, world.students, strict=True):
        if not student.shares:
            continue
        epoch = participant.consent.frames_epoch
        observations += _list_observations(student, participant, base, epoch, since, until)
    with simulated_time(started_at + timedelta(seconds=until)):
        write_windows(observations=observations, feeds=feeds)
    for participant, student in zip(participants, world.students, strict=True):
        if since <= student.left_at < until:
            with simulated_time(started_at + timedelta(seconds=student.left_at)):
                leave_session(participant=participant)


def _open_step(
    participant: Participant, step: int, number: int, started_at: datetime, second: int
) -> None:
    with simulated_time(started_at + timedelta(seconds=second)):
        record_events(
            participant=participant,
            events=[
                {
                    "kind": InteractionEvent.Kind.STEP_OPENED,
                    "step_id": step,
                    "value": "",
                    "key": f"open-{number}",
                }
            ],
        )


def _list_observations(
    student: Student, participant: Participant, base: int, epoch: int, since: int, until: int
) -> Iterator[Observation]:
    starts = student.window_starts
    for number in np.flatnonzero((starts >= since) & (starts < until) & (student.seen > 0)):
        window = base + int(starts[number]) // WINDOW_SECONDS
        shares = dict.fromkeys(LABELS, 0.0) | {
            EXPRESSION: float(student.expression[number]),
            "neutral": 1 - float(student.expression[number]),
        }
        for second in range(int(student.seen[number])):
            yield Observation(
                participant_id=participant.pk,
                window=window,
                step=-(-second * 1000 // STEP_MS),
                epoch=epoch,
                model=MODEL,
                quality="ok",
                scores=tuple(scale(shares[label]) for label in LABELS),
                engagement=scale(float(student.engagement[number])),
            )


def _erase(participants: Sequence[Participant], played: CourseSession, time: datetime) -> None:
    with simulated_time(time):
        for number in played.withdrawn:
            consent = withdraw_consent(participant=participants[number])
            erase_for_consent(consent_id=consent.pk)
        for number in played.erased:
            erase_person(user=participants[number].user)
