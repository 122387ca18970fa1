"""Differencing attacks on released figures, as systems of linear equations.

The adversary is stronger than a teacher: it sees, unrounded, the cohort and the weights of every
figure of every session, at every moment. The unknowns are each learner's level, which is the same
in all sessions, and each learner's deviation from it by bin and step. Every released figure is an
equation over the members' levels with the weight 1/n each, and no combination of the equations may
give the level of one learner. For activity (answers, self-reports, time on a step, hints and
answers to them) it sees every group passed to the threshold rule, and it tries rules over the
session at many thresholds. The statistical adversary, who also guesses, is tests/bench/disclosure.
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
from fer_lms.disclosure import coarsening, cohort, figures
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import join_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Role
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports import actions
from fer_lms.reports.cohorts import compute_digest, get_key
from fer_lms.reports.models import Release
from fer_lms.reports.queries import build_report
from fer_lms.rights.actions import erase_for_consent, erase_person
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import Hint, HintAnswer, InteractionRule
from fer_lms.rules.trials.preview import preview_recorded
from tests.factories import NOON, grant_all, make_lesson, make_session, make_user
from tests.reports.conftest import add_windows, end_at, release_at

pytestmark = pytest.mark.django_db
K = 5
MAX_LEARNERS = 9
DONE = (
    *(("answered", "right"), ("answered", "wrong"), ("self_report", "hard"), ("hint_asked", "")),
    *(("idle", ""), ("self_report", "easy")),
)

Cohort = frozenset[str]


def isolates_one(cohorts: set[Cohort]) -> bool:
    """Return whether sums over cohorts give one member's value, by ranks of real matrices."""
    members = sorted(set().union(*cohorts))
    matrix = np.array([[float(name in cohort) for name in members] for cohort in cohorts])
    rank = np.linalg.matrix_rank(matrix)
    units = np.eye(len(members))
    return any(np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank for unit in units)


def differs_by_few(cohorts: set[Cohort], k: int = K) -> bool:
    return any(one & other and 0 < len(one ^ other) < k for one, other in combinations(cohorts, 2))


def test_the_adversary_can_subtract() -> None:
    six = frozenset("abcdef")
    assert not isolates_one({six})
    assert isolates_one({six, six - {"a"}})
    assert differs_by_few({six, six - {"a"}})
    assert not differs_by_few({six, six | frozenset("ghijk"), frozenset("vwxyz")})


