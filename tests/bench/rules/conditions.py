"""Short table of the default rule under several conditions, and the CPU cost of one window."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fer_lms.rules.engine.evaluation import CLOSE_DELAY_S, advance, create_state
from fer_lms.rules.engine.stored_state import parse_state, serialize_state
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class
from fer_lms.rules.trials.simulated_evaluation import run_rules
from tests.bench.rules.outcomes import ClassOutcome, score_learner
from tests.bench.rules.policies import (
    DEFAULT_SPEC,
    FACE_ONLY_SPEC,
    EnginePolicy,
    GiveHints,
    build_settings,
)

RULES: Final[Mapping[str, EnginePolicy]] = {
    "default": EnginePolicy((DEFAULT_SPEC,), uses_face=True),
    "face_only": EnginePolicy((FACE_ONLY_SPEC,), uses_face=True),
    "interaction_only": EnginePolicy((DEFAULT_SPEC,), uses_face=False),
}
CONDITIONS: Final[Mapping[str, dict[str, Any]]] = {
    "mixed class": {},
    "coverage 30 %": {"coverage": 0.3},
    "coverage 75 %": {"coverage": 0.75},
    "coverage 100 %": {"coverage": 1.0},
    "faces that show little": {"expressiveness": 0.2},
    "faces that show much": {"expressiveness": 2.0},
    "steady readings": {"noise": 0.02},
    "wobbling readings": {"noise": 0.1},
}
"""Arguments of `simulate_class`."""


def measure_conditions(
    *, seeds: Sequence[int], learners: int = 24, minutes: int = 40
) -> list[dict[str, Any]]:
    """Return one row for each condition and rule; the same arguments give the same rows."""
    rows = []
    for condition, parameters in CONDITIONS.items():
        simulated = [
            learner
            for seed in seeds
            for learner in simulate_class(
                seed=seed, learners=learners, minutes=minutes, **parameters
            )
        ]
        rows += [
            {"condition": condition, "rule": name} | _to_row(score_class(simulated, policy))
            for name, policy in RULES.items()
        ]
    return rows


def score_class(learners: Sequence[SimulatedLearner], policy: GiveHints) -> ClassOutcome:
    """Score a policy over a class."""
    return ClassOutcome([score_learner(learner, policy(learner)) for learner in learners])


def _to_row(outcome: ClassOutcome) -> dict[str, Any]:
    delay = outcome.median_delay_s
    return {
        "hard_times": sum(one.episodes for one in outcome.learners),
        "hit_rate": round(outcome.hit_rate or 0.0, 3),
        "false_alarms_per_learner_hour": round(outcome.false_per_hour, 2),
        "median_delay_seconds": None if delay is None else round(delay),
        "learner_hours": round(sum(one.hours for one in outcome.learners), 1),
    }


def measure_cost(*, learners: int = 24, minutes: int = 40, rules: int = 2) -> dict[str, float]:
    """Return the CPU milliseconds of one window, without the database.

    Measured without and with the state parsed and serialized for every window, as live evaluation
    does.
    """
    simulated = simulate_class(seed=0, learners=learners, minutes=minutes)
    windows = sum(len(learner.windows) for learner in simulated)
    settings = build_settings((DEFAULT_SPEC,) * rules, simulated[0], uses_face=True)
    started = time.process_time()
    for learner in simulated:
        run_rules(learner, settings)
    pure = time.process_time() - started
    started = time.process_time()
    for learner in simulated:
        state = create_state(float(learner.started_at))
        for start, window in learner.windows.items():
            state = parse_state(json.loads(json.dumps(serialize_state(state))))
            advance(state, settings, float(start + CLOSE_DELAY_S), {start: window})
    stored = time.process_time() - started
    return {
        "rules": rules,
        "formulas_and_rules_ms": round(pure / windows * 1000, 4),
        "with_state_as_json_ms": round(stored / windows * 1000, 4),
    }
