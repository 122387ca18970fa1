"""Attacks that guess whether, or how many, students share a camera."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.bench.disclosure.course_attacks import draw_class, read_totals
from tests.bench.disclosure.direct import CourseSession, Releases
from tests.bench.disclosure.plays import (
    MIN_CAMERAS,
    SHARING_PROBABILITY,
    Row,
    Transport,
    build_plan,
    hide_student,
    name_students,
)
from tests.bench.disclosure.views import View, encode_reasons
from tests.bench.disclosure.world import Plan, World, simulate_world


def _draw_shares(random: np.random.Generator, count: int, probability: float) -> list[bool]:
    return [bool(value) for value in random.random(count) < probability]


def play_camera_count(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess the exact number of cameras in a class of known size."""
    count = max(size, MIN_CAMERAS + 1) + 1
    shares = _draw_shares(random, count, SHARING_PROBABILITY)
    world = simulate_world(random, build_plan(random, count), shares=[*shares, *[False] * 3])
    world = replace(world, students=world.students[:count])
    releases = transport([CourseSession(world, name_students(count))])[0]
    view = View(world, [*releases.live, releases.final])
    counts = range(MIN_CAMERAS, count + 1)
    ranked = view.rank_counts(counts)
    largest = max(len(POOL_COUNTS), len(ranked))
    padded = [*ranked, *[-8.0] * (largest - len(ranked))]
    # Cameras are counted from the size of the class, so that classes of all sizes are comparable.
    target = float(count - sum(shares))
    final = View(world, [releases.final])
    best = float(count - (MIN_CAMERAS + int(np.argmax(ranked))))
    given = [float(count), float(releases.final["withheld"] == "too_few_learners")]
    return [Row(target, given, [best, *padded, *final.describe_shape()])]


POOL_COUNTS = range(MIN_CAMERAS, 27)


