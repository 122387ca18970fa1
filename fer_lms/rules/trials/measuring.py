"""Measure rules on simulated classes: hit rate, false alarms, delay and CPU cost."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any, Final

from fer_lms.rules.engine.evaluation import (
    CLOSE_DELAY_S,
    Firing,
    advance,
    apply_action,
    apply_settings,
    create_state,
)
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import (
    ActiveRule,
    EffectiveSettings,
    EvaluationState,
)
from fer_lms.rules.engine.stored_state import parse_state, serialize_state
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class

HIT_MARGIN_S: Final = 20
"""A hint up to this time after the end of an episode counts as a hit."""
DEFAULT_RULE: Final = RuleSpec()
FACE_ONLY_RULE: Final = replace(DEFAULT_RULE, face_only=True, needs_other_source=False)
RULES: Final = ("default", "face_only", "interaction_only")
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


@dataclass(slots=True)
class Outcome:
    """Performance of a rule over a simulated class."""

    episodes: int = 0
    hits: int = 0
    false_alarms: int = 0
    hours: float = 0.0
    delays: list[float] = field(default_factory=list)
    """Seconds from the start of an episode to its first hint."""

    @property
    def hit_rate(self) -> float | None:
        return self.hits / self.episodes if self.episodes else None

    @property
    def false_alarms_per_hour(self) -> float:
        return self.false_alarms / self.hours if self.hours else 0.0

    @property
    def median_delay(self) -> float | None:
        return median(self.delays) if self.delays else None


def run_rules(
    learner: SimulatedLearner, settings: EffectiveSettings, state: EvaluationState | None = None
) -> list[Firing]:
    """Evaluate rules over a simulated session, in the order of live evaluation."""
    state = state or create_state(float(learner.started_at))
    firings: list[Firing] = []
    apply_settings(state, settings)
    for number, action in enumerate(learner.actions):
        firings += advance(state, settings, action.at, learner.windows)
        firings += apply_action(state, settings, action, action.at, f"e{number}")
    until = float(learner.started_at + learner.seconds + CLOSE_DELAY_S)
    return firings + advance(state, settings, until, learner.windows)


def measure_conditions(
    *, learners: int = 24, minutes: int = 40, seeds: Sequence[int] = SEEDS
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
            {"condition": condition, "rule": rule} | _to_row(measure_rule(simulated, rule))
            for rule in RULES
        ]
    return rows


def measure_rule(learners: Sequence[SimulatedLearner], rule: str) -> Outcome:
    """Measure a rule of `RULES` over a simulated class."""
    outcome = Outcome()
    for learner in learners:
        settings = _build_settings(rule, learner.started_at, step_seconds=learner.seconds / 4)
        times = [firing.at - learner.started_at for firing in run_rules(learner, settings)]
        outcome.hours += learner.seconds / 3600
        outcome.episodes += len(learner.episodes)
        outcome.false_alarms += len(times)
        for episode in learner.episodes:
            hits = [at for at in times if episode.start <= at < episode.end + HIT_MARGIN_S]
            if hits:
                outcome.hits += 1
                outcome.delays.append(hits[0] - episode.start)
                outcome.false_alarms -= len(hits)
    return outcome


def _build_settings(
    rule: str, started_at: int, *, step_seconds: float, copies: int = 1
) -> EffectiveSettings:
    spec = FACE_ONLY_RULE if rule == "face_only" else DEFAULT_RULE
    return EffectiveSettings(
        rules=tuple(ActiveRule(number, number, spec) for number in range(copies)),
        face_epoch=1,
        uses_face=rule != "interaction_only",
        step_seconds=step_seconds,
        session_started_at=float(started_at),
    )


def _to_row(outcome: Outcome) -> dict[str, Any]:
    return {
        "hard_times": outcome.episodes,
        "hit_rate": _round(outcome.hit_rate, 2),
        "false_alarms_per_learner_hour": round(outcome.false_alarms_per_hour, 2),
        "median_delay_seconds": _round(outcome.median_delay, 0),
        "learner_hours": round(outcome.hours, 1),
    }


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def measure_cost(*, learners: int = 24, minutes: int = 40, rules: int = 2) -> dict[str, float]:
    """Return the CPU milliseconds of one window.

    Measured without and with the state parsed and serialized for every window, as live evaluation
    does.
    """
    simulated = simulate_class(seed=0, learners=learners, minutes=minutes)
    windows = sum(len(learner.windows) for learner in simulated)
    settings = _build_settings("default", simulated[0].started_at, step_seconds=600.0, copies=rules)
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
