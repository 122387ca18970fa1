"""Running state of what one learner does in a lesson. Pure; needs no camera."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType

from fer_lms.engagement import answer_model
from fer_lms.engagement.weights import Weights

MAX_STORED_TIMES = 12
"""Of each kind of action; older ones have decayed to 0."""
MAX_VISITED_STEPS = 50
MAX_ANSWER_TIMES = 15
"""Newest answers from which the learner's median time is computed."""
USUAL_ANSWER_S = 25.0
ASSUMED_ANSWERS = 4
"""`USUAL_ANSWER_S` counts as much as this many answers."""
MIN_ANSWER_S = 1.0
MASTERY_ANSWERS = 2
"""Right answers in a row that end a run of failing."""
CONSIDERED_ANSWER_S = 15.0
"""A quicker wrong answer may be a guess, and is not counted among those without success."""
ABSENT_S = 1800.0
"""Who did nothing for longer had closed the page, which then cannot report that it is idle."""
MAX_QUICKNESS = 1.5
"""Natural logarithm: 4.5 times faster than usual."""
MEAN_QUICKNESS = 0.22
"""Of answers whose times are log-normal with a deviation of 0.55 (Pelánek and Jarušek 2015)."""
NO_ERROR_RATES: Mapping[int, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LearnerAction:
    """One interaction event, of a kind of `InteractionEvent.Kind`."""

    at: float
    """Seconds since the Unix epoch."""
    kind: str
    step: int | None = None
    value: str = ""
    seconds: int | None = None
    """Duration of the idle span, for kind "idle"."""


@dataclass(slots=True)
class ActivityState:
    """Input of the evidence formulas from a learner's actions. Times are Unix seconds."""

    step: int | None = None
    step_opened_at: float | None = None
    idle_since: float | None = None
    step_idle_seconds: float = 0.0
    """Finished idle spans on this step."""
    wrong_answers: list[float] = field(default_factory=list)
    """On this step; a right answer does not erase them."""
    hint_requests: list[float] = field(default_factory=list)
    visited_steps: list[int] = field(default_factory=list)
    revisits: list[float] = field(default_factory=list)
    self_report: str = ""
    self_reported_at: float = 0.0
    has_actions: bool = False
    acted_at: float | None = None
    """Last action."""
    fine: list[float] = field(default_factory=list)
    stuck: list[float] = field(default_factory=list)
    """Estimate of `answer_model`, as of `estimated_at`; empty before the first answer."""
    estimated_at: float = 0.0
    answered_at: float | None = None
    """Last answer, or opening of the step."""
    unmastered: list[float] = field(default_factory=list)
    """Considered wrong answers on this step since there were two right ones in a row."""
    run: list[float] = field(default_factory=list)
    """Wrong answers in a row, on any steps (`answer_model.extend_run`); empty after a right one."""
    run_length: float = 0.0
    """Number of these answers; quick ones do not count in full."""
    failed: int = 0
    """Considered wrong answers on this step before it was mastered."""
    is_mastered: bool = False
    """There were two right answers in a row on this step."""
    right_answers: int = 0
    """In a row."""
    has_right_answer: bool = False
    """In this session."""
    answer_times: list[float] = field(default_factory=list)
    """Natural logarithm of the seconds before each answer."""

    def apply(
        self,
        action: LearnerAction,
        weights: Weights,
        error_rates: Mapping[int, float] = NO_ERROR_RATES,
    ) -> None:
        """Update the state with one action; actions must be in time order.

        Args:
            error_rates: Expected share of wrong answers by step, where it is known.
        """
        self.has_actions = True
        acted_at, self.acted_at = self.acted_at, max(action.at, self.acted_at or action.at)
        if acted_at is not None and self.idle_since is None and action.at - acted_at > ABSENT_S:
            self.idle_since = acted_at
        if action.kind == "idle":
            since = action.at - (action.seconds or 0)
            self.idle_since = since if self.idle_since is None else min(since, self.idle_since)
            return
        self._end_idle_span(action.at)
        match action.kind:
            case "step_opened":
                self._open_step(action, weights)
            case "answered":
                self._record_answer(action, weights, error_rates)
            case "hint_asked":
                self.hint_requests = _append(self.hint_requests, action.at)
            case "self_report":
                self.self_report, self.self_reported_at = action.value, action.at

    def _end_idle_span(self, at: float) -> None:
        if self.idle_since is not None:
            start = max(self.idle_since, self.step_opened_at or 0.0)
            self.step_idle_seconds += max(0.0, at - start)
            self.idle_since = None

    def _open_step(self, action: LearnerAction, weights: Weights) -> None:
        """Start another step: errors and self-reports of the previous one no longer count."""
        if action.step == self.step:
            return
        if action.step in self.visited_steps:
            self.revisits = _append(self.revisits, action.at)
        elif action.step is not None:
            self.visited_steps = [*self.visited_steps, action.step][-MAX_VISITED_STEPS:]
        self.step, self.step_opened_at, self.step_idle_seconds = action.step, action.at, 0.0
        self.answered_at = action.at
        self.wrong_answers, self.hint_requests, self.self_report = [], [], ""
        self.unmastered, self.right_answers = [], 0
        self.failed, self.is_mastered = 0, False
        if self.stuck:
            self.fine, self.stuck = answer_model.open_step(self.fine, self.stuck, weights)
            self.estimated_at = action.at

    def _record_answer(
        self, action: LearnerAction, weights: Weights, error_rates: Mapping[int, float]
    ) -> None:
        is_wrong = action.value == "wrong"
        expected = weights.error_rate
        if self.step is not None:
            expected = error_rates.get(self.step, expected)
        if not self.stuck:
            prior = answer_model.compute_prior(weights)
            self.fine, self.stuck = answer_model.split_prior(prior, weights)
            self.estimated_at = action.at
        passed = answer_model.pass_time(
            self.fine, self.stuck, action.at - self.estimated_at, weights
        )
        seconds = action.at - (self.answered_at or action.at)
        share = min(self.compute_usual_answer_seconds() / weights.full_answer_seconds, 1.0)
        difficulty = answer_model.compute_difficulty(expected, weights)
        self.run = self._extend_run(share, difficulty, weights) if is_wrong else []
        self.run_length = self.run_length + share if is_wrong else 0.0
        self.fine, self.stuck = answer_model.add_answer(
            *passed,
            is_wrong=is_wrong,
            share=share,
            nats=weights.quick_nats * self._measure_quickness(action.at),
            difficulty=difficulty,
            weights=weights,
        )
        self.estimated_at = max(action.at, self.estimated_at)
        self.answered_at = max(action.at, self.answered_at or action.at)
        self.right_answers = 0 if is_wrong else self.right_answers + 1
        self.has_right_answer = self.has_right_answer or not is_wrong
        if self.right_answers >= MASTERY_ANSWERS:
            self.unmastered, self.failed, self.is_mastered = [], 0, True
        if is_wrong:
            self.wrong_answers = _append(self.wrong_answers, action.at)
            if seconds >= CONSIDERED_ANSWER_S:
                self.unmastered = _append(self.unmastered, action.at)
                self.failed += not self.is_mastered
        elif self.self_report == "hard":
            self.self_report = ""

    def _extend_run(self, share: float, difficulty: float, weights: Weights) -> list[float]:
        known = [a + b for a, b in zip(self.fine, self.stuck, strict=True)]
        return answer_model.extend_run(self.run or [*known, 1.0], share, difficulty, weights)

    def _measure_quickness(self, at: float) -> float:
        """Return by how much faster than usual this answer came, as a logarithm; 0 on average.

        An answer that arrived late, after a later one, took a time that is not known.
        """
        if self.answered_at is None or at <= self.answered_at:
            return 0.0
        time = math.log(max(at - self.answered_at, MIN_ANSWER_S))
        usual = math.log(self.compute_usual_answer_seconds())
        is_known = len(self.answer_times) >= ASSUMED_ANSWERS
        self.answer_times = [*self.answer_times, time][-MAX_ANSWER_TIMES:]
        quickness = min(max(usual - time, 0.0), MAX_QUICKNESS)
        return quickness - MEAN_QUICKNESS if is_known else 0.0

    def compute_usual_answer_seconds(self) -> float:
        """Return the learner's median time of an answer; the usual one before there are any."""
        count = len(self.answer_times)
        usual = ASSUMED_ANSWERS * math.log(USUAL_ANSWER_S)
        own = count * median(self.answer_times) if count else 0.0
        return math.exp((own + usual) / (count + ASSUMED_ANSWERS))

    def compute_stuck_probability(self, now: float, weights: Weights) -> float:
        """Return the probability of being stuck by the answers alone, 0..1."""
        if not self.stuck:
            return answer_model.compute_usual_probability(weights)
        seconds = now - self.estimated_at
        return answer_model.compute_stuck_probability(self.stuck, seconds, weights)

    def count_wrong_answers(self, now: float, weights: Weights) -> int:
        """Return the wrong answers on this step that are not stale."""
        return count_since(self.wrong_answers, now - weights.stale_seconds)

    def compute_silence(self, now: float) -> float:
        """Return the time since the last answer as a multiple of the learner's usual time."""
        if self.answered_at is None:
            return 0.0
        return max(0.0, now - self.answered_at) / self.compute_usual_answer_seconds()

    def compute_idle_seconds(self, now: float) -> float:
        """Return the length of the present idle span, 0 while the learner is active."""
        return 0.0 if self.idle_since is None else max(0.0, now - self.idle_since)

    def compute_dwell_seconds(self, now: float) -> float:
        """Return the time on this step without idle spans."""
        if self.step_opened_at is None:
            return 0.0
        idle = self.step_idle_seconds + self.compute_idle_seconds(now)
        return max(0.0, now - self.step_opened_at - idle)

    def is_reported_fine(self, now: float, weights: Weights) -> bool:
        """Return whether a recent self-report says "fine" or "easy"."""
        is_recent = now - self.self_reported_at < weights.word_seconds
        return self.self_report in ("fine", "easy") and is_recent

    def compute_reported_difficulty(self, now: float, weights: Weights) -> float:
        """Return how much a self-report of "hard" still counts, 0..1."""
        if self.self_report != "hard":
            return 0.0
        age = now - self.self_reported_at
        return _decay_linearly(age, weights.said_hard_seconds, weights.stale_seconds)


def count_since(times: list[float], since: float) -> int:
    return sum(at > since for at in times)


def sum_decayed(times: list[float], now: float, seconds: float) -> float:
    """Return the number of these times, each decayed exponentially."""
    return sum(math.exp(-max(now - at, 0.0) / seconds) for at in times)


def _append(times: list[float], at: float) -> list[float]:
    return [*times, at][-MAX_STORED_TIMES:]


def _decay_linearly(age: float, full_until: float, zero_from: float) -> float:
    if age <= full_until:
        return 1.0
    return max(0.0, (zero_from - age) / (zero_from - full_until))