def play_late_sharing(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess whether one student, who comes late, shares a camera."""
    count = max(size, MIN_CAMERAS) + 1
    others = _draw_shares(random, count - 1, 0.9)
    plan = Plan(count, late_target=True, late=0.0)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *others])
        releases = transport([CourseSession(world, name_students(count))])[0]
        rows.append(_build_sharing_row(world, releases, 0))
    return rows


def _repeat(random: np.random.Generator) -> Iterator[bool]:
    """Yield both values of a choice with the same random values after each, as matched pairs."""
    state = random.bit_generator.state
    for value in (False, True):
        random.bit_generator.state = state
        yield value


def play_coverage(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess who shares a camera from coverage, shapes and likelihoods."""
    count = max(size, MIN_CAMERAS + 1)
    shares = _draw_shares(random, count, SHARING_PROBABILITY)
    world = simulate_world(random, Plan(count), shares=shares)
    releases = transport([CourseSession(world, name_students(count))])[0]
    return [_build_sharing_row(world, releases, number) for number in range(count)]


def _build_sharing_row(world: World, releases: Releases, number: int) -> Row:
    view = View(world, [*releases.live[:1], releases.final])
    live = encode_reasons(releases.live[0]) if releases.live else [0.0] * 9
    student = world.students[number]
    out = float(student.is_out().mean())
    coverage = float(releases.final["coverage"] or 0)
    return Row(
        float(student.shares),
        [float(len(world.students)), out, float(student.opened_at > 600)],
        [
            *view.compare_likelihoods(number),
            *View(world, [releases.final]).describe_shape(),
            *live,
            out * coverage,
        ],
    )


def play_few_in_picture(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Everybody but the target and one to three others is asked to look away for some minutes."""
    in_picture = int(random.integers(2, 5))
    count = max(size, MIN_CAMERAS) + 1
    plan = Plan(count, late=0.0, absences=False, lag_s=10)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        students = [
            student if number < in_picture else hide_student(student, (480, 780))
            for number, student in enumerate(world.students)
        ]
        world = replace(world, students=tuple(students))
        releases = transport([CourseSession(world, name_students(count))])[0]
        bins = releases.final["timeline"][4:7]
        live = releases.live[0]["timeline"][4:7] if releases.live else []
        mean = (releases.final["engagement"] or {}).get("mean")
        flat = [row["engagement"] is not None and row["engagement"] == mean for row in bins]
        hidden = [row["withheld"] is not None for row in [*bins, *live]]
        row = _build_sharing_row(world, releases, 0)
        features = [float(sum(hidden)), float(bool(bins)), float(sum(flat))]
        crossed = [feature * in_picture for feature in features]
        rows.append(row._replace(released=[*row.released, *features, *crossed]))
    return rows


def play_similar_group(
    random: np.random.Generator, size: int, transport: Transport, *, at_threshold: bool
) -> list[Row]:
    """Guess whether a student shares a camera from what is withheld when they stay at home.

    At the threshold, fewer than `MIN_CAMERAS` others may share: then what is shown has to depend on
    the student, since it must not be shown without.
    """
    count = max(size, MIN_CAMERAS) + 2
    group = draw_class(random, count, SHARING_PROBABILITY)
    if not at_threshold:
        group.shares[:] = [True] * count
        group.shares[int(random.integers(count))] = False
    target = int(random.integers(count))
    everyone = list(range(count))
    without = [number for number in everyone if number != target]
    is_first = bool(random.random() < 0.5)
    order = [everyone, without] if is_first else [without, everyone]
    plan = Plan(0, late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        group.shares[target] = shares
        releases = transport([group.simulate(random, present, plan) for present in order])
        codes = [code for release in releases for code in encode_reasons(release.final)]
        crossed = [code * is_first for code in codes]
        features = [*codes, *crossed, *read_totals(releases)]
        rows.append(Row(float(shares), [float(count), float(is_first)], features))
    return rows


def play_class_of_five(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """As many students as the threshold: if anything were shown, all would share a camera."""
    plan = Plan(MIN_CAMERAS, minutes=int(random.integers(15, 30)), late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (MIN_CAMERAS - 1))])
        releases = transport([CourseSession(world, name_students(MIN_CAMERAS))])[0]
        codes = [*encode_reasons(releases.final), float(bool(releases.live))]
        rows.append(Row(float(shares), [float(size)], codes))
    return rows


def play_target_out(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """The target is kept out of the picture most of the time: does the coverage fall?"""
    count = max(size, MIN_CAMERAS) + 1
    plan = Plan(count, minutes=20, late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        hidden = hide_student(world.students[0], (300, 1200))
        world = replace(world, students=(hidden, *world.students[1:]))
        releases = transport([CourseSession(world, name_students(count))])[0]
        row = _build_sharing_row(world, releases, 0)
        rows.append(row._replace(released=encode_reasons(releases.final)))
    return rows


def play_shown(
    random: np.random.Generator, size: int, transport: Transport, probability: float
) -> list[Row]:
    """Guess who shares a camera from whether anything is shown at all."""
    count = max(size, MIN_CAMERAS + 1)
    shares = _draw_shares(random, count, probability)
    world = simulate_world(random, Plan(count, minutes=20, absences=False), shares=shares)
    releases = transport([CourseSession(world, name_students(count))])[0]
    codes = [
        *encode_reasons(releases.final),
        float(bool(releases.live)),
    ]
    return [Row(float(shared), [float(count)], codes) for shared in shares]


def play_erasure_signal(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess from the final report whether a student erased during the lesson shared a camera."""
    count = max(size, MIN_CAMERAS) + 1
    plan = Plan(count, late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        releases = transport([CourseSession(world, name_students(count), erased=(0,))])[0]
        codes = [*encode_reasons(releases.final), float(bool(releases.live))]
        crossed = [code * float(bool(releases.live)) for code in codes]
        rows.append(Row(float(shares), [float(count)], [*codes, *crossed]))
    return rows
