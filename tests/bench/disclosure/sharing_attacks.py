"""Attacks that guess whether, or how many, students share a camera."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import comb

import numpy as np

from tests.bench.disclosure.course_attacks import draw_class, read_totals
from tests.bench.disclosure.direct import CourseSession, Releases
from tests.bench.disclosure.plays import (
    CLEAR,
    MIN_CAMERAS,
    MIN_PRESENT,
    SHARING_PROBABILITY,
    Row,
    Transport,
    hide_student,
    name_students,
)
from tests.bench.disclosure.views import View, encode_reasons
from tests.bench.disclosure.world import (
    CLASS_MEAN,
    WINDOW_S,
    Plan,
    Student,
    World,
    simulate_world,
)


def _draw_shares(random: np.random.Generator, count: int, probability: float) -> list[bool]:
    return [bool(value) for value in random.random(count) < probability]


def play_camera_count(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess the exact number of cameras in a class of known size from two lessons of the class.

    The number is in the size of the noise: the deviations of n students add up to 1/sqrt(n) of one
    student's. The estimate is that of the highest posterior probability, given the engagement and
    an expression in all figures of both lessons, under the model that generates them.
    """
    count = max(size, MIN_PRESENT)
    group = draw_class(random, count, SHARING_PROBABILITY)
    plan = Plan(0, late=0.0)
    sessions = [group.simulate(random, range(count), plan) for _ in range(2)]
    releases = transport(sessions)
    counts = range(MIN_CAMERAS, count + 1)
    likelihood = np.zeros(len(counts))
    shapes: list[float] = []
    for session, released in zip(sessions, releases, strict=True):
        for measure in ("engagement", "happiness"):
            reports = [*released.live, released.final]
            likelihood += View(session.world, reports, measure).rank_counts(counts)
        shapes += View(session.world, [released.final]).describe_shape()
    prior = np.array([_compute_binomial(number, count) for number in counts])
    posterior = prior * np.exp(likelihood - likelihood.max())
    posterior /= posterior.sum()
    best = float(count - counts[int(posterior.argmax())])
    mean = float(count - posterior @ np.array(counts))
    padded = [*likelihood[::-1], *[-8.0] * len(POOL_COUNTS)][: len(POOL_COUNTS)]
    # Cameras are counted from the size of the class, so that classes of all sizes are comparable.
    target = float(count - sum(group.shares))
    given = [float(count), *(float(item.final["withheld"] is None) for item in releases)]
    figures = [best, mean, float(posterior.max()), *padded, *shapes]
    reported = count - (releases[0].final["contributors_at_least"] or 0)
    return [Row(target, given, [*figures, *(float(reported == n) for n in range(MIN_CAMERAS))])]


POOL_COUNTS = range(MIN_CAMERAS, 27)


def _compute_binomial(number: int, count: int) -> float:
    share = SHARING_PROBABILITY
    return comb(count, number) * share**number * (1 - share) ** (count - number)


def play_late_sharing(
    random: np.random.Generator, size: int, transport: Transport, *, late: int
) -> list[Row]:
    """Guess whether one student, who comes late, with `late` - 1 others, shares a camera.

    All other late-comers share theirs: as many as the threshold would then count only if the
    student does.
    """
    count = max(size, MIN_PRESENT)
    others = [*_draw_shares(random, count, 0.9), *[True] * (late - 1)]
    plan = Plan(count + late, late_target=True, late=0.0)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *others])
        world = replace(world, students=_delay_last(world.students, late - 1))
        releases = transport([CourseSession(world, name_students(count + late))])[0]
        row = _build_sharing_row(world, releases, 0)
        live = View(world, releases.live).mean if releases.live else CLASS_MEAN
        final = (releases.final["engagement"] or {}).get("mean", CLASS_MEAN)
        rows.append(row._replace(released=[*row.released, abs(final - live), final - live]))
    return rows


def _delay_last(students: Sequence[Student], count: int) -> tuple[Student, ...]:
    """Let the last students come when the first one, who is late, comes."""
    kept = list(students[: len(students) - count])
    for student in students[len(students) - count :]:
        shift = students[0].opened_at - student.opened_at
        visits = tuple(
            visit._replace(start=max(visit.start, student.opened_at + shift))
            for visit in student.visits
            if visit.end > student.opened_at + shift + 10
        )
        first = visits[0].start // WINDOW_S
        skipped = first - student.first_window
        kept.append(
            replace(
                student,
                visits=visits,
                absences=(),
                first_window=first,
                engagement=student.engagement[skipped:],
                expression=student.expression[skipped:],
                seen=student.seen[skipped:],
            )
        )
    return tuple(kept)


