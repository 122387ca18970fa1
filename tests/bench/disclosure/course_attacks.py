"""Attacks that compare several sessions of a course, or reports before and after a withdrawal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tests.bench.disclosure.direct import CourseSession, Releases
from tests.bench.disclosure.knowledge import Report
from tests.bench.disclosure.plays import MIN_PRESENT, Row, Transport, build_plan, name_students
from tests.bench.disclosure.value_attacks import build_level_rows
from tests.bench.disclosure.views import View
from tests.bench.disclosure.world import (
    CLASS_MEAN,
    Floats,
    Persona,
    Plan,
    draw_effects,
    draw_personas,
    simulate_world,
)


@dataclass(frozen=True, slots=True)
class CourseClass:
    """Students who come to several sessions of a lesson, whose steps have the same effects."""

    personas: list[Persona]
    shares: list[bool]
    spread: str
    effects: Floats

    def simulate(
        self, random: np.random.Generator, present: Sequence[int], plan: Plan | None = None
    ) -> CourseSession:
        plan = replace(
            plan or Plan(0), cameras=len(present), others=0, spread=self.spread, minutes=20
        )
        world = simulate_world(
            random,
            plan,
            personas=[self.personas[number] for number in present],
            shares=[self.shares[number] for number in present],
            effects=self.effects,
        )
        return CourseSession(world, [f"student-{number:02}" for number in present])


def draw_class(random: np.random.Generator, count: int, sharing: float = 1.0) -> CourseClass:
    spread = str(random.choice(["narrow", "wide", "bimodal"]))
    personas = draw_personas(random, count, spread)
    shares = [bool(value) for value in random.random(count) < sharing]
    return CourseClass(personas, shares, spread, draw_effects(random, Plan(0).steps))


def _read_mean(report: Report) -> float | None:
    """Return the mean of the bins, which the rounding of each changes less than the total."""
    bins = [row["engagement"] for row in report["timeline"] if row["engagement"] is not None]
    return float(np.mean(bins)) if bins else None


def read_totals(releases: Sequence[Releases]) -> list[float]:
    totals = []
    for release in releases:
        mean = _read_mean(release.final)
        changes = [row.get("change") for row in release.final["timeline"]]
        totals += [
            0.0 if mean is None else mean - CLASS_MEAN,
            float(mean is not None),
            float(np.mean([change == "higher" for change in changes] or [0])),
            float(np.mean([change == "lower" for change in changes] or [0])),
        ]
    return totals


def play_sessions(
    random: np.random.Generator,
    cameras: int,
    transport: Transport,
    *,
    attended: str,
    plan: Plan = Plan(0),  # noqa: B008 - immutable
) -> list[Row]:
    """Play sessions whose attendance differs, and guess levels by linear combination."""
    count = max(
        cameras,
        MIN_SPLIT_CLASS_SIZE[attended] if attended in MIN_SPLIT_CLASS_SIZE else MIN_PRESENT + 1,
    )
    group = draw_class(random, count)
    everyone = list(range(count))
    target = int(random.integers(count))
    without = [number for number in everyone if number != target]
    orders = {
        "one_more": [without, everyone],
        "one_less": [everyone, without],
        "many": [everyone, *([without, everyone] * 2)],
        "three": _combine_three(random, everyone, target),
        "pair": _combine_pair(everyone, target),
    }
    present = orders[attended]
    releases = transport([group.simulate(random, row, plan) for row in present])
    totals = [_read_mean(release.final) for release in releases]
    matrix = np.array([[float(n in row) / len(row) for n in everyone] for row in present])
    known = [number for number, total in enumerate(totals) if total is not None]
    if not known:
        return []
    estimate = _solve_levels(matrix[known], np.array([totals[n] for n in known]), group.spread)
    own = [float(totals[n] or 0) for n in known if target in present[n]]
    given = [float(np.mean(own)) if own else CLASS_MEAN, float(bool(own))]
    features = [estimate[target], *read_totals(releases)]
    return [Row(group.personas[target].engagement, given, features)]


def _combine_three(
    random: np.random.Generator, everyone: list[int], target: int
) -> list[list[int]]:
    """Return groups whose sum minus the class is the target: A + t, B + t, A + B + t."""
    others = [int(n) for n in random.permutation([n for n in everyone if n != target])]
    half = len(others) // 2
    return [
        sorted([*others[:half], target]),
        sorted([*others[half:], target]),
        sorted([*others, target]),
    ]


MIN_SPLIT_CLASS_SIZE = {"three": 2 * MIN_PRESENT - 1, "pair": 2 * MIN_PRESENT - 2}
"""Enough students for figures in each of the sessions of `_combine_three` and `_combine_pair`."""


def _combine_pair(everyone: list[int], target: int) -> list[list[int]]:
    """Return groups whose sums give that of two students: A + t + u, B + t + u, A + B."""
    partner, *others = (number for number in everyone if number != target)
    half = len(others) // 2
    return [
        sorted([*others[:half], target, partner]),
        sorted([*others[half:], target, partner]),
        others,
    ]


def _solve_levels(matrix: Floats, totals: Floats, spread: str) -> Floats:
    """Return the conditional expectation of all levels, given means of known groups."""
    variance = {"narrow": 0.08, "wide": 0.2, "bimodal": 0.3}[spread] ** 2
    noise = (0.02**2 + 0.04**2 / 4) * np.eye(len(totals))
    gain = variance * matrix.T @ np.linalg.inv(variance * matrix @ matrix.T + noise)
    levels: Floats = CLASS_MEAN + gain @ (totals - CLASS_MEAN)
    return levels


def play_withdrawal(
    random: np.random.Generator,
    cameras: int,
    transport: Transport,
    *,
    noise: float | None = None,
) -> list[Row]:
    """A student withdraws between the live figures and the final ones, and says so."""
    plan = build_plan(random, cameras, late=0.0, lag_s=10, noise=noise)
    world = simulate_world(random, plan)
    target = int(random.choice(world.sharers))
    session = CourseSession(world, name_students(len(world.students)), withdrawn=(target,))
    releases = transport([session])[0]
    view = View(world, [*releases.live, releases.final])
    live = View(world, releases.live)
    rows = build_level_rows(view, [target])
    final, size = _read_mean(releases.final), len(view.members)
    change = 0.0 if final is None else size * live.mean - (size - 1) * final
    return [row._replace(released=[*row.released, change]) for row in rows]
