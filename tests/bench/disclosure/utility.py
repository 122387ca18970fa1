"""What a report still shows, and how far it is from the unsuppressed truth.

The truth of a step or bin is the mean over all students who share a camera of what was seen of them
in it, unrounded and without imputation.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.bench.disclosure.direct import CourseSession
from tests.bench.disclosure.plays import Transport
from tests.bench.disclosure.world import Mode, Plan, World, simulate_world

CLASSES: tuple[tuple[int, int], ...] = ((6, 6), (8, 6), (12, 10), (24, 20))
"""Class sizes and cameras."""
COVERAGE = (0.6, 0.95)
MODES: tuple[Mode, ...] = ("same_time", "homework")


def measure_utility(sessions: int, seed: int, transport: Transport) -> list[dict[str, Any]]:
    return [
        _measure_class(size, cameras, mode, sessions, seed, transport)
        for size, cameras in CLASSES
        for mode in MODES
    ]


def _measure_class(
    size: int, cameras: int, mode: Mode, sessions: int, seed: int, transport: Transport
) -> dict[str, Any]:
    random = np.random.default_rng([seed, size, cameras, len(mode)])
    steps_shown, bins_shown, step_errors, bin_errors = [], [], [], []
    for _ in range(sessions):
        plan = Plan(cameras, size - cameras, mode=mode, coverage=COVERAGE)
        world = simulate_world(random, plan)
        names = [f"student-{number:02}" for number in range(size)]
        final = transport([CourseSession(world, names)])[0].final
        shown = [row for row in final["steps"] if row["engagement"] is not None]
        steps_shown.append(len(shown) / world.steps)
        step_errors += [abs(row["engagement"] - _average_step(world, row)) for row in shown]
        width = final["bin_seconds"] or 120
        shown = [row for row in final["timeline"] if row["engagement"] is not None]
        longest = max(student.left_at - student.opened_at for student in world.students)
        bins_shown.append(len(shown) / (longest // width))
        bin_errors += [abs(row["engagement"] - _average_bin(world, row, width)) for row in shown]
    return {
        "class_size": size,
        "cameras": cameras,
        "mode": mode,
        "sessions": sessions,
        "steps_shown": round(float(np.mean(steps_shown)), 3),
        "bins_shown": round(float(np.mean(bins_shown)), 3),
        "error": _round_mean(step_errors),
        "error_p90": _round_p90(step_errors),
        "bin_error": _round_mean(bin_errors),
        "bin_error_p90": _round_p90(bin_errors),
    }


def _round_mean(errors: Sequence[float]) -> float | None:
    return round(float(np.mean(errors)), 4) if errors else None


def _round_p90(errors: Sequence[float]) -> float | None:
    return round(float(np.quantile(errors, 0.9)), 4) if errors else None


def _average_step(world: World, row: dict[str, Any]) -> float:
    values = []
    for student in world.students:
        spans = [visit for visit in student.visits if visit.step == row["position"] - 1]
        values += [student.average(student.engagement, span.start, span.end) for span in spans]
    return float(np.mean([value for value in values if value is not None]))


def _average_bin(world: World, row: dict[str, Any], width: int) -> float:
    values = []
    for student in world.students:
        start = student.opened_at + row["start"]
        values.append(student.average(student.engagement, start, start + width))
    return float(np.mean([value for value in values if value is not None]))
