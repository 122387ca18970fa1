"""Simulated classes: attendance, which the adversary knows, and faces, which it does not.

Engagement of a student is a personal mean plus an effect of the step that the class shares plus
first-order autoregressive noise, by windows of ten seconds. So is the share of one expression.
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 10
DAY_S = 86_400
ABSENCES_S = (10, 30, 60, 90, 120, 180, 300)
NOISE_LEVELS = (0.03, 0.1, 0.2)
"""Standard deviations of the autoregressive noise."""
SPREADS: dict[str, float] = {"narrow": 0.08, "wide": 0.2, "bimodal": 0.3}
"""Standard deviations of the personal means. In a bimodal class, half of the students are near 0.25
and half near 0.85, so that the class mean is wrong by 0.3."""
CLASS_MEAN = 0.55
VISIBILITIES = ((0.6, 0.95), (0.97, 1.0))
"""Faces are often missed, or hardly ever."""
STEP_SD = 0.08
"""Standard deviation of the effect that a step has on the whole class."""
EXPRESSION_MEAN, EXPRESSION_SD = 0.25, 0.12

Mode = Literal["same_time", "homework"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Visit(NamedTuple):
    """A stay on a step, in seconds since the session's start."""

    step: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Student:
    """One student of a session; times in seconds since the session's start.

    Attributes:
        shares: Whether the student shares a camera.
        visits: The steps opened, in time order.
        absences: Spans in which the student is out of the picture; the adversary saw them.
        first_window: Number of the ten-second window in which the lesson was opened.
        engagement: Value of each window since then.
        expression: Share of one expression in each window.
        seen: Seconds with a usable reading in each window; zero for those without a camera.
    """

    shares: bool
    visits: tuple[Visit, ...]
    absences: tuple[tuple[int, int], ...]
    first_window: int
    engagement: Floats
    expression: Floats
    seen: Ints

    @property
    def opened_at(self) -> int:
        return self.visits[0].start

    @property
    def left_at(self) -> int:
        return self.visits[-1].end

    @property
    def window_starts(self) -> Ints:
        return (self.first_window + np.arange(len(self.seen))) * WINDOW_S

    def is_out(self) -> NDArray[np.bool_]:
        """Return for each window whether the adversary knows that nothing of it was seen."""
        starts = self.window_starts
        out = np.zeros(len(starts), dtype=bool)
        for start, end in self.absences:
            out |= (starts + WINDOW_S > start) & (starts < end)
        return out

    def average(self, values: Floats, start: float = 0.0, end: float = np.inf) -> float | None:
        """Return the mean of `values` over the seen windows that begin in [start, end)."""
        starts = self.window_starts
        mask = (self.seen > 0) & (starts >= start) & (starts < end)
        return float(values[mask].mean()) if mask.any() else None


@dataclass(frozen=True, slots=True)
class World:
    """One session of a lesson with a class."""

    students: tuple[Student, ...]
    steps: int
    mode: Mode
    noise: float
    spread: str
    correlation: float
    ends_at: int

    @property
    def sharers(self) -> list[int]:
        return [number for number, student in enumerate(self.students) if student.shares]


class Persona(NamedTuple):
    """What stays the same of a student between sessions."""

    engagement: float
    expression: float


