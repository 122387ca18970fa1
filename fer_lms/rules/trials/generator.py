"""Simulate a class with known episodes of frustration, for previews and measurements.

The same seed gives the same class. Nothing here is measured on people: it shows how rules behave
under stated assumptions (assumptions.toml), not how well they detect frustration in a school.

Episodes follow a semi-Markov process: pauses from a gamma, lengths from a log-normal distribution.
In an episode answers fail, become slow, or stop; outside, a third of the answers is wrong too,
learners read for minutes, look at their keyboards, talk and concentrate. Hints change nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, log
from random import Random
from typing import Final, Literal

from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.rules.trials.assumptions import ASSUMPTIONS
from fer_lms.rules.trials.simulated_faces import (
    LearnerTraits,
    Span,
    compute_shift,
    draw_confounders,
    draw_spans,
    draw_traits,
    simulate_windows,
)

EpisodeKind = Literal["failing", "slow", "silent"]
EPISODE_KINDS: Final[tuple[EpisodeKind, ...]] = ("failing", "slow", "silent")
STARTED_AT: Final = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of frustration, in seconds of the session."""

    start: int
    end: int
    kind: EpisodeKind = "failing"


@dataclass(slots=True)
class SimulatedLearner:
    """Input of rules for one simulated session."""

    traits: LearnerTraits
    started_at: int
    """Start of the session, Unix seconds."""
    seconds: int
    """Duration of the session."""
    episodes: list[Episode] = field(default_factory=list)
    windows: dict[int, WindowSummary] = field(default_factory=dict)
    """By start, Unix seconds."""
    actions: list[LearnerAction] = field(default_factory=list)
    true_error_rates: dict[int, float] = field(default_factory=dict)
    """Outside of episodes, by step: for comparison in measurements, since no rule knows them."""
    pace_s: float = 0.0
    """Median time of an answer outside of episodes: as above."""
    expected_error_rates: dict[int, float] = field(default_factory=dict)
    """By step, from another class in the same lesson; rules may know them."""

    def find_episode(self, second: float) -> Episode | None:
        return next((e for e in self.episodes if e.start <= second < e.end), None)


def simulate_class(
    *,
    seed: int,
    learners: int = 24,
    minutes: int = 40,
    steps: tuple[int, ...] = (1, 2, 3, 4),
    started_at: int = STARTED_AT,
    error_rate: float | None = None,
    face_auc: float | None = None,
    coverage: float | None = None,
    expressiveness: float | None = None,
    noise: float | None = None,
    self_reports: bool = False,
) -> list[SimulatedLearner]:
    """Simulate a class of different learners.

    Args:
        steps: Ids of the steps of the lesson.
        started_at: Start of the session, Unix seconds.
        error_rate: Mean share of wrong answers outside episodes; None: `answers.error_rate`.
        face_auc: Validity of the face per window; None: `face.auc`.
        coverage, expressiveness, noise: Fix a trait for all learners.
        self_reports: Report some episodes as hard. Not used for measurements, since it makes
            detection trivial.
    """
    fixed = {"coverage": coverage, "expressiveness": expressiveness, "noise": noise}
    shift = compute_shift(ASSUMPTIONS.get_number("face.auc") if face_auc is None else face_auc)
    rate = ASSUMPTIONS.get_number("answers.error_rate") if error_rate is None else error_rate
    difficulty = draw_difficulty(_create_random(seed, "steps"), steps)
    simulated = [
        _simulate_learner(
            _create_random(seed, number),
            SimulatedLearner(LearnerTraits(), started_at, minutes * 60),
            {name: value for name, value in fixed.items() if value is not None},
            AnswerModel(rate, difficulty),
            shift,
        )
        for number in range(learners)
    ]
    for number, learner in enumerate(simulated if self_reports else ()):
        _add_self_reports(_create_random(seed, number, "reports"), learner)
    return simulated


def _create_random(*parts: object) -> Random:
    return Random("-".join(map(str, parts)))  # noqa: S311 - reproducible, no secret


def draw_difficulty(random: Random, steps: Sequence[int]) -> dict[int, float]:
    """Return the difficulty of each step in logits, the same for the whole class."""
    sigma = ASSUMPTIONS.get_number("answers.step_sigma")
    return {step: random.gauss(0.0, sigma) for step in steps}


