"""Measure policies side by side on the same simulated learners: the result of `measure_rules`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tqdm import tqdm

from fer_lms.rules.engine.evaluation import CLOSE_DELAY_S
from fer_lms.rules.trials.assumptions import ASSUMPTIONS, Assumptions
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class
from tests.bench.rules import informed_filter
from tests.bench.rules.conditions import measure_conditions, measure_cost, score_class
from tests.bench.rules.evidence_cache import EvidenceByTime, cache_evidence
from tests.bench.rules.face_reading import compute_auc, measure_face_auc
from tests.bench.rules.goals import check_goals
from tests.bench.rules.markov import MARKOV, simulate_markov_class
from tests.bench.rules.outcomes import (
    Array,
    ClassOutcome,
    Curve,
    Help,
    Interval,
    bootstrap,
    compute_interval,
    draw_weights,
    score_learner,
)
from tests.bench.rules.personas import PERSONAS, Persona, simulate_persona
from tests.bench.rules.policies import (
    COUNTERS,
    DEFAULT_SPEC,
    DEFAULT_SPECS,
    FACE_IN_DEFAULT,
    FACE_ONLY_SPEC,
    TRIVIAL_POLICIES,
    CounterPolicy,
    EnginePolicy,
    GiveHints,
    build_threshold_family,
)

FACE_AUCS: Final = (0.57, 0.65, 0.75)
PARTS: Final = ("generators", "personas", "rows", "cost")
COMPARED_RATE: Final = 0.5
"""False hints per hour at which hit rates are compared."""
TUNING_SEEDS: Final = range(100)
HELD_OUT_SEEDS: Final = range(1000, 1100)
"""The second are for reporting only."""
ENGINE_POLICIES: Final[Mapping[str, EnginePolicy]] = {
    "default": EnginePolicy(DEFAULT_SPECS, FACE_IN_DEFAULT),
    "fused": EnginePolicy((DEFAULT_SPEC,), uses_face=True),
    "face only": EnginePolicy((FACE_ONLY_SPEC,), uses_face=True),
    "interaction only": EnginePolicy((DEFAULT_SPEC,), uses_face=False),
}
FAMILIES: Final = ("fused", "face only", "interaction only")
PERSONA_CLASSES: Final = 4
ROW_CLASSES: Final = 2
SHOWN_COUNTERS: Final = (CounterPolicy(2, 3), CounterPolicy(4, 3))
INFORMED_FILTER: Final = "informed filter"
COUNTER_FAMILY: Final = "counter family"


FaceValues = tuple[list[float], list[float]]


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
class Extent:
    """How much is simulated."""

    seeds: Sequence[int]
    learners: int = 24
    minutes: int = 40
    face_aucs: Sequence[float] = FACE_AUCS
    error_rate: float | None = None
    parts: Sequence[str] = PARTS


@dataclass(slots=True)
class _ClassResult:
    """Outcomes of all policies over the same learners."""

    outcomes: dict[str, ClassOutcome] = field(default_factory=dict)
    """By policy, at the threshold that ships."""
    curves: dict[str, Curve] = field(default_factory=dict)
    faces: FaceValues = field(default_factory=lambda: ([], []))
    """Evidence of the face alone at the close of windows inside and outside of episodes."""


def measure_rules(extent: Extent) -> dict[str, Any]:
    """Return the keys of `measure_rules --json`; the same extent gives the same figures."""
    measured: dict[str, Any] = {"seeds": list(extent.seeds)}
    for part, measure in (
        ("generators", measure_generators),
        ("personas", measure_personas),
        ("rows", _measure_rows),
        ("cost", lambda _extent: measure_cost()),
    ):
        if part in extent.parts:
            measured[part] = measure(extent)
    return measured | {"goals": check_goals(measured)}


def _measure_rows(extent: Extent) -> list[dict[str, Any]]:
    seeds = extent.seeds[:ROW_CLASSES]
    return measure_conditions(seeds=seeds, learners=extent.learners, minutes=extent.minutes)


# --- Generators ---------------------------------------------------------------------------------


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
    given, faces = _run_rules(learners, policies)
    outcomes = {
        name: ClassOutcome([score_learner(*pair) for pair in zip(learners, helps, strict=True)])
        for name, helps in given.items()
    }
    return outcomes, faces


def _run_rules(
    learners: Sequence[SimulatedLearner], policies: Mapping[str, EnginePolicy]
) -> tuple[dict[str, list[list[Help]]], FaceValues]:
    """Return the hints of each policy to each learner, and the evidence of their faces."""
    given: dict[str, list[list[Help]]] = {name: [] for name in policies}
    faces: FaceValues = ([], [])
    for learner in learners:
        for uses_face in (False, True):
            with cache_evidence() as evidence:
                for name, policy in policies.items():
                    if policy.uses_face == uses_face:
                        given[name].append(policy(learner))
            _collect_faces(faces, learner, evidence)
    return given, faces


def _collect_faces(faces: FaceValues, learner: SimulatedLearner, evidence: EvidenceByTime) -> None:
    inside, outside = faces
    for start in learner.windows:
        found = evidence.get((DEFAULT_SPEC.evidence, float(start + CLOSE_DELAY_S)))
        if found is not None and found.face is not None:
            is_inside = learner.find_episode(start - learner.started_at) is not None
            (inside if is_inside else outside).append(found.face)


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
        "hit_rate": _round(outcome.hit_rate),
        "hit_rate_interval": _round_interval(hit_interval),
        "false_per_hour": round(outcome.false_per_hour, 3),
        "false_per_hour_interval": _round_interval(false_interval),
        "median_delay_s": _round(outcome.median_delay_s, 1),
        "precision": _round(outcome.precision),
        "helped_again_rate": _round(outcome.helped_again_rate),
        "still_stuck": sum(one.still_stuck for one in outcome.learners),
        "curve": [],
    }
    if curve is not None:
        described["curve"] = _describe_curve(curve)
        described["hit_rate_at_0.5"] = round(curve.compute_hit_rate_at(COMPARED_RATE), 4)
        described["hit_rate_at_0.5_interval"] = _round_interval(
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
                    "median_delay_s": _round(outcome.median_delay_s, 1),
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
            "interval": _round_interval(compute_interval(resampled[policy] - resampled[other])),
        }
        for policy, other in pairs
    ]


# --- Personas -----------------------------------------------------------------------------------


def measure_personas(extent: Extent) -> list[dict[str, Any]]:
    """Measure every policy over the learners of each persona."""
    return [
        _measure_persona(persona, extent)
        for persona in tqdm(PERSONAS, desc="personas", disable=None)
    ]


def _measure_persona(persona: Persona, extent: Extent) -> dict[str, Any]:
    learners = [
        learner
        for seed in extent.seeds[:PERSONA_CLASSES]
        for learner in simulate_persona(persona, seed=seed, learners=extent.learners)
    ]
    trivial: dict[str, GiveHints] = {counter.name: counter for counter in SHOWN_COUNTERS}
    trivial |= TRIVIAL_POLICIES
    given, _ = _run_rules(learners, ENGINE_POLICIES)
    given |= {name: [policy(one) for one in learners] for name, policy in trivial.items()}
    weights = draw_weights(len(learners))
    return {
        "name": persona.name,
        "is_frustrated": persona.is_frustrated,
        "policies": [
            _describe_persona_policy(name, learners, given[name], weights)
            for name in (*ENGINE_POLICIES, *trivial)
        ],
    }


def _describe_persona_policy(
    name: str,
    learners: Sequence[SimulatedLearner],
    helps: Sequence[Sequence[Help]],
    weights: Array,
) -> dict[str, Any]:
    scores = [score_learner(*pair) for pair in zip(learners, helps, strict=True)]
    outcome = ClassOutcome(scores)
    hints = [float(one.hints) for one in scores]
    hours = sum(one.hours for one in scores) / len(scores)
    rates = (weights @ hints) / len(hints) / hours
    described: dict[str, Any] = {
        "name": name,
        "hints_per_hour": round(outcome.hints_per_hour, 3),
        "interval": _round_interval(compute_interval(rates)),
    }
    if outcome.hit_rate is not None:
        described |= {
            "met": round(outcome.hit_rate, 3),
            "first_hint_s": _round(outcome.median_delay_s, 1),
            "hints": round(sum(hints) / len(hints), 2),
            "levels": sorted({one.level for given in helps for one in given}),
            "helped_again_rate": _round(outcome.helped_again_rate),
        }
    return described


def _round(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _round_interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(bound, 4) for bound in interval]
