"""Attacks that guess a student's level from one session."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.bench.disclosure.direct import CourseSession
from tests.bench.disclosure.knowledge import Figure, weigh_windows
from tests.bench.disclosure.plays import (
    Row,
    Transport,
    build_plan,
    hide_student,
    name_students,
    play_one_session,
)
from tests.bench.disclosure.views import TOTAL, View
from tests.bench.disclosure.world import World, simulate_world


def build_level_rows(view: View, numbers: Sequence[int]) -> list[Row]:
    rows = []
    for number in numbers:
        student = view.world.students[number]
        values = student.engagement if view.measure == "engagement" else student.expression
        level = student.average(values)
        if level is not None and view.figures:
            given = [view.mean, float(len(view.members))]
            rows.append(Row(level, given, view.describe_level(number)))
    return rows


def play_live_absences(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    world, releases = play_one_session(random, build_plan(random, cameras, late=0.0), transport)
    view = View(world, releases.live)
    return build_level_rows(view, [n for n in world.sharers if world.students[n].absences])


def play_frozen_absences(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    mode = str(random.choice(["same_time", "homework"]))
    world, releases = play_one_session(random, build_plan(random, cameras, mode=mode), transport)
    view = View(world, [releases.final])
    return build_level_rows(view, [n for n in world.sharers if world.students[n].absences])


def play_late_arrival(random: np.random.Generator, cameras: int, transport: Transport) -> list[Row]:
    world, releases = play_one_session(random, build_plan(random, cameras, late=0.3), transport)
    view = View(world, [*releases.live, releases.final])
    return build_level_rows(view, [n for n in world.sharers if world.students[n].opened_at > 120])


def play_early_leaving(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    world, releases = play_one_session(random, build_plan(random, cameras, late=0.3), transport)
    view = View(world, [*releases.live, releases.final])
    last = max(student.left_at for student in world.students)
    return build_level_rows(
        view, [n for n in world.sharers if world.students[n].left_at < last - 120]
    )


def play_live_against_frozen(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    world, releases = play_one_session(random, build_plan(random, cameras), transport)
    return build_level_rows(View(world, [*releases.live, releases.final]), world.sharers)


def play_homework(random: np.random.Generator, cameras: int, transport: Transport) -> list[Row]:
    world, releases = play_one_session(
        random, build_plan(random, cameras, mode="homework"), transport
    )
    return build_level_rows(View(world, [releases.final]), world.sharers)


def play_expression(random: np.random.Generator, cameras: int, transport: Transport) -> list[Row]:
    world, releases = play_one_session(random, build_plan(random, cameras), transport)
    return build_level_rows(View(world, [releases.final], "happiness"), world.sharers)


def play_steps(
    random: np.random.Generator, cameras: int, transport: Transport, *, contrast: bool
) -> list[Row]:
    """The class turns the pages together; the target turns them minutes later."""
    plan = build_plan(random, cameras, late=0.0, lag_s=10)
    world = _delay_steps(random, simulate_world(random, plan))
    releases = transport([CourseSession(world, name_students(len(world.students)))])[0]
    view = View(world, [*releases.live, releases.final])
    student = world.students[0]
    level = student.average(student.engagement)
    released = {f.start: f.value for f in view.figures if f.unit == "step"}
    rows = []
    for visit in student.visits:
        value = student.average(student.engagement, visit.start, visit.end)
        if value is None or level is None or visit.step not in released:
            continue
        weights = weigh_windows(student, Figure("step", visit.step, 0, 0))
        total = weigh_windows(student, TOTAL)
        own = [view.expect(0, weights), view.expect(0, total)]
        shared = [view.expect(0, part, own=False) for part in (weights, total)]
        given = [view.mean, released[visit.step], shared[0] - shared[1], float(len(view.members))]
        timeline = [f.value for f in view.figures if f.unit == "own"]
        nearest = timeline[min(int((visit.start - student.opened_at) / 120), len(timeline) - 1)]
        size = len(view.members)
        rows.append(
            Row(
                value - level if contrast else value,
                given,
                [*own, own[0] - own[1], size * (released[visit.step] - nearest)],
            )
        )
    return rows


def _delay_steps(random: np.random.Generator, world: World) -> World:
    """Let the first student, who shares a camera, open the steps minutes after the class."""
    first = world.sharers[0]
    students = [world.students[first], *world.students[:first], *world.students[first + 1 :]]
    visits = students[0].visits
    delay = int(random.uniform(90, 300))
    starts = [visits[0].start, *(min(v.start + delay, v.end + delay) for v in visits[1:])]
    kept = [start for start in starts if start < visits[-1].end - 30]
    ends = [*kept[1:], visits[-1].end]
    moved = tuple(
        visit._replace(start=start, end=end)
        for visit, start, end in zip(visits, kept, ends, strict=False)
    )
    students[0] = replace(students[0], visits=moved)
    return replace(world, students=tuple(students))


def play_alone_in_picture(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    """Everybody but the target looks away for some minutes: how does the target differ then?"""
    span = (480, 840)
    plan = build_plan(random, cameras, late=0.0, absences=False, lag_s=10)
    world = simulate_world(random, plan)
    target = world.sharers[0]
    students = [
        student if number == target else hide_student(student, span)
        for number, student in enumerate(world.students)
    ]
    world = replace(world, students=tuple(students))
    releases = transport([CourseSession(world, name_students(len(students)))])[0]
    view = View(world, [*releases.live, releases.final])
    student = students[target]
    level, value = student.average(student.engagement), student.average(student.engagement, *span)
    if level is None or value is None or not view.figures:
        return []
    inside = (student.window_starts >= span[0]) & (student.window_starts < span[1])
    weights, total = inside / inside.sum(), weigh_windows(student, TOTAL)
    own = view.expect(target, weights) - view.expect(target, total)
    shared = view.expect(target, weights, own=False) - view.expect(target, total, own=False)
    bins = [f.value for f in view.figures if f.unit != "step" and span[0] <= f.start < span[1]]
    size = float(len(view.members))
    change = float(np.mean(bins)) - view.mean if bins else 0.0
    given = [view.mean, shared, size]
    return [Row(value - level, given, [own, change, size * change, float(np.ptp(bins or [0]))])]
