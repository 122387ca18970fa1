"""The attacks of `measure_disclosure` in a short form, and each mechanism switched off once."""

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import pytest

from fer_lms.disclosure import cohort, figures
from fer_lms.disclosure.cohort import choose_final
from fer_lms.disclosure.figures import compute_final
from fer_lms.disclosure.records import CameraSums, SessionRecord
from fer_lms.reports.summary import build_final_summary
from tests.bench.disclosure import direct
from tests.bench.disclosure.agreement import average_without_noise
from tests.bench.disclosure.attacks import ATTACKS
from tests.bench.disclosure.course_attacks import play_sessions, play_withdrawal
from tests.bench.disclosure.direct import release_course
from tests.bench.disclosure.estimators import Advantage, measure
from tests.bench.disclosure.plays import Attack, collect
from tests.bench.disclosure.world import Plan

SEED = 0
POOL = "5-7"
CLASSES = 25
MAX_ADVANTAGE = 0.10
MAX_MEAN_ADVANTAGE = 0.04
INHERENT = ("shown or withheld, half share", "shown or withheld, one student absent")
"""What a threshold itself tells (docs/disclosure.md); measured, not bounded."""
CALM = Plan(0, noise=0.03, late=0.0, absences=False)
CALM_SESSIONS = Attack(
    "sessions of a calm class", "value", partial(play_sessions, attended="one_less", plan=CALM)
)
CALM_WITHDRAWAL = Attack(
    "withdrawal from a calm class", "value", partial(play_withdrawal, noise=0.03)
)


def play(attack: Attack, classes: int = CLASSES) -> Advantage:
    trials = collect(attack, POOL, classes, SEED, release_course)
    assert trials is not None
    return measure(trials)


play_unchanged = cache(play)
"""With all mechanisms; for tests that compare with it."""


def find(name: str) -> Attack:
    return next(attack for attack in ATTACKS if attack.name == name)


BOUNDED = [attack.name for attack in ATTACKS if attack.name not in INHERENT]


@pytest.mark.parametrize("name", BOUNDED)
def test_attack_learns_little(name: str) -> None:
    """The advantage is at most the goal, unless it is not told from none at this sample size."""
    found = play_unchanged(find(name))
    assert found.advantage <= MAX_ADVANTAGE or found.ci_low < 0, found
    assert found.ci_low < MAX_ADVANTAGE / 2, found


def test_attacks_together_learn_next_to_nothing() -> None:
    """Chance, which is wide for one attack at this sample size, is a third of the goal for all."""
    found = [play_unchanged(find(name)).advantage for name in BOUNDED]
    assert np.mean(np.maximum(found, -MAX_ADVANTAGE)) <= MAX_MEAN_ADVANTAGE, found


Body = dict[str, Any]


def leave_out_absent_members(sums: CameraSums, own: Any, *_: object) -> Any:
    """Average over those with data, as without the constant cohort."""
    is_seen = sums.seen_seconds >= figures.MIN_OWN_SECONDS
    engaged = is_seen & (sums.engagement_windows > 0)
    values = sums.engagement / np.maximum(sums.engagement_windows, 1)
    scored = (is_seen & (sums.expression_windows > 0))[:, :, None]
    shares = sums.expressions / np.maximum(sums.expression_windows, 1)[:, :, None]
    return figures._Means(
        (values * engaged).sum(axis=0) / np.maximum(engaged.sum(axis=0), 1),
        (shares * scored).sum(axis=0) / np.maximum(scored.sum(axis=0), 1),
    )


def average_all_fully(has_data: Any, _full_members: object) -> Any:
    return has_data / np.maximum(has_data.sum(axis=0), 1)


def weigh_by_cohort(has_data: Any, _full_members: object) -> Any:
    """Let members without data count with no deviation, so that figures vary less."""
    return has_data / len(has_data)


def forget_decision(
    record: SessionRecord, min_group_size: int, _decision: object, earlier: Any
) -> cohort.ChosenCohort:
    return choose_final(record, min_group_size, None, earlier)


def ignore_link(_link: object, profiles: Any) -> Any:
    """Show the level of those who share now, as if no other had been shown."""
    return np.mean(list(profiles.values()), axis=0)


class CompareCohorts:
    """Withhold levels where the cohort, not the attendance, resembles that of the last session."""

    def __init__(self) -> None:
        self.last: cohort.Cohort = frozenset()

    def __call__(
        self, record: SessionRecord, min_group_size: int, decision: object, earlier: Any
    ) -> cohort.ChosenCohort:
        chosen = choose_final(record, min_group_size, decision, earlier)  # type: ignore[arg-type]
        differing = len(chosen.members ^ self.last)
        self.last = chosen.members
        return replace(chosen, is_relative=0 < differing < min_group_size)