@dataclass
class School:
    """A class that has several sessions of a lesson, and what the adversary observed."""

    random: random.Random
    people: dict[str, User] = field(default_factory=dict)
    sharing: set[str] = field(default_factory=set)
    cohorts: set[Cohort] = field(default_factory=set)
    by_session: dict[uuid.UUID, set[Cohort]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    smallest_group: int = MAX_LEARNERS
    tried: int = 0

    def __post_init__(self) -> None:
        self.lesson = make_lesson()

    def enrol(self, count: int) -> None:
        for _ in range(count):
            user = make_user()
            name = compute_digest(get_key(), user.public_id)
            self.people[name] = user
            self.sharing.add(name)

    def toggle_camera(self) -> None:
        if self.people:
            self.sharing ^= {self.random.choice(sorted(self.people))}

    def newcomer(self) -> None:
        if len(self.people) < MAX_LEARNERS:
            self.enrol(1)

    def leave_school(self) -> None:
        """Erase a person between two sessions."""
        if self.people:
            name = self.random.choice(sorted(self.people))
            erase_person(user=self.people.pop(name))
            self.sharing.discard(name)

    def hold_session(self, *, incident: str = "", punctual: bool = False) -> LessonSession:
        """Hold a session of 14 minutes; people come late, leave early and are out of the picture.

        Args:
            incident: What happens after the live figures were released.
        """
        session = make_session(lesson=self.lesson)
        self.by_session[session.pk] = set()
        learners = {
            name: join_session(session=session, user=user, role=Role.STUDENT)
            for name, user in self.people.items()
        }
        for name, learner in learners.items():
            opened = 0 if punctual else self.random.choice((0, 0, 0, 0, 60, 700))
            self.take_part(learner, opened, is_sharing=name in self.sharing)
        for minute in (10, 14):  # a preview replays what live evaluation evaluated
            evaluate_due(until=NOON + timedelta(minutes=minute))
        for minute in (11, 12, 13):
            release_at(minute)
            self.look(session)
        if incident and learners:
            self.happen(incident, learners)
            self.look(session)
        session = end_at(session, 14)
        self.try_rules(session)
        actions.freeze_report(session=session)
        self.look(session)
        self.try_rules(session)
        return session

    def take_part(self, learner: Participant, opened: int, *, is_sharing: bool) -> None:
        steps = list(learner.session.lesson.steps.all())
        half = (840 - opened) // 2
        for step, second in zip(steps, (opened, opened + half), strict=True):
            self.event(learner, "step_opened", "", second, step.pk)
            for _ in range(3):
                kind, value = self.random.choice(DONE)
                self.event(learner, kind, value, second + self.random.randrange(60), step.pk)
            self.hint(learner, second, step.pk)
        if is_sharing:
            grant_all(learner)
            first = opened // 10
            last = self.random.choice((84, 84, 84, 50))
            gap = self.random.randrange(first, first + 40)
            length = self.random.choice((0, 3, 15))
            add_windows(learner, range(first, min(gap, last)))
            add_windows(learner, range(min(gap + length, last), last))

    def event(self, learner: Participant, kind: str, value: str, second: int, step: int) -> None:
        InteractionEvent.objects.create(
            participant=learner,
            kind=kind,
            value=value,
            step_id=step,
            occurred_at=NOON + timedelta(seconds=second),
        )

    def hint(self, learner: Participant, second: int, step: int) -> None:
        hint = Hint.objects.create(
            participant=learner,
            rule=self.random.choice([None, *InteractionRule.objects.all()[:2]]),
            occasion=f"{self.random.random()}",
            step_id=step,
            kind="hint",
            title="A hint",
            parts={"wrong": 0.5},
            state="shown",
            fired_at=NOON + timedelta(seconds=second),
        )
        if self.random.random() < 0.8:
            HintAnswer.objects.create(hint=hint, answer=self.random.choice(("helped", "not_now")))

    def happen(self, incident: str, learners: dict[str, Participant]) -> None:
        name = self.random.choice(sorted(learners))
        if incident == "erase":
            erase_person(user=self.people.pop(name))
            self.sharing.discard(name)
        elif name in self.sharing:
            consent = withdraw_consent(participant=learners[name])
            erase_for_consent(consent_id=consent.pk)

    def look(self, session: LessonSession) -> None:
        """Read the report; assert that this reads no windows or events, and record the cohort."""
        with CaptureQueriesContext(connection) as queries:
            report = build_report(session)
        tables = [model._meta.db_table for model in (ObservationWindow, InteractionEvent, Hint)]
        assert not any(table in q["sql"] for q in queries for table in tables)
        assert report["contributors_at_least"] in (None, K)
        rows = [report, *report["timeline"], *report["steps"]]
        assert {row["coverage"] for row in rows} == {None}
        release = Release.objects.filter(session=session).first()
        if release and release.live == Release.Live.SHOWN and release.live_cohort:
            self.by_session[session.pk].add(frozenset(release.live_cohort))
            self.cohorts.add(frozenset(release.live_cohort))

    def observe_figures(self, released: figures.SessionFigures) -> None:
        """Record whose levels were released; a change since an earlier session is none."""
        if released.level is not None and not released.is_linked:
            self.cohorts.add(released.cohort)

    def observe_groups(
        self, released: Mapping[coarsening.MetricKey, coarsening.Contributions]
    ) -> None:
        """Record every group of activity values passed to the threshold rule."""
        for key, group in released.items():
            self.groups.add(str(key[0]))
            self.smallest_group = min(self.smallest_group, len(group))

    def try_rules(self, session: LessonSession) -> None:
        """Try a rule at several thresholds; results are released in thirds."""
        for threshold in (0.3, 0.6):
            spec = RuleSpec(threshold=threshold, release=threshold / 2, held_windows=0)
            tried = preview_recorded(session, spec)
            released = [tried.reached_share, *(place["spoken_to"] for place in tried.firing_places)]
            assert set(released) <= {None, "few", "some", "many"}
            assert (tried.suppression_reasons, tried.fired) == ([], None)
            self.tried += tried.withheld is None


EVENTS = ("toggle_camera", "toggle_camera", "newcomer", "leave_school")


@pytest.mark.parametrize("anonymous", [True, False])
# Every example creates its own school; the policy is the same for all.
@settings(max_examples=5, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    seed=st.integers(0, 2**32),
    size=st.integers(8, MAX_LEARNERS),
    between=st.lists(st.lists(st.sampled_from(EVENTS), max_size=2), min_size=1, max_size=4),
    incident=st.sampled_from(("", "erase", "withdraw")),
)
def test_no_combination_of_sessions_isolates_a_learner(
    policy: DeploymentPolicy,
    anonymous: bool,
    seed: int,
    size: int,
    between: list[list[str]],
    incident: str,
) -> None:
    policy.k_anonymous_is_anonymous = anonymous
    policy.save()
    school = School(random.Random(seed))
    school.enrol(size)
    with observe_groups(school):
        school.hold_session(incident=incident)
        for events in between:
            for event in events:
                getattr(school, event)()
            school.hold_session()
    assert not school.cohorts or not isolates_one(school.cohorts)
    assert not differs_by_few(school.cohorts)
    assert all(len(cohorts) <= 1 for cohorts in school.by_session.values()), "one live cohort"
    assert school.smallest_group >= K


def test_without_the_comparison_a_learner_is_isolated(
    policy: DeploymentPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The property above fails without its mechanism, so it is not vacuous."""
    monkeypatch.setattr(cohort, "is_level_releasable", lambda *arguments: True)
    school = School(random.Random(3))
    school.enrol(8)
    with observe_groups(school):
        school.hold_session(punctual=True)
        school.sharing.discard(min(school.sharing))
        school.hold_session(punctual=True)
    assert isolates_one(school.cohorts)
    assert differs_by_few(school.cohorts)


@contextmanager
def observe_groups(school: School) -> Iterator[None]:
    def filter_releasable_metrics(*arguments: Any) -> Any:
        released = made(*arguments)
        school.observe_groups(released)
        return released

    def compute_final(*arguments: Any, **options: Any) -> figures.SessionFigures:
        released = compute(*arguments, **options)
        school.observe_figures(released)
        return released

    made, compute = coarsening.filter_releasable_metrics, figures.compute_final
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "compute_final", compute_final)
        patch.setattr(coarsening, "filter_releasable_metrics", filter_releasable_metrics)
        yield


def test_an_ordinary_session_releases_all_kinds_of_figures(policy: DeploymentPolicy) -> None:
    school = School(random.Random(1))
    school.enrol(MAX_LEARNERS)
    with observe_groups(school):
        session = school.hold_session()
    report = build_report(session)
    assert report["engagement"] is not None
    assert any(row["engagement"] is not None for row in report["timeline"])
    assert any(row["engagement"] is not None for row in report["steps"])
    assert school.cohorts
    assert school.groups > {"seconds", "right_at_first", "asked_for_hint", "idle", "self_report"}
    assert school.groups & {"received", "answers"}, "of hints too"
    assert school.tried, "and a rule could be tried on it"
