"""What the adversary computes from released figures and attendance.

Every figure is a linear function of the students' values, and the adversary knows the function up
to who shares a camera: attendance and absences are public. Under a Gaussian model of faces, which
is close to the simulated one, the conditional expectation is the best linear estimator; the attacks
use it as one feature among others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tests.bench.disclosure.world import (
    CLASS_MEAN,
    EXPRESSION_MEAN,
    EXPRESSION_SD,
    SPREADS,
    STEP_SD,
    WINDOW_S,
    Floats,
    Student,
    World,
)

Report = Mapping[str, Any]
ROUNDING = {"engagement": 0.1, "happiness": 0.05}
"""Step to which the figures of a measure are rounded (docs/disclosure.md)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One released value and the time of which it is the mean.

    Attributes:
        unit: `total`, `step`, or a bin of the `clock` or of the student's `own` lesson time.
        start: First second of a bin, or index of a step.
        end: End of a bin.
        value: Released value.
        until: Later windows do not enter (a live figure), in seconds of the clock.
    """

    unit: Literal["total", "step", "own", "clock"]
    start: float
    end: float
    value: float
    until: float = np.inf


def read_figures(report: Report, *, measure: str = "engagement") -> list[Figure]:
    """List the numbers of a report about one measure."""
    return list(_read(report, measure))


def _read(report: Report, measure: str) -> Iterator[Figure]:
    total = _pick(report.get(measure if measure == "engagement" else "expressions"), measure)
    if total is not None:
        yield Figure("total", 0, 0, total)
    width = report.get("bin_seconds") or 120
    is_open = report.get("timeline_unit") == "since_start"
    for row in report["timeline"]:
        value = _pick(row["engagement" if measure == "engagement" else "expressions"], measure)
        if value is not None:
            start = float(row["start"])
            until = start + width if is_open else np.inf
            yield Figure("clock" if is_open else "own", start, start + width, value, until)
    for row in report["steps"]:
        value = _pick(row.get(measure if measure == "engagement" else "expressions"), measure)
        if value is not None:
            yield Figure("step", row["position"] - 1, 0, value)


def _pick(value: Any, measure: str) -> float | None:
    if isinstance(value, Mapping):
        value = value.get("mean" if measure == "engagement" else measure)
    return None if value is None else float(value)


@dataclass(frozen=True, slots=True)
class Prior:
    """Second moments of the values, which the adversary knows from other classes."""

    mean: float
    spread: float
    noise: float
    correlation: float

    @classmethod
    def of(cls, world: World, measure: str) -> "Prior":
        if measure == "engagement":
            spread = SPREADS[world.spread]
            return cls(CLASS_MEAN, spread, world.noise, world.correlation)
        return cls(EXPRESSION_MEAN, EXPRESSION_SD, 0.5 * world.noise, world.correlation)


def weigh_windows(student: Student, figure: Figure, *, imputed: bool = True) -> Floats:
    """Return the weight of each of the student's windows in their own part of a figure.

    Without any window in it, the own mean stands for it if `imputed`; otherwise all are zero.
    """
    weights: Floats = weigh_figures(student, [figure], imputed=imputed)[0]
    return weights


def weigh_figures(student: Student, figures: Sequence[Figure], *, imputed: bool = True) -> Floats:
    """Return [figures, windows]: `weigh_windows` of each."""
    starts, usable = student.window_starts, ~student.is_out()
    middle = starts + WINDOW_S / 2
    on_step = _mark_steps(student, 1 + max(visit.step for visit in student.visits)) > 0
    weights = np.zeros((len(figures), len(starts)))
    for row, figure in enumerate(figures):
        if figure.unit == "total":
            mask = usable
        elif figure.unit == "step":
            step = int(figure.start)
            mask = usable & (on_step[:, step] if step < on_step.shape[1] else False)
        else:
            shift = student.opened_at if figure.unit == "own" else 0
            mask = usable & (middle >= shift + figure.start) & (middle < shift + figure.end)
        count = np.count_nonzero(mask)
        if imputed and not count:
            mask = usable & (starts < figure.until)
            count = np.count_nonzero(mask)
        if count:
            weights[row] = mask / count
    return weights


class Gaussian:
    """The joint distribution of figures and values if certain students share a camera.

    With `imputed=False`, students without data are left out of a figure instead. The adversary
    tries both, which finds a release that forgets the own-mean imputation.
    """

    def __init__(
        self, world: World, figures: Sequence[Figure], measure: str, *, imputed: bool = True
    ) -> None:
        prior = Prior.of(world, measure)
        self.prior = prior
        self.rounding = ROUNDING[measure]
        self.values = np.array([figure.value for figure in figures])
        self.weights = [
            weigh_figures(student, figures, imputed=imputed) for student in world.students
        ]
        if not imputed:
            used = np.sum([weight.sum(axis=1) for weight in self.weights], axis=0)
            scale = len(world.students) / np.maximum(used, 1)
            self.weights = [weight * scale[:, None] for weight in self.weights]
        self.effects = [_mark_steps(student, world.steps) for student in world.students]
        counts = [len(student.seen) for student in world.students]
        covariance = prior.spread**2 + prior.noise**2 * _correlate(max(counts), prior.correlation)
        self.covariances = [covariance[:count, :count] for count in counts]
        self.own = [
            weight @ covariance @ weight.T
            for weight, covariance in zip(self.weights, self.covariances, strict=True)
        ]
        self.shared = [
            weight @ effect for weight, effect in zip(self.weights, self.effects, strict=True)
        ]

    def factorise(self, members: Sequence[int], count: float | None = None) -> "Factor":
        """Compute the covariance of the figures for a cohort, as if it had `count` members."""
        size = len(members)
        own = np.sum([self.own[number] for number in members], axis=0) / size**2
        if count is not None:
            own = own * (size / count)
        shared = np.sum([self.shared[number] for number in members], axis=0) / size
        rounding = self.rounding**2 / 12 * np.eye(len(self.values))
        covariance = own + STEP_SD**2 * shared @ shared.T + rounding
        residual = self.values - self.prior.mean
        solved = np.linalg.solve(covariance, residual)
        determinant = float(np.linalg.slogdet(covariance)[1])
        return Factor(shared, solved, -0.5 * (float(residual @ solved) + determinant))

    def expect(
        self,
        number: int,
        target: Floats,
        members: Sequence[int],
        factor: "Factor",
        *,
        own: bool = True,
    ) -> float:
        """Return the conditional expectation of a weighted mean of a student's values.

        Args:
            number: The student.
            target: Weight of each of the student's windows.
            members: The cohort that `factor` was computed for.
            factor: What `factorise` returned.
            own: Whether the student's own part of the figures is used. Without it, the result is
                what the figures tell of the class's steps.
        """
        effect = STEP_SD**2 * (target @ self.effects[number]) @ factor.shared.T
        if own:
            part = target @ self.covariances[number] @ self.weights[number].T
            effect = effect + part / len(members)
        return float(self.prior.mean + effect @ factor.solved)


@dataclass(frozen=True, slots=True)
class Factor:
    """The figures under one cohort.

    Attributes:
        shared: [figures, steps] How much each step's effect on the class enters each figure.
        solved: Inverse covariance of the figures, times their deviation from the mean.
        likelihood: Logarithm of the likelihood of the figures, up to a constant.
    """

    shared: Floats
    solved: Floats
    likelihood: float


def _correlate(count: int, correlation: float) -> Floats:
    """Return the correlation matrix of an autoregressive series."""
    times = np.arange(count)
    return np.asarray(correlation ** abs(times[:, None] - times[None, :]), dtype=np.float64)


def _mark_steps(student: Student, steps: int) -> Floats:
    middle = student.window_starts + WINDOW_S / 2
    marks = np.zeros((len(middle), steps))
    for visit in student.visits:
        marks[(middle >= visit.start) & (middle < visit.end), visit.step] = 1
    return marks