class ShowCoverage:
    """Release the share of the time in which the cohort was seen, in quarters."""

    def __init__(self) -> None:
        self.coverage = 0.0

    def compute(self, record: SessionRecord, *arguments: Any, **options: Any) -> Any:
        result = compute_final(record, *arguments, **options)
        rows = record.find_rows(result.cohort)
        seen = record.bins.seen_seconds[rows].sum(axis=1) / record.own_seconds[rows]
        self.coverage = round(float(np.minimum(seen, 1).mean()) * 4) / 4 if len(rows) else 0.0
        return result

    def build(self, *arguments: Any, **options: Any) -> Body:
        return build_final_summary(*arguments, **options) | {"coverage": self.coverage}


def show_number(result: figures.SessionFigures, *arguments: Any, **options: Any) -> Body:
    body = build_final_summary(result, *arguments, **options)
    return body | {"contributors_at_least": len(result.cohort)}


def lose_members_only(record: SessionRecord, decision: cohort.LiveDecision) -> bool:
    return len(record.find_rows(decision.members)) < len(decision.members)


Patch = tuple[Any, str, Any]
COVERAGE = ShowCoverage()


@dataclass(frozen=True)
class Mutation:
    """A mechanism switched off, and an attack that has to succeed then."""

    mechanism: str
    attack: Attack
    patches: tuple[Patch, ...]
    classes: int


MUTATIONS = (
    Mutation(
        "constant cohort and own-mean imputation",
        find("frozen report around absences"),
        ((figures, "_compute_means", leave_out_absent_members),),
        100,
    ),
    Mutation(
        "weight of few members' own data",
        find("alone in the picture, contrast"),
        ((figures, "weigh_own_data", average_all_fully), (figures, "round_engagement", float)),
        80,
    ),
    Mutation(
        "noise where few are in the picture",
        find("few in the picture"),
        (
            (figures, "average_deviations", average_without_noise),
            (figures, "round_engagement", float),
        ),
        40,
    ),
    Mutation(
        "weight of those who were seen",
        find("target out of the picture"),
        ((figures, "weigh_own_data", weigh_by_cohort), (figures, "round_engagement", float)),
        80,
    ),
    Mutation(
        "more present than the threshold",
        find("class as large as the threshold"),
        ((cohort, "has_enough_present", lambda present, k: len(present) >= k),),
        10,
    ),
    Mutation(
        "no coverage",
        find("target out of the picture"),
        (
            (figures, "compute_final", COVERAGE.compute),
            (direct, "build_final_summary", COVERAGE.build),
        ),
        25,
    ),
    Mutation(
        "no number of students",
        find("exact number of cameras"),
        ((direct, "build_final_summary", show_number),),
        60,
    ),
    Mutation(
        "session against session",
        CALM_SESSIONS,
        ((cohort, "is_level_releasable", lambda *_: True),),
        100,
    ),
    Mutation(
        "levels linked by changes",
        CALM_SESSIONS,
        ((figures, "_link_level", ignore_link),),
        100,
    ),
    Mutation(
        "levels withheld by attendance",
        find("same class, target out of the second"),
        (
            (figures, "choose_final", CompareCohorts()),
            (direct._Course, "find_link", lambda *_: None),
        ),
        20,
    ),
    Mutation(
        "late-comers as a large group",
        find("does one of five late-comers share"),
        ((cohort, "LATE_GROUPS", 1), (figures, "round_engagement", float)),
        30,
    ),
    Mutation(
        "one decision for a session",
        find("out of the picture until the decision"),
        ((figures, "choose_final", forget_decision),),
        10,
    ),
    Mutation(
        "end of the figures after a loss, by attendance",
        find("erasure during the lesson"),
        ((figures, "has_lost_members", lose_members_only),),
        10,
    ),
    Mutation(
        "end of the figures after a loss",
        CALM_WITHDRAWAL,
        (
            (figures, "has_lost_members", lambda *_: False),
            (figures, "choose_final", forget_decision),
            (cohort, "is_level_releasable", lambda *_: True),
        ),
        100,
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.mechanism)
def test_attack_succeeds_without_the_mechanism(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the attack would find the mechanism missing."""
    before = play_unchanged(mutation.attack, mutation.classes)
    for module, name, replacement in mutation.patches:
        monkeypatch.setattr(module, name, replacement)
    found = play(mutation.attack, mutation.classes)
    assert before.ci_low < MAX_ADVANTAGE, before
    assert found.advantage > max(MAX_ADVANTAGE, before.advantage + 0.05), (before, found)
