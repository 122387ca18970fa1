"""Differencing attacks on released metrics, as systems of linear equations.

The adversary is stronger than a teacher: it sees every stored cell unrounded, with the names of the
contributors, at every moment. Each window has the value of a distinct power of two, so that a
cell's sum in the database identifies its windows. For activity (answers, self-reports, time on a
step, hints and answers to them) it sees every group passed to the threshold rule, and it tries
rules over the session at many thresholds. The sums are equations; the unknowns are the windows, and
each learner's answer, self-report, seconds on each step and hint of each rule. No combination of
the equations may isolate fewer than k learners.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
from fer_lms.disclosure import coarsening
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports import actions
from fer_lms.reports.models import ReleasedCell
from fer_lms.reports.queries import build_report, build_report_body
from fer_lms.reports.released_cells import to_bin_number
from fer_lms.rights.actions import erase_for_consent, erase_person
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import Hint, HintAnswer, InteractionRule, RuleState
from fer_lms.rules.trials.preview import preview_recorded
from tests.factories import MODEL, NOON, grant_all, make_learner, make_session

pytestmark = pytest.mark.django_db
K = 5
BEAT_SECONDS = 60
MAX_LEARNERS = 9
LOOKED_AT = {"body": {}, "cursor_at": NOON, "active_until": NOON}
MEASURES = ("expression", "engagement", "coverage")

Unknown = tuple[int, object]
"""A value of one learner: of a bin or of an activity."""
Equation = frozenset[Unknown]
"""A released sum: the unknowns that it adds."""


def speaks_of_few(equations: set[Equation], learners: int, k: int = K) -> bool:
    """Return whether a combination of the equations isolates 1 to k-1 learners."""
    return any(_loses_rank(own, learners, k) for own in _connected(equations))


def _connected(equations: set[Equation]) -> list[set[Equation]]:
    """Split equations into connected components; combining across them gives nothing new."""
    parts: list[tuple[set[Unknown], set[Equation]]] = []
    for equation in equations:
        touched = [part for part in parts if part[0] & equation]
        parts = [part for part in parts if part not in touched]
        unknowns, own = set(equation), {equation}
        for part in touched:
            unknowns |= part[0]
            own |= part[1]
        parts.append((unknowns, own))
    return [own for _, own in parts]


def _loses_rank(equations: set[Equation], learners: int, k: int) -> bool:
    """Return whether removing the unknowns of k-1 learners reduces the rank."""
    unknowns = list({unknown for equation in equations for unknown in equation})
    rows = [[float(unknown in equation) for unknown in unknowns] for equation in equations]
    matrix = np.array(rows)
    whole = np.linalg.matrix_rank(matrix)
    for few in combinations(range(learners), k - 1):
        left = [at for at, (learner, _) in enumerate(unknowns) if learner not in few]
        if np.linalg.matrix_rank(matrix[:, left]) < whole:
            return True
    return False


def test_the_adversary_can_subtract() -> None:
    six: Equation = frozenset((learner, 0) for learner in range(6))
    assert not speaks_of_few({six}, 6)
    assert speaks_of_few({six, six - {(5, 0)}}, 6)
    assert speaks_of_few({frozenset((learner, 0) for learner in range(4))}, 6)
    later: Equation = frozenset((learner, 1) for learner in range(6))
    step: Equation = frozenset((learner, at) for learner in range(6) for at in (0, 1)) - {(2, 1)}
    assert not speaks_of_few({six, later}, 6)
    assert speaks_of_few({six, later, step}, 6), "a timeline minus a step"


@dataclass
class Lesson:
    """A session, its clock, and what the adversary observed."""

    session: LessonSession
    random: random.Random
    second: int = 0
    learners: list[Participant] = field(default_factory=list)
    ids: list[uuid.UUID] = field(default_factory=list)
    present: set[int] = field(default_factory=set)
    known: set[Equation] = field(default_factory=set)
    observed: set[str] = field(default_factory=set)
    tried: int = 0
    at_the_end: set[int] = field(default_factory=set)

    def join(self) -> None:
        if len(self.learners) < MAX_LEARNERS:
            learner = make_learner(self.session)
            grant_all(learner)
            self.present.add(len(self.learners))
            self.learners.append(learner)
            self.ids.append(learner.pk)
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
        gone = {n for n, learner in enumerate(self.learners) if learner.pk} - self.present
        if gone:
            self.present.add(self.random.choice(sorted(gone)))

    def turn_pages(self) -> None:
        for number in sorted(self.present):
            if self.random.random() < 0.4:
                self.open_a_step(number, step=self.random.randrange(2))

    def do_something(self) -> None:
        """Create answers, self-reports, hint requests, idle events and hints for some learners."""
        for number in sorted(self.present):
            kind, value = self.random.choice(DONE)
            self.event(number, kind, value)
            if self.random.random() < 0.7:
                self.hint(number)

    def event(self, number: int, kind: str, value: str) -> None:
        InteractionEvent.objects.create(
            participant=self.learners[number],
            kind=kind,
            value=value,
            step=self.session.lesson.steps.all()[self.random.randrange(2)],
            occurred_at=NOON + timedelta(seconds=self.second),
        )

    def hint(self, number: int) -> None:
        hint = Hint.objects.create(
            participant=self.learners[number],
            rule=self.random.choice([None, *InteractionRule.objects.all()[:2]]),
            occasion=f"{self.random.random()}",
            step=self.session.lesson.steps.all()[self.random.randrange(2)],
            kind="hint",
            title="A hint",
            parts={"wrong": 0.5},
            state="shown",
            fired_at=NOON + timedelta(seconds=self.second),
        )
        if self.random.random() < 0.8:
            HintAnswer.objects.create(hint=hint, answer=self.random.choice(("helped", "not_now")))

    def half_a_minute(self) -> None:
        for at in range(self.second, self.second + 30, 10):
            for number in sorted(self.present):
                if self.random.random() < 0.95:
                    self.window(number, at // 10)
        self.second += 30

    def window(self, number: int, at: int) -> None:
        """Create a complete window, one without an index, or one without scores."""
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
        alive = [number for number, learner in enumerate(self.learners) if learner.pk]
        if alive and self.second:
            self.window(self.random.choice(alive), self.random.randrange(self.second // 10))

    def erase(self) -> None:
        alive = [number for number, learner in enumerate(self.learners) if learner.pk]
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
        """Assert that reading a report queries no windows."""
        with CaptureQueriesContext(connection) as queries:
            build_report(self.session)
        tables = [model._meta.db_table for model in (ObservationWindow, InteractionEvent, Hint)]
        assert not any(table in q["sql"] for q in queries for table in tables)
        self.observe_cells()

    def observe_cells(self) -> None:
        for cell in ReleasedCell.objects.filter(session=self.session):
            at = cell.bin_number - to_bin_number(NOON)
            sums = cell.expression_sums[0], cell.engagement_sum, cell.seen_seconds
            for measure, total in zip(MEASURES, sums, strict=True):
                members: Equation = frozenset(
                    (n, (measure, at)) for n in range(MAX_LEARNERS) if total >> n & 1
                )
                if members:
                    self.known.add(members)
                    self.observed.add(measure)

    def observe_groups(
        self, released: Mapping[coarsening.MetricKey, coarsening.Contributions]
    ) -> None:
        """Record every group of activity values passed to the threshold rule."""
        for key, group in released.items():
            self.known.add(frozenset((self.ids.index(who), key) for who in group))
            self.observed.add(str(key[0]))

    def end(self) -> None:
        self.try_rules()
        self.at_the_end = {n for n, learner in enumerate(self.learners) if learner.pk}
        for number in self.at_the_end:
            RuleState.objects.get_or_create(participant=self.learners[number], defaults=LOOKED_AT)
        self.session = end_session(session=self.session)
        assert actions.freeze_report(session=self.session)
        self.look()

    def try_rules(self, *thresholds: float) -> None:
        """Try a rule at many thresholds; results are released in thirds."""
        for threshold in thresholds or (0.3, 0.6):
            spec = RuleSpec(threshold=threshold, release=threshold / 2, held_windows=0)
            tried = preview_recorded(self.session, spec)
            released = [tried.reached_share, *(place["spoken_to"] for place in tried.firing_places)]
            assert set(released) <= {None, "few", "some", "many"}
            assert (tried.suppression_reasons, tried.fired) == ([], None)
            if self.session.is_open or not all(self.learners[n].pk for n in self.at_the_end):
                assert tried.withheld is not None, "never with fewer learners than at first"
            self.tried += tried.withheld is None

    def make_again(self) -> None:
        """Try to rebuild the report long after the end."""
        actions.freeze_report(session=self.session)
        actions.freeze_ended_reports(now=NOON + timedelta(days=9999))
        self.beat()


OPS = (
    *("half_a_minute", "half_a_minute", "beat", "beat", "join", "leave", "come_back"),
    *("turn_pages", "late_window", "withdraw", "erase", "look", "do_something", "do_something"),
)
AFTERWARDS = ("erase", "withdraw", "late_window", "make_again", "do_something")
DONE = (
    *(("answered", "right"), ("answered", "wrong"), ("self_report", "hard"), ("hint_asked", "")),
    *(("idle", ""), ("self_report", "easy")),
)


@pytest.mark.parametrize("anonymous", [True, False])
# Every example creates its own session; the policy is the same for all.
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32),
    joined=st.integers(6, MAX_LEARNERS),
    ops=st.lists(st.sampled_from(OPS), min_size=6, max_size=20),
    afterwards=st.lists(st.sampled_from(AFTERWARDS), max_size=4),
)
def test_differencing_isolates_no_learner(
    policy: DeploymentPolicy,
    anonymous: bool,
    seed: int,
    joined: int,
    ops: list[str],
    afterwards: list[str],
) -> None:
    policy.k_anonymous_is_anonymous = anonymous
    policy.save()
    lesson = Lesson(make_session(), random.Random(seed))
    for _ in range(joined):
        lesson.join()
    with observe_releases(lesson):
        for op in ["half_a_minute", "half_a_minute", *ops]:
            getattr(lesson, op)()
            lesson.look()
        lesson.end()
        lesson.try_rules()
        for op in afterwards:
            getattr(lesson, op)()
            lesson.look()
            lesson.try_rules()
    assert not speaks_of_few(lesson.known, len(lesson.learners))


@contextmanager
def observe_releases(lesson: Lesson) -> Iterator[None]:
    """Show the adversary the cells of the final report before their deletion, and all groups."""

    def body(*arguments: Any) -> Any:
        lesson.observe_cells()
        return build_report_body(*arguments)

    def filter_releasable_metrics(*arguments: Any) -> Any:
        released = made(*arguments)
        lesson.observe_groups(released)
        return released

    made = coarsening.filter_releasable_metrics
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "build_report_body", body)
        patch.setattr(coarsening, "filter_releasable_metrics", filter_releasable_metrics)
        yield


def test_final_report_uses_all_groups(policy: DeploymentPolicy) -> None:
    """An ordinary session releases metrics, so the property above is not vacuous."""
    lesson = Lesson(make_session(), random.Random(1))
    for _ in range(MAX_LEARNERS):
        lesson.join()
    for _ in range(4):
        lesson.half_a_minute()
        lesson.do_something()
    lesson.second += 60
    lesson.beat()
    lesson.look()
    assert lesson.observed == set(MEASURES), "nothing of what is done while the lesson runs"
    for _ in range(8):
        lesson.do_something()
    evaluate_due(until=NOON + timedelta(seconds=lesson.second))
    with observe_releases(lesson):
        lesson.end()
        lesson.try_rules(*(n / 10 for n in range(1, 10)))
    assert lesson.observed > {"seconds", "right_at_first", "asked_for_hint", "idle", "self_report"}
    assert lesson.observed > {"received_on_step", "received_for_part", "answers"}, "of hints too"
    assert lesson.tried, "and a rule could be tried on it"
    assert "tried" in lesson.observed
    assert not speaks_of_few(lesson.known, len(lesson.learners))