@dataclass(frozen=True, slots=True)
class AnswerModel:
    """Error rate of the class, and difficulty of each step in logits."""

    error_rate: float
    difficulty: Mapping[int, float]
    median_s: float = ASSUMPTIONS.get_number("answers.median_s")
    """Time of one answer."""

    def draw_error_rate(self, random: Random) -> float:
        """Draw a learner's own error rate."""
        total = ASSUMPTIONS.get_number("answers.error_concentration")
        return random.betavariate(self.error_rate * total, (1 - self.error_rate) * total)

    def compute_error_rate(self, own_rate: float, step: int) -> float:
        """Return a learner's error rate at a step."""
        own_rate = min(max(own_rate, 0.01), 0.99)
        logit = log(own_rate / (1 - own_rate)) + self.difficulty[step]
        return 1 / (1 + exp(-logit))


def _simulate_learner(
    random: Random,
    learner: SimulatedLearner,
    fixed: Mapping[str, float],
    answers: AnswerModel,
    shift: float,
) -> SimulatedLearner:
    learner.traits = draw_traits(random, fixed)
    learner.episodes = _draw_episodes(random, learner.seconds)
    learner.windows = simulate_windows(
        random,
        learner.traits,
        started_at=learner.started_at,
        seconds=learner.seconds,
        get_tension=lambda second: shift if learner.find_episode(second) else 0.0,
        spans=draw_confounders(random, learner.seconds),
    )
    learner.actions = simulate_actions(random, learner, answers)
    return learner


def _draw_episodes(random: Random, seconds: int) -> list[Episode]:
    """Draw episodes that end with the session at the latest."""
    number = ASSUMPTIONS.get_number
    shape, median, sigma = (
        number(f"episodes.{name}") for name in ("pause_shape", "median_s", "sigma")
    )
    low, high = ASSUMPTIONS.get_numbers("episodes.limits_s")
    pause = 3600 / number("episodes.per_hour") - median * exp(sigma * sigma / 2)
    episodes: list[Episode] = []
    # The process has been running before the session: the first pause is only partly left.
    at = number("episodes.earliest_s") + random.random() * random.gammavariate(shape, pause / shape)
    while at < seconds - low:
        length = min(max(random.lognormvariate(log(median), sigma), low), high)
        (kind,) = random.choices(EPISODE_KINDS, ASSUMPTIONS.get_numbers("episodes.kinds"))
        episodes.append(Episode(int(at), int(min(at + length, seconds)), kind))
        at += length + random.gammavariate(shape, pause / shape)
    return episodes


# --- Interactions -------------------------------------------------------------------------------


def simulate_actions(
    random: Random,
    learner: SimulatedLearner,
    answers: AnswerModel,
    *,
    reading_rate: Sequence[float] = ASSUMPTIONS.get_numbers("page.reading"),
) -> list[LearnerAction]:
    """Simulate everything that a learner does in the lesson.

    Args:
        reading_rate: Long reading: times an hour, shortest and longest in seconds.
    """
    openings = _open_steps(random, learner, tuple(answers.difficulty))
    actions = [LearnerAction(learner.started_at + at, "step_opened", step) for at, step in openings]
    reading = draw_spans(random, learner.seconds, reading_rate)
    actions += _Answering(random, learner, answers, openings, reading).simulate()
    actions.sort(key=lambda action: action.at)
    actions += simulate_idle_spans(random, learner, [action.at for action in actions])
    return sorted(actions, key=lambda action: action.at)


def _open_steps(
    random: Random, learner: SimulatedLearner, steps: Sequence[int]
) -> list[tuple[float, int]]:
    """Return (second, step): at about equal intervals, but never before an episode is over."""
    openings = []
    for position, step in enumerate(steps):
        second = position * learner.seconds / len(steps) + random.uniform(1.0, 20.0)
        episode = learner.find_episode(second)
        openings.append((float(episode.end) if episode else second, step))
    return openings


