"""What the adversary computes about each student from the reports of a session."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tests.bench.disclosure.knowledge import (
    Factor,
    Figure,
    Gaussian,
    Report,
    read_figures,
    weigh_windows,
)
from tests.bench.disclosure.world import CLASS_MEAN, Floats, Student, World


class View:
    """What the adversary computes about each student from some reports of one session."""

    def __init__(
        self, world: World, reports: Sequence[Report], measure: str = "engagement"
    ) -> None:
        self.world, self.measure = world, measure
        self.reports = [report for report in reports if report is not None]
        self.figures = [
            figure for report in self.reports for figure in read_figures(report, measure=measure)
        ]
        self.values = np.array([figure.value for figure in self.figures])
        self.members = list(range(len(world.students)))
        if self.figures:
            self.model = Gaussian(world, self.figures, measure)
            self.factor = self.model.factorise(self.members)

    @cached_property
    def omitting(self) -> Gaussian:
        """The model of a release that leaves absent students out."""
        return Gaussian(self.world, self.figures, self.measure, imputed=False)

    @cached_property
    def omitting_factor(self) -> Factor:
        return self.omitting.factorise(self.members)

    @property
    def mean(self) -> float:
        totals = [figure.value for figure in self.figures if figure.unit == "total"]
        return float(np.mean(totals or self.values)) if len(self.values) else CLASS_MEAN

    def expect(self, number: int, weights: Floats, *, own: bool = True) -> float:
        if not self.figures:
            return CLASS_MEAN
        return self.model.expect(number, weights, self.members, self.factor, own=own)

    def _expect_omitting(self, number: int, weights: Floats) -> float:
        if not self.figures:
            return CLASS_MEAN
        return self.omitting.expect(number, weights, self.members, self.omitting_factor)

    def describe_level(self, number: int) -> list[float]:
        """Return estimates of a student's level: the best linear one, and by subtraction."""
        student = self.world.students[number]
        total = weigh_windows(student, TOTAL)
        return [
            self.expect(number, total),
            self._expect_omitting(number, total),
            *self._subtract(student),
            *self._describe_levels(),
        ]

    def describe_shape(self) -> list[float]:
        """Return how the figures vary, and all reasons: what does not concern one student."""
        values = self.values if len(self.values) else np.array([CLASS_MEAN])
        steps = np.diff(values) if len(values) > 1 else np.zeros(1)
        return [
            float(values.std()),
            float(abs(steps).mean()),
            float((steps == 0).mean()),
            float(np.quantile(values, 0.9) - np.quantile(values, 0.1)),
            *self._describe_levels(),
            *(code for report in self.reports for code in encode_reasons(report)),
        ]

    def compare_likelihoods(self, number: int) -> list[float]:
        """Return how much likelier the figures are if the student shares a camera."""
        if not self.figures:
            return [0.0]
        others = [member for member in self.members if member != number]
        without = self.model.factorise(others).likelihood
        return [float(np.clip(self.factor.likelihood - without, -5, 5))]

    def rank_counts(self, counts: Sequence[int]) -> list[float]:
        """Return the likelihood of the figures for each number of cameras."""
        if not self.figures:
            return [0.0] * len(counts)
        found = [self.model.factorise(self.members, count).likelihood for count in counts]
        return [float(np.clip(value - max(found), -8, 0)) for value in found]

    def _subtract(self, student: Student) -> list[float]:
        """Subtract the mean of figures without the student from that of figures with them."""
        size = len(self.members)
        weights = [weigh_own_time(student, figure) for figure in self.figures]
        present = np.array(weights) if weights else np.zeros(0)
        with_student, without = self.values[present > 0.95], self.values[present < 0.05]
        if not len(with_student) or not len(without):
            return [0.0, 0.0, 0.0]
        change = float(with_student.mean() - without.mean())
        fitted = np.polyfit(present, self.values, 1)[0] if np.ptp(present) else 0.0
        return [1.0, size * change + float(without.mean()), size * float(fitted)]

    def _describe_levels(self) -> list[float]:
        engagement = (self.reports[-1].get("engagement") if self.reports else None) or {}
        levels = engagement.get("levels") or {}
        return [float(levels.get(name) or 0) for name in ("high", "low")]


TOTAL = Figure("total", 0, 0, 0)
_REASONS = (
    "too_few_learners",
    "few_present",
    "withdrawn",
    "changed_group",
    "similar_group",
)


def weigh_own_time(student: Student, figure: Figure) -> float:
    """Return the share of a figure's time in which the student was in the picture."""
    starts = student.window_starts
    if figure.unit == "total":
        return 1.0
    if figure.unit == "step":
        spans = [(v.start, v.end) for v in student.visits if v.step == figure.start]
        count = sum(end - start for start, end in spans) / 10
    else:
        shift = student.opened_at if figure.unit == "own" else 0
        spans = [(int(shift + figure.start), int(shift + figure.end))]
        count = (figure.end - figure.start) / 10
    inside = np.zeros(len(starts), dtype=bool)
    for start, end in spans:
        inside |= (starts >= start) & (starts < end)
    return min(1.0, float((inside & ~student.is_out()).sum() / max(count, 1)))


def encode_reasons(report: Report) -> list[float]:
    """Return everything categorical in a report as numbers."""
    reasons = (report["withheld"], report["level_withheld"])
    rows = [*report["timeline"], *report["steps"]]
    hidden = [row["withheld"] not in (None, "few_present") for row in rows]
    return [
        *(float(reason in reasons) for reason in _REASONS),
        float(report["coverage"] or 0),
        float(report["contributors_at_least"] or 0),
        float(np.mean(hidden)) if hidden else 0.0,
        float(len(report["timeline"])),
    ]