def _repeat(random: np.random.Generator) -> Iterator[bool]:
    """Yield both values of a choice with the same random values after each, as matched pairs."""
    state = random.bit_generator.state
    for value in (False, True):
        random.bit_generator.state = state
        yield value


def play_coverage(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess who shares a camera from coverage, shapes and likelihoods."""
    count = max(size, MIN_PRESENT)
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
    """Everybody but the target and a few others is asked to look away for some minutes.

    These are one to five others, or up to half of a large class. Live and final figures of these
    minutes differ by their noise, if there is any.
    """
    count = max(size, MIN_PRESENT)
    in_picture = int(random.integers(2, max(7, count // 2 + 2)))
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
        pairs = [
            (final["engagement"], row["engagement"])
            for final, row in zip(bins, live, strict=False)
            if final["engagement"] is not None and row["engagement"] is not None
        ]
        differing = float(np.mean([abs(final - row) for final, row in pairs] or [0.0]))
        features = [float(sum(hidden)), float(bool(bins)), float(sum(flat)), differing]
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
    count = max(size + 1, MIN_PRESENT) + 1
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
        row = _build_course_row(shares, [float(count), float(is_first)], releases)
        crossed = [value * is_first for value in row.released]
        rows.append(row._replace(released=[*row.released, *crossed]))
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
    """Everybody is well visible, the target is kept out of the picture most of the time."""
    count = max(size, MIN_PRESENT)
    plan = Plan(count, minutes=20, late=0.0, absences=False, coverage=CLEAR)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        hidden = hide_student(world.students[0], (300, 1200))
        world = replace(world, students=(hidden, *world.students[1:]))
        releases = transport([CourseSession(world, name_students(count))])[0]
        rows.append(_build_sharing_row(world, releases, 0))
    return rows


def play_out_of_second_session(
    random: np.random.Generator, size: int, transport: Transport, *, probability: float = 1.0
) -> list[Row]:
    """The same class comes twice; the second time the target stays out of the picture.

    Args:
        random: The source of all random values.
        size: Size of the class.
        transport: Releases the sessions.
        probability: With which the others share a camera.
    """
    count = max(size, MIN_PRESENT)
    group = draw_class(random, count, probability)
    plan = Plan(0, late=0.0, absences=False, coverage=CLEAR)
    rows = []
    for shares in _repeat(random):
        group.shares[0] = shares
        sessions = [group.simulate(random, range(count), plan) for _ in range(2)]
        hidden = hide_student(sessions[1].world.students[0], (0, sessions[1].world.ends_at))
        world = replace(sessions[1].world, students=(hidden, *sessions[1].world.students[1:]))
        releases = transport([sessions[0], sessions[1]._replace(world=world)])
        rows.append(_build_course_row(shares, [float(count)], releases))
    return rows


def play_out_until_decision(
    random: np.random.Generator, size: int, transport: Transport
) -> list[Row]:
    """The target stays out of the picture until live figures are decided; too few others share."""
    count = max(size, MIN_PRESENT)
    plan = Plan(count, minutes=25, late=0.0, absences=False, coverage=CLEAR)
    others = [number < MIN_CAMERAS - 1 for number in range(count - 1)]
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *others])
        hidden = hide_student(world.students[0], (0, 700))
        world = replace(world, students=(hidden, *world.students[1:]))
        releases = transport([CourseSession(world, name_students(count))])[0]
        rows.append(_build_sharing_row(world, releases, 0))
    return rows


def _build_course_row(shares: bool, given: list[float], releases: Sequence[Releases]) -> Row:
    codes = [code for release in releases for code in encode_reasons(release.final)]
    live = [float(bool(release.live)) for release in releases]
    totals = read_totals(releases)
    change = totals[0] - totals[4] if len(releases) > 1 else 0.0
    return Row(float(shares), given, [*codes, *live, *totals, change, abs(change)])


def play_shown(
    random: np.random.Generator, size: int, transport: Transport, probability: float
) -> list[Row]:
    """Guess who shares a camera from whether anything is shown at all."""
    count = size
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
    count = max(size, MIN_PRESENT) + 1
    plan = Plan(count, late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        releases = transport([CourseSession(world, name_students(count), erased=(0,))])[0]
        codes = [*encode_reasons(releases.final), float(bool(releases.live))]
        crossed = [code * float(bool(releases.live)) for code in codes]
        rows.append(Row(float(shares), [float(count)], [*codes, *crossed]))
    return rows
