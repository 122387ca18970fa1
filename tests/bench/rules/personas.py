"""Learners of one kind each: most of them not frustrated, some whose frustration is certain.

Each persona is a class of such learners. Where nobody is frustrated, every hint is false.
Parameters: assumptions.toml beside this file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any, Final

from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.rules.trials.assumptions import ASSUMPTIONS
from fer_lms.rules.trials.generator import (
    STARTED_AT,
    AnswerModel,
    Episode,
    SimulatedLearner,
    draw_difficulty,
    simulate_actions,
)
from fer_lms.rules.trials.simulated_faces import (
    CONFOUNDERS,
    Face,
    LearnerTraits,
    Span,
    draw_confounders,
    draw_spans,
    draw_traits,
    simulate_windows,
)
from tests.bench.rules.markov import MARKOV

MINUTES: Final = 40
STEPS: Final = (1, 2, 3, 4)
NO_TRAITS: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of learner."""

    name: str
    simulate: Callable[[Random, Random, Mapping[int, float]], SimulatedLearner]
    """From random numbers of the face and of the actions, and the steps' difficulty."""
    is_frustrated: bool = False
    has_earlier_session: bool = True
    """Others had the same lesson before; fixed patterns say nothing about others."""


@dataclass(frozen=True, slots=True)
class _Calm:
    """A learner who is not frustrated, with some behaviour much more often than usual."""

    error_rate: float = ASSUMPTIONS.get_number("answers.error_rate")
    median_s: float = ASSUMPTIONS.get_number("answers.median_s")
    often: str = ""
    """Name of a confounder."""
    reading_rate: tuple[float, ...] = ASSUMPTIONS.get_numbers("page.reading")
    traits: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self, random: Random, actions: Random, difficulty: Mapping[int, float]
    ) -> SimulatedLearner:
        learner = _create_learner(random, self.traits)
        spans = draw_confounders(random, learner.seconds)
        if self.often:
            rate = MARKOV.get_numbers(f"personas.{self.often}")
            spans[self.often] += draw_spans(random, learner.seconds, rate)
        _simulate_face(random, learner, spans)
        answers = AnswerModel(self.error_rate, difficulty, self.median_s)
        learner.actions = simulate_actions(
            actions, learner, answers, reading_rate=self.reading_rate
        )
        return learner


def _create_learner(
    random: Random, traits: Mapping[str, Any] = NO_TRAITS, minutes: int = MINUTES
) -> SimulatedLearner:
    drawn: LearnerTraits = replace(draw_traits(random, {}), **traits)
    return SimulatedLearner(drawn, STARTED_AT, minutes * 60)


def _simulate_face(
    random: Random, learner: SimulatedLearner, spans: Mapping[str, Sequence[Span]]
) -> None:
    learner.windows = simulate_windows(
        random,
        learner.traits,
        started_at=STARTED_AT,
        seconds=learner.seconds,
        get_tension=lambda _second: 0.0,
        spans=spans,
    )


def _simulate_silent(
    random: Random, actions: Random, difficulty: Mapping[int, float], *, is_visible: bool
) -> SimulatedLearner:
    """Simulate a learner who answers as usual, then falls silent with a tense face."""
    learner = _create_learner(random, {"coverage": 0.95 if is_visible else 0.2, "smiles": False})
    earliest, latest, shortest, longest = MARKOV.get_numbers("personas.silent")
    start = int(actions.uniform(earliest, latest))
    end = start + int(actions.uniform(shortest, longest))
    learner.episodes = [Episode(start, end, "silent")]
    spans = draw_confounders(random, learner.seconds)
    _simulate_face(random, learner, spans)
    tense_face = MARKOV.get_table("personas.tense_face")
    for second in range(0, learner.seconds, WINDOW_SECONDS):
        if start <= second < end:
            face = Face(random, learner.traits, second, pitch=0.0, yaw=0.0)
            face.show_tension(random.gauss(0.0, 1.0), 0.0)
            face.add(tense_face)
            active = {n for n in CONFOUNDERS if any(a <= second < b for a, b in spans[n])}
            face.apply_confounders(active)
            learner.windows[STARTED_AT + second] = face.summarize(STARTED_AT + second)
    answers = AnswerModel(ASSUMPTIONS.get_number("answers.error_rate"), difficulty)
    learner.actions = simulate_actions(actions, learner, answers)
    return learner


