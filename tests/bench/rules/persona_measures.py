"""Measure policies over the learners of each persona."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from tqdm import tqdm

from fer_lms.rules.trials.generator import SimulatedLearner
from tests.bench.rules.earlier_session import CLASSES, split_classes
from tests.bench.rules.extent import Extent
from tests.bench.rules.generator_measures import MapJobs
from tests.bench.rules.outcomes import (
    Array,
    ClassOutcome,
    Help,
    compute_interval,
    draw_weights,
    round_interval,
    round_value,
    score_learner,
)
from tests.bench.rules.personas import PERSONAS, Persona, simulate_persona
from tests.bench.rules.policies import ENGINE_POLICIES, SHOWN_COUNTERS, TRIVIAL_POLICIES, GiveHints
from tests.bench.rules.policy_runs import run_policies

PERSONA_CLASSES: Final = 4


def measure_personas(extent: Extent, map_jobs: MapJobs = map) -> list[dict[str, Any]]:
    """Measure every policy over the learners of each persona."""
    measured = map_jobs(partial(_measure_persona, extent), range(len(PERSONAS)))
    return list(tqdm(measured, desc="personas", total=len(PERSONAS), disable=None))


def _measure_persona(extent: Extent, number: int) -> dict[str, Any]:
    persona = PERSONAS[number]
    learners = [
        learner
        for seed in extent.seeds[:PERSONA_CLASSES]
        for learner in _simulate(persona, seed, extent.learners)
    ]
    trivial: dict[str, GiveHints] = {counter.name: counter for counter in SHOWN_COUNTERS}
    trivial |= TRIVIAL_POLICIES
    given, _ = run_policies(learners, ENGINE_POLICIES)
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


def _simulate(persona: Persona, seed: int, learners: int) -> list[SimulatedLearner]:
    if not persona.has_earlier_session:
        return simulate_persona(persona, seed=seed, learners=learners)
    return split_classes(simulate_persona(persona, seed=seed, learners=CLASSES * learners))


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
        "interval": round_interval(compute_interval(rates)),
    }
    if outcome.hit_rate is not None:
        described |= {
            "met": round(outcome.hit_rate, 3),
            "first_hint_s": round_value(outcome.median_delay_s, 1),
            "hints": round(sum(hints) / len(hints), 2),
            "levels": sorted({one.level for given in helps for one in given}),
            "helped_again_rate": round_value(outcome.helped_again_rate),
        }
    return described
