"""What a learner did in the lesson, as far as it counts as evidence. Pure; needs no camera."""

from dataclasses import dataclass, field
from typing import Any

from fer_lms.engagement.weights import Weights

MOST_KEPT = 8
"""Of each kind; what is older weighs nothing any more."""


@dataclass(frozen=True, slots=True)
class LearnerAction:
    """One interaction. `at`: seconds since the Unix epoch."""

    at: float
    kind: str
    step: int | None = None
    value: str = ""
    seconds: int | None = None


@dataclass(slots=True)
class ActivityState:
    """The running account of one learner's interactions."""

    step: int | None = None
    opened: float | None = None
    idle_since: float | None = None
    idle_seconds: float = 0.0
    """Spent idle on this step before now."""
    wrong: list[float] = field(default_factory=list)
    guesses: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    visited: list[int] = field(default_factory=list)
    revisits: list[float] = field(default_factory=list)
    said: str = ""
    said_at: float = 0.0
    any: bool = False

    def take(self, action: LearnerAction, weights: Weights) -> None:
        self.any = True
        if action.kind == "idle":
            since = action.at - (action.seconds or 0)
            self.idle_since = since if self.idle_since is None else min(since, self.idle_since)
            return
        self._end_idleness(action.at)
        match action.kind:
            case "step_opened":
                self._open(action)
            case "answered":
                self._answer(action, weights)
            case "hint_asked":
                self.asked = [*self.asked, action.at][-MOST_KEPT:]
            case "self_report":
                self.said, self.said_at = action.value, action.at

    def _end_idleness(self, at: float) -> None:
        if self.idle_since is not None:
            self.idle_seconds += max(0.0, at - max(self.idle_since, self.opened or 0.0))
            self.idle_since = None

    def _open(self, action: LearnerAction) -> None:
        """Another step: what went wrong on the last one, and what was said of it, is behind the
        learner."""
        if action.step == self.step:
            return
        if action.step in self.visited:
            self.revisits = [*self.revisits, action.at][-MOST_KEPT:]
        elif action.step is not None:
            self.visited = [*self.visited, action.step][-50:]
        self.step, self.opened, self.idle_seconds = action.step, action.at, 0.0
        self._relieved()
        self.said = ""

    def _answer(self, action: LearnerAction, weights: Weights) -> None:
        if action.value != "wrong":
            self._relieved()
            return
        if self.wrong and 0 <= action.at - self.wrong[-1] < weights.guessing_seconds:
            self.guesses = [*self.guesses, action.at][-MOST_KEPT:]
        self.wrong = [*self.wrong, action.at][-MOST_KEPT:]

    def _relieved(self) -> None:
        self.wrong, self.guesses, self.asked = [], [], []
        if self.said == "hard":
            self.said = ""

    # --- what it amounts to now ----------------------------------------------------------------

    def idle_for(self, now: float) -> float:
        return 0.0 if self.idle_since is None else max(0.0, now - self.idle_since)

    def dwelt(self, now: float) -> float:
        """Seconds on this step, idle ones not counted."""
        if self.opened is None:
            return 0.0
        return max(0.0, now - self.opened - self.idle_seconds - self.idle_for(now))

    def says_fine(self, now: float, weights: Weights) -> bool:
        return self.said in ("fine", "easy") and now - self.said_at < weights.word_seconds

    def says_hard(self, now: float, weights: Weights) -> float:
        if self.said != "hard":
            return 0.0
        return _fading(now - self.said_at, weights.said_hard_seconds, weights.stale_seconds)

    def as_list(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]


def fresh(times: list[float], now: float, weights: Weights) -> list[float]:
    """How much each of these times still counts, 0..1; those that count nothing left out."""
    counted = (_fading(now - at, weights.fresh_seconds, weights.stale_seconds) for at in times)
    return [share for share in counted if share > 0]


def _fading(age: float, full: float, none: float) -> float:
    """1 up to `full` seconds, straight down to 0 at `none`."""
    if age <= full:
        return 1.0
    return max(0.0, (none - age) / (none - full))