class _Answering:
    """Answers and hint requests of one learner, one after the other."""

    def __init__(
        self,
        random: Random,
        learner: SimulatedLearner,
        answers: AnswerModel,
        openings: list[tuple[float, int]],
        reading: list[Span],
    ) -> None:
        self._random, self._learner, self._answers = random, learner, answers
        self._openings, self._reading = openings, reading
        self._own_rate = answers.draw_error_rate(random)
        sigma = ASSUMPTIONS.get_number("answers.pace_sigma")
        self._pace = answers.median_s * random.lognormvariate(0, sigma)
        learner.pace_s = self._pace
        learner.true_error_rates = {
            step: answers.compute_error_rate(self._own_rate, step) for step in answers.difficulty
        }

    def simulate(self) -> list[LearnerAction]:
        actions: list[LearnerAction] = []
        second = self._openings[0][0] + self._draw_time("answers.reading_s")
        while second < self._learner.seconds:
            episode = self._learner.find_episode(second)
            if episode is not None and episode.kind == "silent":
                actions += self._stay_silent(episode)
                second = episode.end + 1.0
                continue
            if (until := self._find_reading_end(second)) is not None and episode is None:
                second = until + 1.0
                continue
            at = second + self._draw_answer_time(episode)
            interruption = self._find_interruption(second, at)
            if interruption is not None:
                second = interruption
                continue
            actions += self._attempt(at, episode)
            second = self._skip_opening(second, at)
        return [action for action in actions if action.at < self._end]

    @property
    def _end(self) -> float:
        return self._learner.started_at + self._learner.seconds

    def _draw_time(self, name: str) -> float:
        median, sigma = ASSUMPTIONS.get_numbers(name)
        return self._random.lognormvariate(log(median), sigma)

    def _draw_answer_time(self, episode: Episode | None) -> float:
        sigma = ASSUMPTIONS.get_number("answers.time_sigma")
        seconds = self._pace * self._random.lognormvariate(0.0, sigma)
        if episode is not None:
            seconds *= self._draw_time(f"answers.{episode.kind}_time")
        return max(seconds, 2.0)

    def _find_interruption(self, second: float, at: float) -> float | None:
        """Return the start of an episode before the answer: it begins with this question."""
        starts = [e.start for e in self._learner.episodes if second < e.start < at]
        return float(starts[0]) if starts else None

    def _find_reading_end(self, second: float) -> float | None:
        return next((float(end) for start, end in self._reading if start <= second < end), None)

    def _skip_opening(self, second: float, at: float) -> float:
        """Return when the next question begins; a step that was opened meanwhile is read first."""
        if any(second < opened <= at for opened, _ in self._openings):
            return at + self._draw_time("answers.reading_s")
        return at

    def _stay_silent(self, episode: Episode) -> list[LearnerAction]:
        if self._random.random() >= ASSUMPTIONS.get_number("answers.asks_when_silent"):
            return []
        second = self._random.uniform(episode.start, episode.end)
        at = self._learner.started_at + second
        return [LearnerAction(at, "hint_asked", self._get_step(second))]

    def _attempt(self, second: float, episode: Episode | None) -> Iterator[LearnerAction]:
        step, at = self._get_step(second), self._learner.started_at + second
        asks = "answers.asks_rate" if episode is None else "answers.asks_rate_in_episode"
        if self._random.random() < ASSUMPTIONS.get_number(asks):
            yield LearnerAction(at - 1.0, "hint_asked", step)
        rate = self._answers.compute_error_rate(self._own_rate, step)
        if episode is not None:
            rate = max(rate, ASSUMPTIONS.get_number(f"answers.{episode.kind}_error_rate"))
        yield LearnerAction(
            at, "answered", step, "wrong" if self._random.random() < rate else "right"
        )

    def _get_step(self, second: float) -> int:
        position = bisect_right([opened for opened, _ in self._openings], second)
        return self._openings[max(position - 1, 0)][1]


def simulate_idle_spans(
    random: Random, learner: SimulatedLearner, times: Sequence[float]
) -> list[LearnerAction]:
    """Return the page's idle and returned events.

    Between its actions a learner touches the page now and then, less in a silent episode.
    """
    idle_after = ASSUMPTIONS.get_number("page.idle_after_s")
    touched = [float(learner.started_at), *times]
    for at, following in pairwise([*touched, float(learner.started_at + learner.seconds)]):
        touched += _draw_touches(random, learner, at, following)
    actions = []
    for at, following in pairwise(sorted(touched)):
        if following - at > idle_after:
            seconds = int(idle_after)
            actions.append(LearnerAction(at + idle_after, "idle", None, seconds=seconds))
            actions.append(LearnerAction(following - 0.2, "returned", None))
    return actions


def _draw_touches(
    random: Random, learner: SimulatedLearner, at: float, until: float
) -> Iterator[float]:
    while True:
        episode = learner.find_episode(at - learner.started_at)
        is_silent = episode is not None and episode.kind == "silent"
        name = "page.touch_every_s_silent" if is_silent else "page.touch_every_s"
        at += random.expovariate(1 / ASSUMPTIONS.get_number(name))
        if at >= until:
            return
        yield at


def _add_self_reports(random: Random, learner: SimulatedLearner) -> None:
    for episode in learner.episodes:
        if random.random() < ASSUMPTIONS.get_number("reports.episode_share"):
            at = learner.started_at + random.uniform(episode.start, episode.end)
            learner.actions.append(LearnerAction(at, "self_report", None, "hard"))
    learner.actions.sort(key=lambda action: action.at)
