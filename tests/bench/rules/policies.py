"""Policies that decide when a learner gets a hint: the product's rules, and trivial ones.

All have the same limits: a quiet start, the cooldown, and the maximum number of hints in a lesson.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fer_lms.rules.engine.spec import COOLDOWN_SECONDS, LIMITS, MAX_PER_LESSON, RuleSpec
from fer_lms.rules.engine.state import ActiveRule, EffectiveSettings
from fer_lms.rules.engine.templates import TEMPLATES
from fer_lms.rules.trials.generator import SimulatedLearner
from fer_lms.rules.trials.simulated_evaluation import run_rules
from tests.bench.rules.outcomes import Help

DEFAULT_SPEC: Final = TEMPLATES["stuck"].spec
COUNTS: Final = range(2, 9)
MINUTES: Final = range(1, 11)
THRESHOLDS: Final = (0.35, 0.5, 0.58, 0.74, 0.82, 0.9)
FACE_THRESHOLDS: Final = (0.2, 0.35, 0.5)

GiveHints = Callable[[SimulatedLearner], list[Help]]


@dataclass(frozen=True, slots=True)
class EnginePolicy:
    """Rules of the product, evaluated by its pure functions."""

    specs: tuple[RuleSpec, ...]
    uses_face: bool
    knows_lesson: bool = True
    """Answers of an earlier session give the expected error rate of each step."""

    def __call__(self, learner: SimulatedLearner) -> list[Help]:
        settings = build_settings(self.specs, learner, uses_face=self.uses_face)
        if not self.knows_lesson:
            settings = replace(settings, error_rates={})
        firings = run_rules(learner, settings)
        return number_levels([firing.at - learner.started_at for firing in firings])


def build_settings(
    specs: Sequence[RuleSpec], learner: SimulatedLearner, *, uses_face: bool
) -> EffectiveSettings:
    steps = {action.step for action in learner.actions if action.kind == "step_opened"}
    settings = EffectiveSettings(
        rules=tuple(ActiveRule(number, number, spec) for number, spec in enumerate(specs)),
        face_epoch=1,
        step_seconds=learner.seconds / max(len(steps), 1),
        error_rates=learner.expected_error_rates,
        session_started_at=float(learner.started_at),
    )
    return settings if uses_face else settings.without_face()


def set_threshold(spec: RuleSpec, threshold: float) -> RuleSpec:
    """Return the rule with another threshold, and its release level at the same distance."""
    release = spec.release + threshold - spec.threshold
    return replace(spec, threshold=threshold, release=max(release, LIMITS["release"][0]))


DEFAULT_SPECS: Final = tuple(one.spec for one in TEMPLATES.values() if one.everywhere)
FACE_ONLY_SPEC: Final = replace(DEFAULT_SPEC, face_only=True, needs_other_source=False)
FACE_IN_DEFAULT: Final = False
"""As `face_evidence_in_hints` of a new policy."""


FIRST_SESSION: Final = "first session"
"""Interaction only, in a lesson that nobody has had yet."""


def build_threshold_family(name: str) -> dict[str, EnginePolicy]:
    """Return "fused", "face only", "interaction only" or "first session" at each threshold."""
    spec = FACE_ONLY_SPEC if name == "face only" else DEFAULT_SPEC
    listed = FACE_THRESHOLDS if name == "face only" else THRESHOLDS
    thresholds = sorted({*listed, spec.threshold})
    return {
        f"{threshold:g}": EnginePolicy(
            (set_threshold(spec, threshold),),
            uses_face=name not in ("interaction only", FIRST_SESSION),
            knows_lesson=name != FIRST_SESSION,
        )
        for threshold in thresholds
    }


@dataclass(frozen=True, slots=True)
class CounterPolicy:
    """A hint at the k-th wrong answer within some minutes."""

    count: int
    minutes: float

    @property
    def name(self) -> str:
        return f"wrong answer {self.count} within {self.minutes:g} min"

    def __call__(self, learner: SimulatedLearner) -> list[Help]:
        wrong = [
            action.at - learner.started_at
            for action in learner.actions
            if action.kind == "answered" and action.value == "wrong"
        ]
        reached = [
            at
            for first, at in zip(wrong, wrong[self.count - 1 :], strict=False)
            if at - first <= self.minutes * 60
        ]
        return apply_limits(reached)


def give_hints_at_intervals(learner: SimulatedLearner, seconds: int = 600) -> list[Help]:
    return apply_limits(range(seconds, learner.seconds + 1, seconds))


def give_no_hints(_learner: SimulatedLearner) -> list[Help]:
    return []


def apply_limits(moments: Sequence[float]) -> list[Help]:
    """Return the hints at these seconds that the limits of all rules permit."""
    given: list[float] = []
    for at in moments:
        is_free = not given or at - given[-1] >= COOLDOWN_SECONDS
        if is_free and at >= DEFAULT_SPEC.quiet_start_seconds and len(given) < MAX_PER_LESSON:
            given.append(at)
    return number_levels(given)


def number_levels(moments: Sequence[float]) -> list[Help]:
    return [Help(at, number) for number, at in enumerate(moments, start=1)]


COUNTERS: Final = tuple(CounterPolicy(count, minutes) for count in COUNTS for minutes in MINUTES)
TRIVIAL_POLICIES: Final[dict[str, GiveHints]] = {
    "every 10 min": give_hints_at_intervals,
    "none": give_no_hints,
}
SHOWN_COUNTERS: Final = (CounterPolicy(2, 3), CounterPolicy(4, 3))
ENGINE_POLICIES: Final[Mapping[str, EnginePolicy]] = {
    "default": EnginePolicy(DEFAULT_SPECS, FACE_IN_DEFAULT),
    "fused": EnginePolicy((DEFAULT_SPEC,), uses_face=True),
    "face only": EnginePolicy((FACE_ONLY_SPEC,), uses_face=True),
    "interaction only": EnginePolicy((DEFAULT_SPEC,), uses_face=False),
    FIRST_SESSION: EnginePolicy((DEFAULT_SPEC,), uses_face=False, knows_lesson=False),
}
