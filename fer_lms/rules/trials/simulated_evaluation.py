"""Evaluate rules over a simulated session, by the functions of live evaluation."""

from fer_lms.rules.engine.evaluation import (
    CLOSE_DELAY_S,
    Firing,
    advance,
    apply_action,
    apply_settings,
    create_state,
)
from fer_lms.rules.engine.state import EffectiveSettings, EvaluationState
from fer_lms.rules.trials.generator import SimulatedLearner


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