def _simulate_pattern(
    random: Random, pattern: Sequence[str], *, minutes: int, every_s: float
) -> SimulatedLearner:
    """Simulate answers of a fixed pattern on one step, with a face that shows nothing of it."""
    learner = _create_learner(random, minutes=minutes)
    learner.episodes = [Episode(0, learner.seconds, "failing")]
    _simulate_face(random, learner, draw_confounders(random, learner.seconds))
    learner.actions = list(_repeat_answers(pattern, learner.seconds, every_s))
    return learner


def _repeat_answers(
    pattern: Sequence[str], seconds: int, every_s: float
) -> Iterator[LearnerAction]:
    yield LearnerAction(STARTED_AT + 1.0, "step_opened", STEPS[0])
    for number in range(int(seconds / every_s) - 1):
        at = STARTED_AT + (number + 1) * every_s
        yield LearnerAction(at, "answered", STEPS[0], pattern[number % len(pattern)])


DRILL_S, DRILL_ERRORS = MARKOV.get_numbers("personas.drill")
PERSONAS: Final[tuple[Persona, ...]] = (
    Persona("nobody frustrated, 15 % wrong", _Calm(error_rate=0.15)),
    Persona("nobody frustrated, 35 % wrong", _Calm(error_rate=0.35)),
    Persona("nobody frustrated, 45 % wrong", _Calm(error_rate=0.45)),
    Persona("keyboard", _Calm(often="keyboard")),
    Persona("talking", _Calm(often="talking")),
    Persona("smiling", _Calm(often="smiling")),
    Persona("concentration", _Calm(often="concentration")),
    Persona("glasses", _Calm(traits={"has_glasses": True, "noise": 0.15, "coverage": 0.6})),
    Persona("writing", _Calm(often="writing")),
    Persona("drill", _Calm(error_rate=DRILL_ERRORS, median_s=DRILL_S)),
    Persona("long reading", _Calm(reading_rate=MARKOV.get_numbers("personas.reading"))),
    Persona("raised brows at the start", _Calm(traits={"starts_with_raised_brows": True})),
    Persona("restless", _Calm(traits={"is_restless": True})),
    Persona(
        "silent and stuck, face visible",
        partial(_simulate_silent, is_visible=True),
        is_frustrated=True,
    ),
    Persona(
        "silent and stuck, face not visible",
        partial(_simulate_silent, is_visible=False),
        is_frustrated=True,
    ),
    Persona(
        "failing on and on",
        lambda random, _actions, _difficulty: _simulate_pattern(
            random, ["wrong"], minutes=40, every_s=MARKOV.get_number("personas.failing_every_s")
        ),
        is_frustrated=True,
        has_earlier_session=False,
    ),
    Persona(
        "wrong, wrong, right",
        lambda random, _actions, _difficulty: _simulate_pattern(
            random,
            ["wrong", "wrong", "right"],
            minutes=36,
            every_s=MARKOV.get_number("personas.alternating_every_s"),
        ),
        is_frustrated=True,
        has_earlier_session=False,
    ),
)


def simulate_persona(persona: Persona, *, seed: int, learners: int = 24) -> list[SimulatedLearner]:
    """Simulate a class of one persona; the same seed gives the same class.

    Personas that differ in the face only do the same in the lesson.
    """
    difficulty = draw_difficulty(_create_random("steps", seed), STEPS)
    return [
        persona.simulate(
            _create_random("face", persona.name, seed, number),
            _create_random("actions", seed, number),
            difficulty,
        )
        for number in range(learners)
    ]


def _create_random(*parts: object) -> Random:
    return Random("-".join(map(str, parts)))
