"""Who asks for everything, in every order, and solves what was answered as linear equations.

The adversary here is stronger than a teacher: every cell that was ever stored is known to them
unrounded, at every moment, with the names of who is in it. Each learner's window has a value of its
own power of two, so that a cell's sum, as stored by the real code in the real database, says
exactly which windows it was made of. Those sums are the adversary's equations; the unknowns are the
windows. Whatever they add and subtract, the result must not speak of fewer than k learners.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fer_lms.consent.actions import withdraw_consent
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports import actions
from fer_lms.reports.cells import bin_number
from fer_lms.reports.models import FigureCell
from fer_lms.reports.queries import report_body, report_of
from fer_lms.rights.actions import erase_for_consent, erase_person
from tests.factories import MODEL, NOON, grant_all, make_learner, make_session

pytestmark = pytest.mark.django_db
K = 5
BEAT_SECONDS = 60
MOST_LEARNERS = 9
MEASURES = ("expression", "engagement", "coverage")

Equation = frozenset[tuple[int, int]]
"""A released sum: the windows, by learner and ten-second bin, that it adds up."""


def speaks_of_few(equations: set[Equation], learners: int, k: int = K) -> bool:
    """Whether some combination of the equations speaks of 1 to k-1 learners only: whether leaving
    out those learners' unknowns makes the equations lose rank."""
    unknowns = sorted({unknown for equation in equations for unknown in equation})
    rows = [[float(unknown in equation) for unknown in unknowns] for equation in equations]
    if not rows:
        return False
    matrix = np.array(rows)
    whole = np.linalg.matrix_rank(matrix)
    for few in combinations(range(learners), k - 1):
        left = [at for at, (learner, _) in enumerate(unknowns) if learner not in few]
        if np.linalg.matrix_rank(matrix[:, left]) < whole:
            return True
    return False


def test_the_adversary_can_subtract() -> None:
    six = frozenset((learner, 0) for learner in range(6))
    assert not speaks_of_few({six}, 6)
    assert speaks_of_few({six, six - {(5, 0)}}, 6)
    assert speaks_of_few({frozenset((learner, 0) for learner in range(4))}, 6)
    later = frozenset((learner, 1) for learner in range(6))
    step = frozenset((learner, at) for learner in range(6) for at in (0, 1)) - {(2, 1)}
    assert not speaks_of_few({six, later}, 6)
    assert speaks_of_few({six, later, step}, 6), "a timeline minus a step"


