"""Measure policies over the classes of each generator and validity of the faces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tqdm import tqdm

from fer_lms.rules.trials.assumptions import ASSUMPTIONS, Assumptions
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class
from tests.bench.rules import informed_filter
from tests.bench.rules.conditions import score_class
from tests.bench.rules.extent import Extent
from tests.bench.rules.face_reading import compute_auc, measure_face_auc
from tests.bench.rules.markov import MARKOV, simulate_markov_class
from tests.bench.rules.outcomes import (
    Array,
    ClassOutcome,
    Curve,
    bootstrap,
    compute_interval,
    draw_weights,
    round_interval,
    round_value,
    score_learner,
)
from tests.bench.rules.policies import (
    COUNTERS,
    ENGINE_POLICIES,
    FACE_IN_DEFAULT,
    SHOWN_COUNTERS,
    TRIVIAL_POLICIES,
    EnginePolicy,
    build_threshold_family,
)
from tests.bench.rules.policy_runs import FaceValues, run_policies

COMPARED_RATE: Final = 0.5
"""False hints per hour at which hit rates are compared."""
FAMILIES: Final = ("fused", "face only", "interaction only")
INFORMED_FILTER: Final = "informed filter"
COUNTER_FAMILY: Final = "counter family"


@dataclass(frozen=True, slots=True)
class Generator:
    """A way to simulate a class."""

    name: str
    simulate: Callable[..., list[SimulatedLearner]]
    assumptions: Assumptions


GENERATORS: Final = (
    Generator("episodes", simulate_class, ASSUMPTIONS),
    Generator("markov", simulate_markov_class, MARKOV),
)


@dataclass(slots=True)
class _ClassResult:
    """Outcomes of all policies over the same learners."""

    outcomes: dict[str, ClassOutcome] = field(default_factory=dict)
    """By policy, at the threshold that ships."""
    curves: dict[str, Curve] = field(default_factory=dict)
    faces: FaceValues = field(default_factory=lambda: ([], []))
    """Evidence of the face alone at the close of windows inside and outside of episodes."""


def measure_generators(extent: Extent) -> list[dict[str, Any]]:
    """Measure every policy over the classes of each generator and validity of the faces."""
    pairs = [(generator, auc) for generator in GENERATORS for auc in extent.face_aucs]
    measured = []
    without_face: dict[str, ClassOutcome] = {}
    for generator, face_auc in tqdm(pairs, desc="generators", disable=None):
        if face_auc == extent.face_aucs[0]:
            without_face = {}
        measured.append(_measure_generator(generator, extent, face_auc, without_face))
    return measured


def _measure_generator(
    generator: Generator, extent: Extent, face_auc: float, without_face: dict[str, ClassOutcome]
) -> dict[str, Any]:
    """Measure every policy over the classes of one generator.

    Args:
        without_face: Outcomes that do not depend on faces, for the next validity: filled here.
    """
    learners = [
        learner
        for seed in extent.seeds
        for learner in generator.simulate(
            seed=seed,
            learners=extent.learners,
            minutes=extent.minutes,
            face_auc=face_auc,
            error_rate=extent.error_rate,
        )
    ]
    result = _measure_class(learners, without_face)
    weights = draw_weights(len(learners))
    return {
        "name": generator.name,
        "face_auc": face_auc,
        "reading_face_auc": round(measure_face_auc(learners, generator.assumptions), 3),
        "evidence_face_auc": round(compute_auc(*result.faces), 3) if all(result.faces) else None,
        "learner_hours": round(sum(learner.seconds for learner in learners) / 3600, 1),
        "episodes": sum(len(learner.episodes) for learner in learners),
        "policies": [
            _describe_policy(name, outcome, result.curves.get(name), weights)
            for name, outcome in result.outcomes.items()
        ],
        "comparisons": _compare(result.curves, weights),
    }


def _measure_class(
    learners: Sequence[SimulatedLearner], without_face: dict[str, ClassOutcome]
) -> _ClassResult:
    if not without_face:
        without_face |= {one.name: score_class(learners, one) for one in COUNTERS}
        without_face |= {n: score_class(learners, one) for n, one in TRIVIAL_POLICIES.items()}
        without_face |= _score_rules(learners, uses_face=False)[0]
        without_face |= _score_informed_filter(learners)
    with_face, faces = _score_rules(learners, uses_face=True)
    outcomes = without_face | with_face
    result = _ClassResult({name: outcomes[name] for name in ENGINE_POLICIES}, faces=faces)
    for family in FAMILIES:
        members = [(key, outcomes[f"{family} {key}"]) for key in build_threshold_family(family)]
        result.curves[family] = Curve(members)
    result.curves["default"] = result.curves["fused" if FACE_IN_DEFAULT else "interaction only"]
    bound = [
        (f"{one:g}", outcomes[f"{INFORMED_FILTER} {one:g}"]) for one in informed_filter.THRESHOLDS
    ]
    result.curves[INFORMED_FILTER] = Curve(bound)
    result.outcomes[INFORMED_FILTER] = _find_best(bound)
    counters = [(one.name, outcomes[one.name]) for one in COUNTERS]
    result.curves[COUNTER_FAMILY] = Curve(counters)
    best = max(counters, key=_get_allowed_hit_rate)[0]
    result.outcomes[COUNTER_FAMILY] = outcomes[best]
    for name in (best, *(one.name for one in SHOWN_COUNTERS), *TRIVIAL_POLICIES):
        result.outcomes[name] = outcomes[name]
    return result


def _find_best(members: Sequence[tuple[str, ClassOutcome]]) -> ClassOutcome:
    """Return the member with the best hit rate at no more than the compared rate."""
    return max(members, key=_get_allowed_hit_rate)[1]


def _get_allowed_hit_rate(member: tuple[str, ClassOutcome]) -> float:
    outcome = member[1]
    return (outcome.hit_rate or 0.0) if outcome.false_per_hour <= COMPARED_RATE else -1.0


def _score_informed_filter(learners: Sequence[SimulatedLearner]) -> dict[str, ClassOutcome]:
    computed = [(one, informed_filter.compute_stuck_probabilities(one)) for one in learners]
    return {
        f"{INFORMED_FILTER} {threshold:g}": ClassOutcome(
            [
                score_learner(learner, informed_filter.give_hints(stuck, threshold))
                for learner, stuck in computed
            ]
        )
        for threshold in informed_filter.THRESHOLDS
    }


def _score_rules(
    learners: Sequence[SimulatedLearner], *, uses_face: bool
) -> tuple[dict[str, ClassOutcome], FaceValues]:
    policies = {
        name: policy for name, policy in _list_engine_policies() if policy.uses_face == uses_face
    }
    given, faces = run_policies(learners, policies)
    outcomes = {
        name: ClassOutcome([score_learner(*pair) for pair in zip(learners, helps, strict=True)])
        for name, helps in given.items()
    }
    return outcomes, faces


def _list_engine_policies() -> Iterator[tuple[str, EnginePolicy]]:
    yield from ENGINE_POLICIES.items()
    for family in FAMILIES:
        for threshold, policy in build_threshold_family(family).items():
            yield f"{family} {threshold}", policy


def _describe_policy(
    name: str, outcome: ClassOutcome, curve: Curve | None, weights: Array
) -> dict[str, Any]:
    hit_interval, false_interval = bootstrap(outcome, weights)
    described: dict[str, Any] = {
        "name": name,
        "hit_rate": round_value(outcome.hit_rate),
        "hit_rate_interval": round_interval(hit_interval),
        "false_per_hour": round(outcome.false_per_hour, 3),
        "false_per_hour_interval": round_interval(false_interval),
        "median_delay_s": round_value(outcome.median_delay_s, 1),
        "precision": round_value(outcome.precision),
        "helped_again_rate": round_value(outcome.helped_again_rate),
        "still_stuck": sum(one.still_stuck for one in outcome.learners),
        "curve": [],
    }
    if curve is not None:
        described["curve"] = _describe_curve(curve)
        described["hit_rate_at_0.5"] = round(curve.compute_hit_rate_at(COMPARED_RATE), 4)
        described["hit_rate_at_0.5_interval"] = round_interval(
            compute_interval(curve.resample(weights, COMPARED_RATE))
        )
    return described


def _describe_curve(curve: Curve) -> list[dict[str, Any]]:
    """Return the members by rising rate; of a family of counters only those that are best."""
    points: list[dict[str, Any]] = []
    for name, outcome in sorted(curve.members, key=_get_sort_key):
        if not points or (outcome.hit_rate or 0.0) > points[-1]["hit_rate"]:
            points.append(
                {
                    "false_per_hour": round(outcome.false_per_hour, 3),
                    "hit_rate": round(outcome.hit_rate or 0.0, 4),
                    "median_delay_s": round_value(outcome.median_delay_s, 1),
                    "member": name,
                }
            )
    return points


def _get_sort_key(member: tuple[str, ClassOutcome]) -> tuple[float, float]:
    return member[1].false_per_hour, -(member[1].hit_rate or 0.0)


def _compare(curves: Mapping[str, Curve], weights: Array) -> list[dict[str, Any]]:
    """Return paired differences of the hit rates at the compared rate of false hints."""
    pairs = (
        ("default", COUNTER_FAMILY),
        ("fused", COUNTER_FAMILY),
        ("interaction only", COUNTER_FAMILY),
        ("fused", "interaction only"),
        (INFORMED_FILTER, COUNTER_FAMILY),
    )
    resampled = {name: curve.resample(weights, COMPARED_RATE) for name, curve in curves.items()}
    at = {name: curve.compute_hit_rate_at(COMPARED_RATE) for name, curve in curves.items()}
    return [
        {
            "policy": policy,
            "against": other,
            "false_per_hour": COMPARED_RATE,
            "difference": round(at[policy] - at[other], 4),
            "interval": round_interval(compute_interval(resampled[policy] - resampled[other])),
        }
        for policy, other in pairs
    ]
