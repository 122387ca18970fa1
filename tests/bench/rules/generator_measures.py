"""Measure policies over the classes of each generator and validity of the faces."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, Final

from tqdm import tqdm

from fer_lms.rules.trials.assumptions import ASSUMPTIONS, Assumptions
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class
from tests.bench.rules import informed_filter
from tests.bench.rules.conditions import score_class
from tests.bench.rules.earlier_session import CLASSES, split_classes
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
    FIRST_SESSION,
    SHOWN_COUNTERS,
    TRIVIAL_POLICIES,
    EnginePolicy,
    build_threshold_family,
)
from tests.bench.rules.policy_runs import FaceValues, run_policies

MapJobs = Callable[..., Iterable[Any]]
"""As `map`; it may run the calls in other processes."""
COMPARED_RATE: Final = 0.5
"""False hints per hour at which hit rates are compared."""
FAMILIES: Final = ("fused", "face only", "interaction only", FIRST_SESSION)
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


@dataclass(frozen=True, slots=True)
class _WithFace:
    """Outcomes of the policies that use faces, and what the faces say."""

    outcomes: dict[str, ClassOutcome]
    faces: FaceValues
    """Evidence of the face alone at the close of windows inside and outside of episodes."""
    reading_auc: float


def measure_generators(extent: Extent, map_jobs: MapJobs = map) -> list[dict[str, Any]]:
    """Measure every policy over the classes of each generator and validity of the faces."""
    plain = map_jobs(partial(_score_without_face, extent), range(len(GENERATORS)))
    pairs = list(product(range(len(GENERATORS)), extent.face_aucs))
    with_face = map_jobs(partial(_score_with_face, extent), pairs)
    without_face = list(plain)
    measured = zip(pairs, with_face, strict=True)
    return [
        _combine(GENERATORS[number].name, face_auc, without_face[number], found)
        for (number, face_auc), found in tqdm(measured, "generators", len(pairs), disable=None)
    ]


def _simulate(extent: Extent, generator: Generator, face_auc: float) -> list[SimulatedLearner]:
    return [
        learner
        for seed in extent.seeds
        for learner in split_classes(
            generator.simulate(
                seed=seed,
                learners=CLASSES * extent.learners,
                minutes=extent.minutes,
                face_auc=face_auc,
                error_rate=extent.error_rate,
            )
        )
    ]


def _score_without_face(extent: Extent, number: int) -> dict[str, ClassOutcome]:
    """Score the policies whose hints are the same for every validity of the faces."""
    generator = GENERATORS[number]
    learners = _simulate(extent, generator, extent.face_aucs[0])
    outcomes = {one.name: score_class(learners, one) for one in COUNTERS}
    outcomes |= {name: score_class(learners, one) for name, one in TRIVIAL_POLICIES.items()}
    outcomes |= _score_rules(learners, uses_face=False)[0]
    return outcomes | _score_informed_filter(generator.name, learners)


def _score_with_face(extent: Extent, pair: tuple[int, float]) -> _WithFace:
    number, face_auc = pair
    learners = _simulate(extent, GENERATORS[number], face_auc)
    outcomes, faces = _score_rules(learners, uses_face=True)
    return _WithFace(outcomes, faces, measure_face_auc(learners, GENERATORS[number].assumptions))


def _combine(
    name: str, face_auc: float, without_face: Mapping[str, ClassOutcome], found: _WithFace
) -> dict[str, Any]:
    """Describe all policies over the same learners."""
    outcomes = {**without_face, **found.outcomes}
    curves = _list_curves(outcomes)
    shown = _select_shown(outcomes)
    of_learners = shown["none"].learners
    weights = draw_weights(len(of_learners))
    return {
        "name": name,
        "face_auc": face_auc,
        "reading_face_auc": round(found.reading_auc, 3),
        "evidence_face_auc": round(compute_auc(*found.faces), 3) if all(found.faces) else None,
        "learner_hours": round(sum(one.hours for one in of_learners), 1),
        "episodes": sum(one.episodes for one in of_learners),
        "policies": [
            _describe_policy(policy, outcome, curves.get(policy), weights)
            for policy, outcome in shown.items()
        ],
        "comparisons": _compare(curves, weights),
    }


def _list_curves(outcomes: Mapping[str, ClassOutcome]) -> dict[str, Curve]:
    curves = {
        family: Curve(
            [(key, outcomes[f"{family} {key}"]) for key in build_threshold_family(family)]
        )
        for family in FAMILIES
    }
    curves["default"] = curves["fused" if FACE_IN_DEFAULT else "interaction only"]
    curves[INFORMED_FILTER] = Curve(
        [(f"{one:g}", outcomes[f"{INFORMED_FILTER} {one:g}"]) for one in informed_filter.THRESHOLDS]
    )
    curves[COUNTER_FAMILY] = Curve([(one.name, outcomes[one.name]) for one in COUNTERS])
    return curves


def _select_shown(outcomes: Mapping[str, ClassOutcome]) -> dict[str, ClassOutcome]:
    """Return the rules as they ship, the best of each family, and the trivial policies."""
    shown = {name: outcomes[name] for name in ENGINE_POLICIES}
    thresholds = informed_filter.THRESHOLDS
    shown[INFORMED_FILTER] = _find_best(
        [(f"{one:g}", outcomes[f"{INFORMED_FILTER} {one:g}"]) for one in thresholds]
    )
    counters = [(one.name, outcomes[one.name]) for one in COUNTERS]
    best = max(counters, key=_get_allowed_hit_rate)[0]
    shown[COUNTER_FAMILY] = outcomes[best]
    for name in (best, *(one.name for one in SHOWN_COUNTERS), *TRIVIAL_POLICIES):
        shown[name] = outcomes[name]
    return shown


def _find_best(members: Sequence[tuple[str, ClassOutcome]]) -> ClassOutcome:
    """Return the member with the best hit rate at no more than the compared rate."""
    return max(members, key=_get_allowed_hit_rate)[1]


def _get_allowed_hit_rate(member: tuple[str, ClassOutcome]) -> float:
    outcome = member[1]
    return (outcome.hit_rate or 0.0) if outcome.false_per_hour <= COMPARED_RATE else -1.0


def _score_informed_filter(
    generator: str, learners: Sequence[SimulatedLearner]
) -> dict[str, ClassOutcome]:
    computed = [
        (one, informed_filter.compute_stuck_probabilities(one, generator)) for one in learners
    ]
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
        (FIRST_SESSION, COUNTER_FAMILY),
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
