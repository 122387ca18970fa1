"""Running state of what one learner does in a lesson. Pure; needs no camera."""

from dataclasses import dataclass, field

from fer_lms.engagement.weights import Weights

MAX_STORED_TIMES = 8
"""Of each kind of action; older ones have decayed to 0."""
MAX_VISITED_STEPS = 50


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
    guesses: list[float] = field(default_factory=list)
    hint_requests: list[float] = field(default_factory=list)
    visited_steps: list[int] = field(default_factory=list)
    revisits: list[float] = field(default_factory=list)
    self_report: str = ""
    self_reported_at: float = 0.0
    has_actions: bool = False

    def apply(self, action: LearnerAction, weights: Weights) -> None:
        """Update the state with one action; actions must be in time order."""
        self.has_actions = True
        if action.kind == "idle":
            since = action.at - (action.seconds or 0)
            self.idle_since = since if self.idle_since is None else min(since, self.idle_since)
            return
        self._end_idle_span(action.at)
        match action.kind:
            case "step_opened":
                self._open_step(action)
            case "answered":
                self._record_answer(action, weights)
            case "hint_asked":
                self.hint_requests = _append(self.hint_requests, action.at)
            case "self_report":
                self.self_report, self.self_reported_at = action.value, action.at

    def _end_idle_span(self, at: float) -> None:
        if self.idle_since is not None:
            start = max(self.idle_since, self.step_opened_at or 0.0)
            self.step_idle_seconds += max(0.0, at - start)
            self.idle_since = None

    def _open_step(self, action: LearnerAction) -> None:
        """Start another step: errors and self-reports of the previous one no longer count."""
        if action.step == self.step:
            return
        if action.step in self.visited_steps:
            self.revisits = _append(self.revisits, action.at)
        elif action.step is not None:
            self.visited_steps = [*self.visited_steps, action.step][-MAX_VISITED_STEPS:]
        self.step, self.step_opened_at, self.step_idle_seconds = action.step, action.at, 0.0
        self._clear_difficulty()
        self.self_report = ""

    def _record_answer(self, action: LearnerAction, weights: Weights) -> None:
        if action.value != "wrong":
            self._clear_difficulty()
            return
        previous = self.wrong_answers[-1] if self.wrong_answers else None
        if previous is not None and 0 <= action.at - previous < weights.guessing_seconds:
            self.guesses = _append(self.guesses, action.at)
        self.wrong_answers = _append(self.wrong_answers, action.at)

    def _clear_difficulty(self) -> None:
        self.wrong_answers, self.guesses, self.hint_requests = [], [], []
        if self.self_report == "hard":
            self.self_report = ""

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


def compute_recency_weights(times: list[float], now: float, weights: Weights) -> list[float]:
    """Return how much each of these times still counts, 0..1, without those that count 0."""
    shares = (
        _decay_linearly(now - at, weights.fresh_seconds, weights.stale_seconds) for at in times
    )
    return [share for share in shares if share > 0]


def _append(times: list[float], at: float) -> list[float]:
    return [*times, at][-MAX_STORED_TIMES:]


def _decay_linearly(age: float, full_until: float, zero_from: float) -> float:
    if age <= full_until:
        return 1.0
    return max(0.0, (zero_from - age) / (zero_from - full_until))
