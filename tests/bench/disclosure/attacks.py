"""Attacks on the figures of the camera; each student of a session is one trial.

An attack plays one or more sessions with a class, reads the released bodies, and returns a row for
each target. `given` is what is known without the target's own data: the released mean, the effect
of the steps on the class, and attendance. `released` is everything else that the attack uses.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from tests.bench.disclosure.direct import CourseSession, Releases
from tests.bench.disclosure.estimators import Kind, Trials
from tests.bench.disclosure.knowledge import (
    Figure,
    Gaussian,
    Report,
    read_figures,
    weigh_windows,
)
from tests.bench.disclosure.world import (
    CLASS_MEAN,
    Floats,
    Persona,
    Plan,
    Student,
    World,
    draw_effects,
    draw_personas,
    simulate_world,
)

POOLS: dict[str, tuple[int, ...]] = {"5-7": (5, 6, 7), "8-10": (8, 9, 10), "24": (24,)}
SHARING_PROBABILITY = 0.75
"""Of a student whose sharing is to be guessed; the cohorts of value attacks are fixed."""
MIN_CAMERAS = 5


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


# --- one session, values ---------------------------------------------------------------------


def _plan(random: np.random.Generator, cameras: int, **fields: object) -> Plan:
    others = int(random.integers(0, 3))
    return replace(Plan(cameras, max(others, MIN_CAMERAS + 1 - cameras)), **fields)  # type: ignore[arg-type]


def _play_one(
    random: np.random.Generator, plan: Plan, transport: Transport
) -> tuple[World, Releases]:
    world = simulate_world(random, plan)
    return world, transport([CourseSession(world, _name(len(world.students)))])[0]


def _name(count: int) -> list[str]:
    return [f"student-{number:02}" for number in range(count)]


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
            self.omitting = Gaussian(world, self.figures, measure, imputed=False)
            self.omitting_factor = self.omitting.factorise(self.members)

    @property
    def mean(self) -> float:
        totals = [figure.value for figure in self.figures if figure.unit == "total"]
        return float(np.mean(totals or self.values)) if len(self.values) else CLASS_MEAN

    def expect(self, number: int, weights: Floats, *, own: bool = True) -> float:
        if not self.figures:
            return CLASS_MEAN
        return self.model.expect(number, weights, self.members, self.factor, own=own)

    def describe_level(self, number: int) -> list[float]:
        """Return estimates of a student's level: the best linear one, and by subtraction."""
        student = self.world.students[number]
        total = weigh_windows(student, _TOTAL)
        return [
            self.expect(number, total),
            self.omitting.expect(number, total, self.members, self.omitting_factor),
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


_TOTAL = Figure("total", 0, 0, 0)
_REASONS = (
    "too_few_learners",
    "not_enough_seen",
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


def _level_rows(view: View, numbers: Sequence[int]) -> list[Row]:
    rows = []
    for number in numbers:
        student = view.world.students[number]
        values = student.engagement if view.measure == "engagement" else student.expression
        level = student.average(values)
        if level is not None and view.figures:
            given = [view.mean, float(len(view.members))]
            rows.append(Row(level, given, view.describe_level(number)))
    return rows


def _play_live_absences(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    world, releases = _play_one(random, _plan(random, cameras, late=0.0), transport)
    view = View(world, releases.live)
    return _level_rows(view, [n for n in world.sharers if world.students[n].absences])


def _play_frozen_absences(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    mode = str(random.choice(["same_time", "homework"]))
    world, releases = _play_one(random, _plan(random, cameras, mode=mode), transport)
    view = View(world, [releases.final])
    return _level_rows(view, [n for n in world.sharers if world.students[n].absences])


def _play_late_arrival(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    world, releases = _play_one(random, _plan(random, cameras, late=0.3), transport)
    view = View(world, [*releases.live, releases.final])
    return _level_rows(view, [n for n in world.sharers if world.students[n].opened_at > 120])


def _play_early_leaving(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    world, releases = _play_one(random, _plan(random, cameras, late=0.3), transport)
    view = View(world, [*releases.live, releases.final])
    last = max(student.left_at for student in world.students)
    return _level_rows(view, [n for n in world.sharers if world.students[n].left_at < last - 120])


def _play_live_against_frozen(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    world, releases = _play_one(random, _plan(random, cameras), transport)
    return _level_rows(View(world, [*releases.live, releases.final]), world.sharers)


def _play_homework(random: np.random.Generator, cameras: int, transport: Transport) -> list[Row]:
    world, releases = _play_one(random, _plan(random, cameras, mode="homework"), transport)
    return _level_rows(View(world, [releases.final]), world.sharers)


def _play_expression(random: np.random.Generator, cameras: int, transport: Transport) -> list[Row]:
    world, releases = _play_one(random, _plan(random, cameras), transport)
    return _level_rows(View(world, [releases.final], "happiness"), world.sharers)


def _play_steps(
    random: np.random.Generator, cameras: int, transport: Transport, *, contrast: bool
) -> list[Row]:
    """The class turns the pages together; the target turns them minutes later."""
    plan = _plan(random, cameras, late=0.0, lag_s=10)
    world = _delay_steps(random, simulate_world(random, plan))
    releases = transport([CourseSession(world, _name(len(world.students)))])[0]
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
        total = weigh_windows(student, _TOTAL)
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


# --- several sessions ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Class:
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


def _draw_class(random: np.random.Generator, count: int, sharing: float = 1.0) -> _Class:
    spread = str(random.choice(["narrow", "wide", "bimodal"]))
    personas = draw_personas(random, count, spread)
    shares = [bool(value) for value in random.random(count) < sharing]
    return _Class(personas, shares, spread, draw_effects(random, Plan(0).steps))


def _read_mean(report: Report) -> float | None:
    """Return the mean of the bins, which the rounding of each changes less than the total."""
    bins = [row["engagement"] for row in report["timeline"] if row["engagement"] is not None]
    return float(np.mean(bins)) if bins else None


def _read_totals(releases: Sequence[Releases]) -> list[float]:
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
    count = max(cameras, MIN_CAMERAS + 1)
    group = _draw_class(random, count)
    everyone = list(range(count))
    target = int(random.integers(count))
    without = [number for number in everyone if number != target]
    orders = {
        "one_more": [without, everyone],
        "one_less": [everyone, without],
        "many": [everyone, *([without, everyone] * 2)],
        "three": _combine_three(random, everyone, target),
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
    features = [estimate[target], *_read_totals(releases)]
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
    plan = _plan(random, cameras, late=0.0, lag_s=10, noise=noise)
    world = simulate_world(random, plan)
    target = int(random.choice(world.sharers))
    session = CourseSession(world, _name(len(world.students)), withdrawn=(target,))
    releases = transport([session])[0]
    view = View(world, [*releases.live, releases.final])
    live = View(world, releases.live)
    rows = _level_rows(view, [target])
    final, size = _read_mean(releases.final), len(view.members)
    change = 0.0 if final is None else size * live.mean - (size - 1) * final
    return [row._replace(released=[*row.released, change]) for row in rows]


# --- choices ---------------------------------------------------------------------------------


def _draw_shares(random: np.random.Generator, count: int, probability: float) -> list[bool]:
    return [bool(value) for value in random.random(count) < probability]


def _play_camera_count(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess the exact number of cameras in a class of known size."""
    count = max(size, MIN_CAMERAS + 1) + 1
    shares = _draw_shares(random, count, SHARING_PROBABILITY)
    world = simulate_world(random, _plan(random, count), shares=[*shares, *[False] * 3])
    world = replace(world, students=world.students[:count])
    releases = transport([CourseSession(world, _name(count))])[0]
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


def _play_late_sharing(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess whether one student, who comes late, shares a camera."""
    count = max(size, MIN_CAMERAS) + 1
    others = _draw_shares(random, count - 1, 0.9)
    plan = Plan(count, late_target=True, late=0.0)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *others])
        releases = transport([CourseSession(world, _name(count))])[0]
        rows.append(_build_sharing_row(world, releases, 0))
    return rows


def _repeat(random: np.random.Generator) -> Iterator[bool]:
    """Yield both values of a choice with the same random values after each, as matched pairs."""
    state = random.bit_generator.state
    for value in (False, True):
        random.bit_generator.state = state
        yield value


def _play_coverage(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess who shares a camera from coverage, shapes and likelihoods."""
    count = max(size, MIN_CAMERAS + 1)
    shares = _draw_shares(random, count, SHARING_PROBABILITY)
    world = simulate_world(random, Plan(count), shares=shares)
    releases = transport([CourseSession(world, _name(count))])[0]
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


def _play_few_in_picture(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Everybody but the target and one to three others is asked to look away for some minutes."""
    in_picture = int(random.integers(2, 5))
    count = max(size, MIN_CAMERAS) + 1
    plan = Plan(count, late=0.0, absences=False, lag_s=10)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        students = [
            student if number < in_picture else _hide(student, (480, 780))
            for number, student in enumerate(world.students)
        ]
        world = replace(world, students=tuple(students))
        releases = transport([CourseSession(world, _name(count))])[0]
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


def _play_alone_in_picture(
    random: np.random.Generator, cameras: int, transport: Transport
) -> list[Row]:
    """Everybody but the target looks away for some minutes: how does the target differ then?"""
    span = (480, 840)
    plan = _plan(random, cameras, late=0.0, absences=False, lag_s=10)
    world = simulate_world(random, plan)
    target = world.sharers[0]
    students = [
        student if number == target else _hide(student, span)
        for number, student in enumerate(world.students)
    ]
    world = replace(world, students=tuple(students))
    releases = transport([CourseSession(world, _name(len(students)))])[0]
    view = View(world, [*releases.live, releases.final])
    student = students[target]
    level, value = student.average(student.engagement), student.average(student.engagement, *span)
    if level is None or value is None or not view.figures:
        return []
    inside = (student.window_starts >= span[0]) & (student.window_starts < span[1])
    weights, total = inside / inside.sum(), weigh_windows(student, _TOTAL)
    own = view.expect(target, weights) - view.expect(target, total)
    shared = view.expect(target, weights, own=False) - view.expect(target, total, own=False)
    bins = [f.value for f in view.figures if f.unit != "step" and span[0] <= f.start < span[1]]
    size = float(len(view.members))
    change = float(np.mean(bins)) - view.mean if bins else 0.0
    given = [view.mean, shared, size]
    return [Row(value - level, given, [own, change, size * change, float(np.ptp(bins or [0]))])]


def _hide(student: Student, span: tuple[int, int]) -> Student:
    hidden = replace(student, absences=(*student.absences, span), seen=student.seen.copy())
    hidden.seen[hidden.is_out()] = 0
    return hidden


def _play_similar_group(
    random: np.random.Generator, size: int, transport: Transport, *, at_threshold: bool
) -> list[Row]:
    """Guess whether a student shares a camera from what is withheld when they stay at home.

    At the threshold, fewer than `MIN_CAMERAS` others may share: then what is shown has to depend on
    the student, since it must not be shown without.
    """
    count = max(size, MIN_CAMERAS) + 2
    group = _draw_class(random, count, SHARING_PROBABILITY)
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
        features = [*codes, *crossed, *_read_totals(releases)]
        rows.append(Row(float(shares), [float(count), float(is_first)], features))
    return rows


def _play_class_of_five(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """As many students as the threshold: if anything were shown, all would share a camera."""
    plan = Plan(MIN_CAMERAS, minutes=int(random.integers(15, 30)), late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (MIN_CAMERAS - 1))])
        releases = transport([CourseSession(world, _name(MIN_CAMERAS))])[0]
        codes = [*encode_reasons(releases.final), float(bool(releases.live))]
        rows.append(Row(float(shares), [float(size)], codes))
    return rows


def _play_target_out(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """The target is kept out of the picture most of the time: does the coverage fall?"""
    count = max(size, MIN_CAMERAS) + 1
    plan = Plan(count, minutes=20, late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        hidden = _hide(world.students[0], (300, 1200))
        world = replace(world, students=(hidden, *world.students[1:]))
        releases = transport([CourseSession(world, _name(count))])[0]
        row = _build_sharing_row(world, releases, 0)
        rows.append(row._replace(released=encode_reasons(releases.final)))
    return rows


def _play_shown(
    random: np.random.Generator, size: int, transport: Transport, probability: float
) -> list[Row]:
    """Guess who shares a camera from whether anything is shown at all."""
    count = max(size, MIN_CAMERAS + 1)
    shares = _draw_shares(random, count, probability)
    world = simulate_world(random, Plan(count, minutes=20, absences=False), shares=shares)
    releases = transport([CourseSession(world, _name(count))])[0]
    codes = [
        *encode_reasons(releases.final),
        float(bool(releases.live)),
    ]
    return [Row(float(shared), [float(count)], codes) for shared in shares]


def _play_erasure_signal(random: np.random.Generator, size: int, transport: Transport) -> list[Row]:
    """Guess from the final report whether a student erased during the lesson shared a camera."""
    count = max(size, MIN_CAMERAS) + 1
    plan = Plan(count, late=0.0, absences=False)
    rows = []
    for shares in _repeat(random):
        world = simulate_world(random, plan, shares=[shares, *([True] * (count - 1))])
        releases = transport([CourseSession(world, _name(count), erased=(0,))])[0]
        codes = [*encode_reasons(releases.final), float(bool(releases.live))]
        crossed = [code * float(bool(releases.live)) for code in codes]
        rows.append(Row(float(shares), [float(count)], [*codes, *crossed]))
    return rows


ATTACKS: tuple[Attack, ...] = (
    Attack("live polling around absences", "value", _play_live_absences),
    Attack("frozen report around absences", "value", _play_frozen_absences),
    Attack("late arrival", "value", _play_late_arrival),
    Attack("early leaving", "value", _play_early_leaving),
    Attack("live against frozen", "value", _play_live_against_frozen),
    Attack("homework", "value", _play_homework),
    Attack("expression shares", "value", _play_expression),
    Attack(
        "steps against timeline",
        "value",
        partial(_play_steps, contrast=False),
    ),
    Attack(
        "steps against timeline, contrast",
        "value",
        partial(_play_steps, contrast=True),
    ),
    Attack(
        "two sessions, one student more",
        "value",
        partial(play_sessions, attended="one_more"),
        weight=3,
    ),
    Attack(
        "two sessions, one student less",
        "value",
        partial(play_sessions, attended="one_less"),
        weight=3,
    ),
    Attack(
        "many sessions of a course",
        "value",
        partial(play_sessions, attended="many"),
        weight=3,
    ),
    Attack(
        "cohorts of three sessions combined",
        "value",
        partial(play_sessions, attended="three"),
        weight=3,
    ),
    Attack("withdrawal in the middle", "value", play_withdrawal),
    Attack("exact number of cameras", "choice", _play_camera_count, weight=4),
    Attack("does a late-comer share", "choice", _play_late_sharing),
    Attack("coverage likelihood", "choice", _play_coverage),
    Attack("few in the picture", "choice", _play_few_in_picture),
    Attack("target out of the picture", "choice", _play_target_out, weight=2),
    Attack("class as large as the threshold", "choice", _play_class_of_five),
    Attack("alone in the picture, contrast", "value", _play_alone_in_picture, weight=3),
    Attack(
        "level withheld for a similar group",
        "choice",
        partial(_play_similar_group, at_threshold=False),
    ),
    Attack(
        "shown or withheld, one student absent",
        "choice",
        partial(_play_similar_group, at_threshold=True),
    ),
    Attack(
        "shown or withheld",
        "choice",
        partial(_play_shown, probability=SHARING_PROBABILITY),
    ),
    Attack(
        "shown or withheld, half share",
        "choice",
        partial(_play_shown, probability=0.5),
    ),
    Attack("erasure during the lesson", "choice", _play_erasure_signal),
)
