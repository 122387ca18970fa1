"""`measure_rules`: scores of hints, the compared policies, and the keys of the result."""

import json
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from fer_lms.engagement.activity import LearnerAction
from fer_lms.rules.trials.generator import (
    STARTED_AT,
    Episode,
    SimulatedLearner,
    simulate_class,
)
from fer_lms.rules.trials.simulated_faces import LearnerTraits
from tests.bench.rules.curves import list_points
from tests.bench.rules.evidence_cache import cache_evidence
from tests.bench.rules.goals import check_goals
from tests.bench.rules.informed_filter import FILTERS, compute_stuck_probabilities, give_hints
from tests.bench.rules.outcomes import (
    ClassOutcome,
    Curve,
    Help,
    LearnerOutcome,
    compute_hull,
    compute_interval,
    draw_weights,
    evaluate_hull,
    score_learner,
)
from tests.bench.rules.policies import (
    DEFAULT_SPEC,
    CounterPolicy,
    EnginePolicy,
    build_threshold_family,
    give_hints_at_intervals,
    give_no_hints,
    set_threshold,
)
from tests.bench.rules.report import END, PAGE, START, write_docs


def make_learner(*episodes: Episode, wrong: tuple[float, ...] = ()) -> SimulatedLearner:
    learner = SimulatedLearner(LearnerTraits(), STARTED_AT, 2400, list(episodes))
    learner.actions = [LearnerAction(STARTED_AT + at, "answered", 1, "wrong") for at in wrong]
    return learner


def give(*moments: float) -> list[Help]:
    return [Help(at, number) for number, at in enumerate(moments, start=1)]


def test_hints_inside_episodes_are_hits_and_others_false() -> None:
    learner = make_learner(Episode(100, 200), Episode(1000, 1100))
    outcome = score_learner(learner, give(99, 150, 219, 221, 1200))
    assert (outcome.episodes, outcome.hits, outcome.hints, outcome.false) == (2, 1, 5, 3)
    assert outcome.delays == [50]
    result = ClassOutcome([outcome])
    assert result.hit_rate == 0.5
    assert result.false_per_hour == pytest.approx(3 / (2400 / 3600))
    assert result.precision == pytest.approx(0.4)


def test_helped_again_counts_episodes_that_outlast_the_cooldown() -> None:
    short = score_learner(make_learner(Episode(100, 450)), give(120, 430))
    assert (short.still_stuck, short.helped_again) == (0, 0)
    helped = score_learner(make_learner(Episode(100, 700)), give(120, 430))
    assert (helped.still_stuck, helped.helped_again) == (1, 1)
    left = score_learner(make_learner(Episode(100, 700)), give(120))
    assert (left.still_stuck, left.helped_again) == (1, 0)
    full = score_learner(make_learner(Episode(0, 2400)), give(100, 400, 700, 1000))
    assert (full.still_stuck, full.helped_again) == (3, 3), "no fifth hint can follow the fourth"


def test_counter_counts_wrong_answers_within_its_minutes() -> None:
    counter = CounterPolicy(3, 2)
    assert counter(make_learner(wrong=(100, 150, 221))) == []
    assert counter(make_learner(wrong=(100, 150, 220))) == [Help(220, 1)]
    often = tuple(range(10, 2400, 20))
    assert [one.at for one in counter(make_learner(wrong=often))] == [70, 370, 670, 970]


def test_trivial_policies() -> None:
    learner = make_learner()
    assert [one.at for one in give_hints_at_intervals(learner)] == [600, 1200, 1800, 2400]
    assert give_no_hints(learner) == []


def test_hull_is_the_best_mixture_of_two_members() -> None:
    points = [(0.5, 0.1), (1.0, 0.4), (2.0, 0.3), (4.0, 0.5)]
    assert compute_hull(points) == [(0.0, 0.0), (1.0, 0.4), (4.0, 0.5)]
    assert evaluate_hull(points, 0.5) == pytest.approx(0.2)
    assert evaluate_hull(points, 9.0) == 0.5
    assert evaluate_hull([(0.0, 0.0)], 0.5) == 0.0


def test_intervals_come_from_learners() -> None:
    outcomes = [LearnerOutcome(4, 1.0, hits=hits, hints=4, false=1) for hits in (0, 1, 2, 3, 4) * 8]
    curve = Curve([("a", ClassOutcome(outcomes))])
    resampled = curve.resample(draw_weights(40, resamples=200), 1.0)
    low, high = compute_interval(resampled)
    assert curve.compute_hit_rate_at(1.0) == pytest.approx(0.5)
    assert low < 0.5 < high
    assert 0.05 < high - low < 0.3
    same = Curve([("a", ClassOutcome([LearnerOutcome(4, 1.0, hits=2, hints=3, false=1)] * 5))])
    assert np.ptp(same.resample(draw_weights(5, resamples=50), 1.0)) == pytest.approx(0.0)


def test_release_level_moves_with_the_threshold() -> None:
    moved = set_threshold(DEFAULT_SPEC, DEFAULT_SPEC.threshold + 0.1)
    assert moved.threshold - moved.release == pytest.approx(
        DEFAULT_SPEC.threshold - DEFAULT_SPEC.release
    )


def test_cached_evidence_gives_the_same_hints() -> None:
    learners = simulate_class(seed=0, learners=3)
    policies: list[EnginePolicy] = list(build_threshold_family("fused").values())
    given = []
    for learner in learners:
        plain = [policy(learner) for policy in policies]
        with cache_evidence():
            assert [policy(learner) for policy in policies] == plain
        given += plain
    assert any(given)