def draw_personas(random: np.random.Generator, count: int, spread: str) -> list[Persona]:
    if spread == "bimodal":
        means = np.where(random.random(count) < 0.5, 0.25, 0.85) + random.normal(0, 0.03, count)
    else:
        means = random.normal(CLASS_MEAN, SPREADS[spread], count)
    expressions = np.clip(random.normal(EXPRESSION_MEAN, EXPRESSION_SD, count), 0.02, 0.8)
    return [
        Persona(float(engagement), float(expression))
        for engagement, expression in zip(np.clip(means, 0.05, 0.95), expressions, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of one session; None is drawn at random."""

    cameras: int
    others: int = 0
    mode: Mode = "same_time"
    spread: str | None = None
    noise: float | None = None
    minutes: int | None = None
    lag_s: int | None = None
    """Maximum delay with which a student opens a step after the class."""
    absences: bool = True
    coverage: tuple[float, float] | None = None
    """Range of the share of time in which each student is seen; one of `VISIBILITIES`."""
    late: float = 0.15
    """Probability of coming late, and of leaving early."""
    steps: int = 5
    late_target: bool = False
    """The first student comes late, after the decision about live figures."""


def simulate_world(
    random: np.random.Generator,
    plan: Plan,
    *,
    personas: list[Persona] | None = None,
    shares: list[bool] | None = None,
    effects: Floats | None = None,
) -> World:
    """Simulate a session.

    Args:
        random: The source of all random values.
        plan: Parameters of the session.
        personas: The students; drawn unless given.
        shares: Who shares a camera; by default `plan.cameras` of them.
        effects: Effect of each step on the class; drawn unless given.
    """
    count = plan.cameras + plan.others
    spread = plan.spread or str(random.choice(list(SPREADS)))
    noise = plan.noise or float(random.choice(NOISE_LEVELS))
    correlation = float(random.uniform(0.7, 0.95))
    if plan.coverage is None:
        plan = replace(plan, coverage=VISIBILITIES[int(random.integers(len(VISIBILITIES)))])
    minutes = plan.minutes or int(random.integers(18, 40))
    lag_s = plan.lag_s if plan.lag_s is not None else int(random.choice([10, 60, 150]))
    if shares is None:
        shares = [bool(value) for value in random.permutation(count) < plan.cameras]
    personas = personas or draw_personas(random, count, spread)
    boundaries = _draw_step_starts(random, plan.steps, minutes * 60)
    if effects is None:
        effects = draw_effects(random, plan.steps)
    students = []
    for number in range(count):
        is_late = (plan.late_target and number == 0) or random.random() < plan.late
        visits = _draw_visits(random, boundaries, minutes * 60, lag_s, plan, is_late=is_late)
        students.append(
            _simulate_student(
                random,
                visits,
                personas[number],
                effects,
                shares=shares[number],
                noise=noise,
                correlation=correlation,
                plan=plan,
            )
        )
    ends_at = max(student.left_at for student in students) + 30
    return World(tuple(students), plan.steps, plan.mode, noise, spread, correlation, ends_at)


def draw_effects(random: np.random.Generator, steps: int) -> Floats:
    return random.normal(0, STEP_SD, steps)


def _draw_step_starts(random: np.random.Generator, steps: int, seconds: int) -> Ints:
    weights = random.uniform(0.6, 1.4, steps)
    return np.concatenate([[0], np.cumsum(weights / weights.sum())[:-1]]) * seconds


def _draw_visits(
    random: np.random.Generator,
    boundaries: Ints,
    seconds: int,
    lag_s: int,
    plan: Plan,
    *,
    is_late: bool,
) -> tuple[Visit, ...]:
    lags = random.integers(0, lag_s + 1, len(boundaries))
    starts = (boundaries + lags).astype(int)
    end = seconds + int(random.integers(0, 20))
    if plan.mode == "homework":
        pace = random.uniform(0.8, 1.25)
        shift = int(random.integers(0, 6 * DAY_S))
        return _build_visits(
            [int(shift + start * pace) for start in starts], shift + int(end * pace)
        )
    starts[0] = int(random.integers(0, 60))
    opened_at = int(starts[0])
    if is_late:
        opened_at = int(random.uniform(0.15 if not plan.late_target else 0.4, 0.6) * seconds)
        if plan.late_target:
            opened_at = max(opened_at, 640)
    if random.random() < plan.late:
        end = int(random.uniform(0.5, 0.9) * seconds)
    end = max(end, opened_at + 240)
    open_step = max(step for step, start in enumerate(starts) if start <= opened_at)
    later = [int(start) for start in starts[open_step + 1 :] if start < end - 10]
    return _build_visits([opened_at, *later], end, first_step=open_step)


def _build_visits(starts: list[int], end: int, first_step: int = 0) -> tuple[Visit, ...]:
    ends = [*starts[1:], end]
    return tuple(
        Visit(first_step + number, start, max(stop, start + 1))
        for number, (start, stop) in enumerate(zip(starts, ends, strict=True))
    )


def _simulate_student(
    random: np.random.Generator,
    visits: tuple[Visit, ...],
    persona: Persona,
    effects: Floats,
    *,
    shares: bool,
    noise: float,
    correlation: float,
    plan: Plan,
) -> Student:
    first = visits[0].start // WINDOW_S
    count = max(1, visits[-1].end // WINDOW_S - first)
    starts = (first + np.arange(count)) * WINDOW_S
    effect = np.zeros(count)
    for visit in visits:
        effect[(starts + 5 >= visit.start) & (starts + 5 < visit.end)] = effects[visit.step]
    engagement = persona.engagement + effect + draw_noise(random, count, noise, correlation)
    expression = persona.expression + draw_noise(random, count, 0.5 * noise, correlation)
    absences = _draw_absences(random, visits) if plan.absences else ()
    student = Student(
        shares=shares,
        visits=visits,
        absences=absences,
        first_window=first,
        engagement=np.clip(engagement, 0.01, 0.99),
        expression=np.clip(expression, 0.01, 0.9),
        seen=np.zeros(count, dtype=np.int64),
    )
    # Drawn in any case, so that a change of `shares` changes nothing else.
    seen = _draw_seen(random, count, float(random.uniform(*(plan.coverage or VISIBILITIES[0]))))
    student.seen[:] = np.where(student.is_out() | (not shares), 0, seen)
    return student


def draw_noise(
    random: np.random.Generator, count: int, deviation: float, correlation: float
) -> Floats:
    """Draw a stationary first-order autoregressive series."""
    shocks = random.normal(0, deviation * np.sqrt(1 - correlation**2), count)
    values = np.empty(count)
    values[0] = random.normal(0, deviation)
    for number in range(1, count):
        values[number] = correlation * values[number - 1] + shocks[number]
    return values


def _draw_absences(
    random: np.random.Generator, visits: tuple[Visit, ...]
) -> tuple[tuple[int, int], ...]:
    start, end = visits[0].start, visits[-1].end
    spans = []
    for _ in range(int(random.choice([0, 1, 2, 3]))):
        length = int(random.choice(ABSENCES_S))
        if end - start > length + 60:
            at = int(random.integers(start + 30, end - length))
            spans.append((at, at + length))
    return tuple(sorted(spans))


def _draw_seen(random: np.random.Generator, count: int, coverage: float) -> Ints:
    """Draw seconds seen: missing in runs of about four windows, and single seconds."""
    unseen = np.zeros(count, dtype=bool)
    while unseen.mean() < 0.8 * (1 - coverage):
        at, length = int(random.integers(0, count)), int(random.integers(1, 8))
        unseen[at : at + length] = True
    seen = 10 - random.binomial(10, 0.2 * (1 - coverage), count)
    seen[unseen] = 0
    return seen.astype(np.int64)