@dataclass
class Lesson:
    """One sitting, its clock, and what the adversary has seen of it."""

    session: LessonSession
    random: random.Random
    second: int = 0
    learners: list[Participant] = field(default_factory=list)
    present: set[int] = field(default_factory=set)
    known: dict[str, set[Equation]] = field(default_factory=lambda: {m: set() for m in MEASURES})

    def join(self) -> None:
        if len(self.learners) < MOST_LEARNERS:
            learner = make_learner(self.session)
            grant_all(learner)
            self.present.add(len(self.learners))
            self.learners.append(learner)
            self.open_a_step(len(self.learners) - 1, step=0)

    def open_a_step(self, number: int, *, step: int) -> None:
        InteractionEvent.objects.create(
            participant=self.learners[number],
            kind="step_opened",
            step=self.session.lesson.steps.all()[step],
            occurred_at=NOON + timedelta(seconds=self.second),
        )

    def leave(self) -> None:
        if self.present:
            self.present.discard(self.random.choice(sorted(self.present)))

    def come_back(self) -> None:
        gone = {n for n, each in enumerate(self.learners) if each.pk} - self.present
        if gone:
            self.present.add(self.random.choice(sorted(gone)))

    def turn_pages(self) -> None:
        for number in sorted(self.present):
            if self.random.random() < 0.4:
                self.open_a_step(number, step=self.random.randrange(2))

    def half_a_minute(self) -> None:
        for at in range(self.second, self.second + 30, 10):
            for number in sorted(self.present):
                if self.random.random() < 0.95:
                    self.window(number, at // 10)
        self.second += 30

    def window(self, number: int, at: int) -> None:
        """Three kinds: whole, with scores but no index, and with nothing that could be read."""
        kind = self.random.choices(("whole", "no_index", "unread"), (0.9, 0.05, 0.05))[0]
        value, scored = 2**number, 0 if kind == "unread" else 100
        ObservationWindow.objects.get_or_create(
            participant=self.learners[number],
            start_at=NOON + timedelta(seconds=10 * at),
            defaults={
                "state": "closed",
                "consent_epoch": 1,
                "model": MODEL,
                "scored": scored,
                "score_sums": [value] + [0] * 7 if scored else [],
                "engagement_count": 100 if kind == "whole" else 0,
                "engagement_sum": value if kind == "whole" else 0,
                "seen_seconds": value,
            },
        )

    def late_window(self) -> None:
        alive = [number for number, each in enumerate(self.learners) if each.pk]
        if alive and self.second:
            self.window(self.random.choice(alive), self.random.randrange(self.second // 10))

    def erase(self) -> None:
        alive = [number for number, each in enumerate(self.learners) if each.pk]
        if alive:
            number = self.random.choice(alive)
            erase_person(user=self.learners[number].user)
            self.learners[number].pk = None
            self.present.discard(number)

    def withdraw(self) -> None:
        if self.present:
            number = self.random.choice(sorted(self.present))
            consent = withdraw_consent(participant=self.learners[number])
            erase_for_consent(consent_id=consent.pk)
            self.present.discard(number)

    def beat(self) -> None:
        now = NOON + timedelta(seconds=self.second + 20)
        actions.release_session(session=self.session, now=now, seconds=BEAT_SECONDS)

    def look(self) -> None:
        """Reports are made of cells: nothing of a learner is read for them."""
        with CaptureQueriesContext(connection) as queries:
            report_of(self.session)
        assert not any(ObservationWindow._meta.db_table in q["sql"] for q in queries)
        self.remember()

    def remember(self) -> None:
        for cell in FigureCell.objects.filter(session=self.session):
            at = cell.number - bin_number(NOON)
            sums = cell.expression_sums[0], cell.engagement_sum, cell.seen_seconds
            for measure, total in zip(MEASURES, sums, strict=True):
                members = frozenset((n, at) for n in range(MOST_LEARNERS) if total >> n & 1)
                if members:
                    self.known[measure].add(members)

    def end(self) -> None:
        self.session = end_session(session=self.session)
        assert actions.freeze_report(session=self.session)
        report_of(self.session)


OPS = (
    *("half_a_minute", "half_a_minute", "beat", "beat", "join", "leave", "come_back"),
    *("turn_pages", "late_window", "withdraw", "erase", "look"),
)


@pytest.mark.parametrize("anonymous", [True, False])
# Every example makes a sitting of its own; the policy is the same for all.
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32),
    joined=st.integers(6, MOST_LEARNERS),
    ops=st.lists(st.sampled_from(OPS), min_size=6, max_size=20),
)
def test_nobody_is_found_out(
    policy: DeploymentPolicy, anonymous: bool, seed: int, joined: int, ops: list[str]
) -> None:
    policy.k_anonymous_is_anonymous = anonymous
    policy.save()
    lesson = Lesson(make_session(), random.Random(seed))
    for _ in range(joined):
        lesson.join()
    for op in ["half_a_minute", "half_a_minute", *ops]:
        getattr(lesson, op)()
        lesson.look()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "report_body", remembering(lesson))
        lesson.end()
    for measure in MEASURES:
        assert not speaks_of_few(lesson.known[measure], len(lesson.learners)), measure


def remembering(lesson: Lesson) -> Any:
    """At the end cells are made, summed and deleted at once; the adversary sees those too."""

    def body(*arguments: Any) -> Any:
        lesson.remember()
        return report_body(*arguments)

    return body


def test_the_final_report_is_made_of_something(policy: DeploymentPolicy) -> None:
    """A lesson without incident has figures: the property above does not hold for want of any."""
    lesson = Lesson(make_session(), random.Random(1))
    for _ in range(6):
        lesson.join()
    for _ in range(4):
        lesson.half_a_minute()
    lesson.second += 60
    lesson.beat()
    lesson.look()
    assert all(len(lesson.known[measure]) > 2 for measure in MEASURES)
