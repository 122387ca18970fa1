"""The attacks of `measure_disclosure` in a short form, and each mechanism switched off once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest

from fer_lms.disclosure import cohort, figures
from fer_lms.disclosure.records import CameraSums, SessionRecord
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
INHERENT = ("shown or withheld, half share", "shown or withheld, one student absent")
"""What a threshold itself tells (docs/disclosure.md); measured, not bounded."""
CALM = Plan(0, noise=0.03, late=0.0, absences=False)
CALM_SESSIONS = Attack(
    "sessions of a calm class", "value", partial(play_sessions, attended="one_less", plan=CALM)
)
CALM_PAIR = Attack(
    "pair in sessions of a calm class", "value", partial(play_sessions, attended="pair", plan=CALM)
)
CALM_WITHDRAWAL = Attack(
    "withdrawal from a calm class", "value", partial(play_withdrawal, noise=0.03)
)


def play(attack: Attack, classes: int = CLASSES) -> Advantage:
    trials = collect(attack, POOL, classes, SEED, release_course)
    assert trials is not None
    return measure(trials)


def find(name: str) -> Attack:
    return next(attack for attack in ATTACKS if attack.name == name)


@pytest.mark.parametrize("name", [attack.name for attack in ATTACKS if attack.name not in INHERENT])
def test_attack_learns_little(name: str) -> None:
    """The advantage is not above the goal beyond chance; `measure_disclosure` has the numbers."""
    found = play(find(name))
    assert found.ci_low < MAX_ADVANTAGE, found


def leave_out_absent_members(sums: CameraSums, _own: object) -> Any:
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


def count_everybody(record: SessionRecord, min_group_size: int, *_: object) -> cohort.ChosenCohort:
    members = cohort._select_sharing(record, min_group_size)
    return cohort.ChosenCohort(members if len(members) >= min_group_size else frozenset())


def forget_decision(
    record: SessionRecord, min_group_size: int, _decision: object, earlier: Any
) -> cohort.ChosenCohort:
    return cohort.choose_final(record, min_group_size, None, earlier)


def compare_cohorts_only(group: cohort.ReleasedGroup, min_group_size: int, earlier: Any) -> bool:
    cohorts = {other.members for other in earlier}
    return cohort.is_releasable(group.members, min_group_size, cohorts)


def lose_members_only(record: SessionRecord, decision: cohort.LiveDecision) -> bool:
    return len(record.find_rows(decision.members)) < len(decision.members)


Patch = tuple[Any, str, Callable[..., Any]]


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
        "rounding",
        find("steps against timeline, contrast"),
        ((figures, "round_engagement", float),),
        80,
    ),
    Mutation(
        "weight of few members' own data",
        find("alone in the picture, contrast"),
        (
            (figures, "_weigh_own_data", lambda has_data: has_data.astype(float)),
            (figures, "round_engagement", float),
        ),
        80,
    ),
    Mutation(
        "more present than the threshold",
        find("class as large as the threshold"),
        ((figures, "choose_final", count_everybody),),
        10,
    ),
    Mutation(
        "coarse coverage",
        find("target out of the picture"),
        ((figures, "round_coverage", float),),
        25,
    ),
    Mutation(
        "session against session",
        CALM_SESSIONS,
        ((cohort, "is_group_releasable", lambda *_: True),),
        100,
    ),
    Mutation(
        "no mean of few students",
        CALM_PAIR,
        ((cohort, "isolates_few", lambda *_: False),),
        40,
    ),
    Mutation(
        "levels withheld by attendance",
        find("level withheld for a similar group"),
        ((cohort, "is_group_releasable", compare_cohorts_only),),
        20,
    ),
    Mutation(
        "late-comers as a group",
        find("does a late-comer share"),
        ((cohort, "_find_late_students", lambda *_: frozenset()),),
        100,
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
            (cohort, "is_group_releasable", lambda *_: True),
        ),
        100,
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.mechanism)
def test_attack_succeeds_without_the_mechanism(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the attack would find the mechanism missing."""
    before = play(mutation.attack, mutation.classes)
    for module, name, replacement in mutation.patches:
        monkeypatch.setattr(module, name, replacement)
    found = play(mutation.attack, mutation.classes)
    assert before.ci_low < MAX_ADVANTAGE, before
    assert found.advantage > max(MAX_ADVANTAGE, before.advantage + 0.05), (before, found)
