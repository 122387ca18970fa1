"""Play an attack on many simulated classes; each target of a class is one trial."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from fer_lms.disclosure.cohort import PRESENT_MARGIN
from tests.bench.disclosure.direct import CourseSession, Releases
from tests.bench.disclosure.estimators import Kind, Trials
from tests.bench.disclosure.world import Plan, Student, World, simulate_world

POOLS: dict[str, tuple[int, ...]] = {"5-7": (5, 6, 7), "8-10": (8, 9, 10), "24": (24,)}
SHARING_PROBABILITY = 0.75
"""Of a student whose sharing is to be guessed; the cohorts of value attacks are fixed."""
MIN_CAMERAS = 5
MIN_PRESENT = MIN_CAMERAS + PRESENT_MARGIN
"""In smaller classes nothing is shown."""
CLEAR = (0.97, 1.0)
"""Coverage of a class in which nearly everything of everybody is seen."""


class Row(NamedTuple):
    target: float
    given: list[float]
    released: list[float]


Transport = Callable[[Sequence[CourseSession]], list[Releases]]
"""Releases the sessions of a course, one after the other."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack.

    Attributes:
        name: Published name.
        kind: Whether a value or a choice is guessed.
        play: Plays a class of about the given number of cameras and returns the rows.
        weight: How many classes are played, relative to other attacks.
    """

    name: str
    kind: Kind
    play: Callable[[np.random.Generator, int, Transport], list[Row]]
    weight: float = 1.0


def collect(
    attack: Attack, pool: str, classes: int, seed: int, transport: Transport
) -> Trials | None:
    """Play an attack on many classes; None without any row."""
    random = np.random.default_rng([seed, sum(map(ord, attack.name)), len(pool)])
    rows, sessions = [], []
    for number in range(classes):
        played = attack.play(random, int(random.choice(POOLS[pool])), transport)
        rows += played
        sessions += [number] * len(played)
    if not rows:
        return None
    return Trials(
        attack.kind,
        np.array([row.target for row in rows]),
        np.array([row.given for row in rows]),
        np.array([row.released for row in rows]),
        np.array(sessions),
    )


def build_plan(random: np.random.Generator, cameras: int, **fields: object) -> Plan:
    others = int(random.integers(0, 3))
    return replace(Plan(cameras, max(others, MIN_PRESENT - cameras)), **fields)  # type: ignore[arg-type]


def play_one_session(
    random: np.random.Generator, plan: Plan, transport: Transport
) -> tuple[World, Releases]:
    world = simulate_world(random, plan)
    return world, transport([CourseSession(world, name_students(len(world.students)))])[0]


def name_students(count: int) -> list[str]:
    return [f"student-{number:02}" for number in range(count)]


def hide_student(student: Student, span: tuple[int, int]) -> Student:
    hidden = replace(student, absences=(*student.absences, span), seen=student.seen.copy())
    hidden.seen[hidden.is_out()] = 0
    return hidden