@pytest.mark.parametrize("generator", FILTERS)
def test_informed_filter_finds_who_keeps_failing(generator: str) -> None:
    failing = make_learner(Episode(600, 1200))
    failing.true_error_rates, failing.pace_s = {1: 0.3}, 25.0
    failing.actions = [
        LearnerAction(STARTED_AT + 1.0, "step_opened", 1),
        *(
            LearnerAction(STARTED_AT + at, "answered", 1, value)
            for at, value in [
                *((at, "wrong" if at % 100 == 0 else "right") for at in range(25, 600, 25)),
                *((at, "wrong") for at in range(620, 1200, 20)),
                *((at, "right") for at in range(1225, 2400, 25)),
            ]
        ),
    ]
    stuck = compute_stuck_probabilities(failing, generator)
    assert max(probability for at, probability in stuck if 500 < at < 600) < 0.2
    assert max(probability for at, probability in stuck if 700 < at < 1200) > 0.8
    assert max(probability for at, probability in stuck if at > 1700) < 0.2
    assert give_hints(stuck, 0.7)[0].at > 600


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    out = StringIO()
    options = {"classes": 1, "learners": 2, "minutes": 30, "face_auc": [0.65], "stdout": out}
    call_command("measure_rules", "--json", **options)
    measured: dict[str, Any] = json.loads(out.getvalue())
    return measured


def find(policies: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(policy for policy in policies if policy["name"] == name)


def test_result_has_the_published_keys(result: dict[str, Any]) -> None:
    assert {"generators", "personas", "rows", "cost"} <= set(result)
    assert [one["name"] for one in result["generators"]] == ["episodes", "markov"]
    for generator in result["generators"]:
        assert generator["face_auc"] == 0.65
        assert 0 < generator["reading_face_auc"] < 1
        assert 0 < generator["evidence_face_auc"] < 1
        names = {policy["name"] for policy in generator["policies"]}
        assert {"default", "fused", "face only", "interaction only", "every 10 min", "none"} < names
        assert "counter family" in names
        for policy in generator["policies"]:
            assert {
                *("hit_rate", "false_per_hour", "median_delay_s", "precision", "curve"),
                "helped_again_rate",
            } < set(policy)
    curve = find(result["generators"][0]["policies"], "counter family")["curve"]
    rates = [point["false_per_hour"] for point in curve]
    assert rates == sorted(rates)


def test_result_covers_every_persona(result: dict[str, Any]) -> None:
    names = [persona["name"] for persona in result["personas"]]
    assert len(names) == len(set(names)) == 17
    for persona in result["personas"]:
        rates = {policy["name"]: policy["hints_per_hour"] for policy in persona["policies"]}
        assert rates["none"] == 0
        assert 5 <= rates["every 10 min"] <= 6


def test_result_as_text_names_every_policy() -> None:
    out = StringIO()
    options = {"classes": 1, "learners": 2, "minutes": 20, "face_auc": [0.65], "stdout": out}
    call_command("measure_rules", parts=["generators", "cost"], **options)
    assert "interaction only" in out.getvalue()
    assert "cost of one window" in out.getvalue()


def make_goal_result(difference: float, delay: float, calm: float) -> dict[str, Any]:
    pairs = [(one, "counter family") for one in ("default", "fused", "informed filter")]
    compared = [
        {"policy": policy, "against": other, "difference": difference} for policy, other in pairs
    ]
    generator = {
        "name": "episodes",
        "face_auc": 0.65,
        "policies": [
            {"name": "default", "median_delay_s": delay},
            {"name": "informed filter", "median_delay_s": 58.0},
        ],
        "comparisons": compared,
    }
    persona = {
        "name": "keyboard",
        "is_frustrated": False,
        "policies": [{"name": "default", "hints_per_hour": calm}],
    }
    cost = {"formulas_and_rules_ms": 0.1}
    return {"generators": [generator], "personas": [persona], "cost": cost}


@pytest.mark.parametrize(
    ("difference", "delay", "calm", "met"),
    [
        (0.12, 50, 0.4, [True, True, True, True, True]),
        (0.07, 61, 0.6, ["floor", "floor", False, False, True]),
        (0.04, 60, 0.5, [False, False, True, True, True]),
    ],
)
def test_goals_are_checked(difference: float, delay: float, calm: float, met: list[Any]) -> None:
    goals = check_goals(make_goal_result(difference, delay, calm))
    assert [goal["met"] for goal in goals] == met


def test_page_and_curves_are_written(result: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    page = tmp_path / PAGE
    page.parent.mkdir()
    page.write_text(f"# Title\n\n{START}\nold\n{END}\nafter\n")
    files = write_docs(result, tmp_path)
    assert [file.name for file in files] == ["rules-episodes.svg", "rules-markov.svg", PAGE.name]
    text = page.read_text()
    assert text.startswith("# Title\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "| failing on and on |" in text
    drawn = ElementTree.parse(tmp_path / "figures" / "rules-markov.svg").getroot()
    lines = [path for path in drawn.iter() if path.get("stroke-width") == "2"]
    assert len(lines) == 6, "one of each curve"


def test_curve_ends_with_the_axis() -> None:
    curve = [{"false_per_hour": 1.0, "hit_rate": 0.2}, {"false_per_hour": 5.0, "hit_rate": 0.4}]
    assert list_points(curve) == [(0.0, 0.0), (1.0, 0.2), (3.0, pytest.approx(0.3))]


def test_docs_need_all_parts(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="needs all parts"):
        call_command("measure_rules", parts=["cost"], write_docs=tmp_path)
