"""How well rules meet the hard times of made-up classes, side by side, and what looking costs."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from fer_lms.rules.engine.learner import ActiveRule, EffectiveSettings, parse_state
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class
from fer_lms.rules.trials.trial import Outcome, compute_outcome, try_out

DEFAULT: Final = RuleSpec()
FACE_ONLY: Final = replace(DEFAULT, face_only=True, needs_other_source=False)
SEEDS: Final = (0, 1, 2, 3, 4)
CONDITIONS: Final[Mapping[str, dict[str, Any]]] = {
    "mixed class": {},
    "coverage 30 %": {"coverage": 0.3},
    "coverage 50 %": {"coverage": 0.5},
    "coverage 75 %": {"coverage": 0.75},
    "coverage 100 %": {"coverage": 1.0},
    "faces that show little": {"expressiveness": 0.2},
    "faces that show much": {"expressiveness": 1.0},
    "steady readings": {"noise": 0.02},
    "wobbling readings": {"noise": 0.1},
}
RULES: Final = ("default", "face_only", "interaction_only")


def settings_for(rule: str, began: int, *, pace: float) -> EffectiveSettings:
    spec = FACE_ONLY if rule == "face_only" else DEFAULT
    return EffectiveSettings(
        rules=(ActiveRule(1, 1, spec),),
        epoch=1,
        face_fits=rule != "interaction_only",
        pace=pace,
        started=float(began),
    )


def measure(
    *, learners: int = 24, minutes: int = 40, seeds: Sequence[int] = SEEDS
) -> list[dict[str, Any]]:
    """One row for every condition and rule. The same arguments give the same rows."""
    rows = []
    for condition, given in CONDITIONS.items():
        made = [
            learner
            for seed in seeds
            for learner in simulate_class(seed=seed, learners=learners, minutes=minutes, **given)
        ]
        rows += [
            {"condition": condition, "rule": rule} | _figures(measure_rule(made, rule))
            for rule in RULES
        ]
    return rows


def measure_rule(made: Sequence[SimulatedLearner], rule: str) -> Outcome:
    tried = []
    for learner in made:
        pace = learner.seconds / 4
        tried.append((learner, try_out(learner, settings_for(rule, learner.began, pace=pace))))
    return compute_outcome(tried)


def _figures(outcome: Outcome) -> dict[str, Any]:
    return {
        "hard_times": outcome.episodes,
        "hit_rate": _rounded(outcome.hit_rate, 2),
        "false_alarms_per_learner_hour": round(outcome.false_alarms_an_hour, 2),
        "median_delay_seconds": _rounded(outcome.median_delay, 0),
        "learner_hours": round(outcome.hours, 1),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def cost_per_window(*, learners: int = 24, minutes: int = 40, rules: int = 2) -> dict[str, float]:
    """CPU milliseconds of one window: the formulas and rules alone, and with the state read from
    and written to JSON around every window, as live evaluation does."""
    import json

    from fer_lms.rules.engine.evaluation import advance, create_state

    made = simulate_class(seed=0, learners=learners, minutes=minutes)
    windows = sum(len(learner.windows) for learner in made)
    wanted = {
        learner.began: replace(
            settings_for("default", learner.began, pace=600.0),
            rules=tuple(ActiveRule(number, number, DEFAULT) for number in range(rules)),
        )
        for learner in made
    }
    started = time.process_time()
    for learner in made:
        try_out(learner, wanted[learner.began])
    pure = time.process_time() - started
    started = time.process_time()
    for learner in made:
        state = create_state(float(learner.began))
        for start, window in learner.windows.items():
            body = json.dumps(state.as_json())
            state = parse_state(json.loads(body))
            advance(state, wanted[learner.began], start + 15.0, {start: window})
    stored = time.process_time() - started
    return {
        "rules": rules,
        "formulas_and_rules_ms": round(pure / windows * 1000, 4),
        "with_state_as_json_ms": round(stored / windows * 1000, 4),
    }
