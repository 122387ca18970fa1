"""A made-up class whose hard times are known: for tests, previews and measurements.

The same seed gives the same class. Nothing here is measured on people: it says how rules behave on
signals of these shapes, not how well they understand anybody. The shapes:

- Learners differ in how much a face shows (`expressiveness`), in how much readings wobble
  (`noise`), in how much of the time is seen (`coverage`), and some smile when it gets hard
  (Hoque, Acerbi, Picard 2012: most do).
- A hard time lasts 1.5 to 4 minutes: tense brow and mouth in most of its windows, wrong answers,
  now and then a hint asked for; in some nothing is answered at all, the learner only sits there,
  which the page tells as idle time.
- Outside, learners make ordinary mistakes, look away, look down at paper (nobody in the picture),
  go idle, and frown and press their lips over a text for up to two minutes: hard thought looks
  like trouble (Rozin and Cohen 2003).
"""

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Final

from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.engagement.windows import WindowSummary
from inference.results import LABELS

WINDOW: Final = 10
FRAMES: Final = 20
CALM_START_SECONDS: Final = 120
"""Hard times come after this: the baseline is made of ordinary seconds."""
BETWEEN_SECONDS: Final = (360, 700)
"""From the end of a hard time to the next: longer than the cooldown, so that each can be met."""
HARD_SECONDS: Final = (90, 240)
IDLE_SECONDS: Final = 60
SMILING_SHARE: Final = 0.3
SILENT_SHARE: Final = 0.25
"""Of hard times in which nothing is answered."""
SAYING_SHARE: Final = 0.4
"""Of hard times that are said to be hard, where learners speak at all."""


@dataclass(frozen=True, slots=True)
class Trait:
    """What one learner is like."""

    expressiveness: float = 0.6
    noise: float = 0.05
    coverage: float = 0.85
    smiles: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """A hard time, in seconds of the sitting."""

    start: int
    end: int
    silent: bool = False


@dataclass(slots=True)
class SimulatedLearner:
    """One made-up learner's sitting, in seconds since the Unix epoch."""

    trait: Trait
    began: int
    seconds: int
    episodes: list[Episode] = field(default_factory=list)
    windows: dict[int, WindowSummary] = field(default_factory=dict)
    activity: list[LearnerAction] = field(default_factory=list)


def simulate_class(
    *,
    seed: int,
    learners: int = 24,
    minutes: int = 40,
    steps: tuple[int, ...] = (1, 2, 3, 4),
    began: int = 1_700_000_000,
    coverage: float | None = None,
    expressiveness: float | None = None,
    noise: float | None = None,
    says: bool = False,
) -> list[SimulatedLearner]:
    """A class of learners, no two alike; what is given holds for all of them.

    `says`: some say of a hard time that it is hard. Measurements leave it out: with the learner's
    own word, meeting hard times is no art.
    """
    made = [
        _learner(
            Random(f"{seed}-{number}"),  # noqa: S311 - the same every time, no secret
            minutes * 60,
            steps,
            began,
            given={"coverage": coverage, "expressiveness": expressiveness, "noise": noise},
        )
        for number in range(learners)
    ]
    for number, learner in enumerate(made if says else ()):
        _let_speak(Random(f"{seed}-{number}-says"), learner)  # noqa: S311 - as above
    return made


def _learner(
    random: Random,
    seconds: int,
    steps: tuple[int, ...],
    began: int,
    given: dict[str, float | None],
) -> SimulatedLearner:
    drawn = {
        "coverage": random.uniform(0.3, 1.0),
        "expressiveness": random.uniform(0.1, 1.0),
        "noise": random.uniform(0.02, 0.1),
    }
    numbers = drawn | {name: value for name, value in given.items() if value is not None}
    trait = Trait(**numbers, smiles=random.random() < SMILING_SHARE)
    made = SimulatedLearner(trait, began, seconds, episodes=_episodes(random, seconds))
    frowns = _spans(random, seconds, every=(240, 600), lasting=(20, 120))
    away = _spans(random, seconds, every=(300, 900), lasting=(10, 50))
    for start in range(0, seconds, WINDOW):
        made.windows[began + start] = _window(random, made, start, frowns, away)
    made.activity = _doings(random, made, steps)
    return made


def _episodes(random: Random, seconds: int) -> list[Episode]:
    episodes: list[Episode] = []
    start = CALM_START_SECONDS + random.randint(0, 500)
    while True:
        end = start + random.randint(*HARD_SECONDS)
        if end > seconds:
            return episodes
        episodes.append(Episode(start, end, silent=random.random() < SILENT_SHARE))
        start = end + random.randint(*BETWEEN_SECONDS)


def _spans(
    random: Random, seconds: int, *, every: tuple[int, int], lasting: tuple[int, int]
) -> list[tuple[int, int]]:
    spans = []
    at = random.randint(*every)
    while at < seconds:
        length = random.randint(*lasting)
        spans.append((at, at + length))
        at += length + random.randint(*every)
    return spans


# --- what a face shows -------------------------------------------------------------------------


def _window(
    random: Random,
    made: SimulatedLearner,
    start: int,
    frowns: list[tuple[int, int]],
    away: list[tuple[int, int]],
) -> WindowSummary:
    trait = made.trait
    hard = _within(start, [(each.start, each.end) for each in made.episodes])
    tense = trait.expressiveness if hard and random.random() < 0.75 else 0.0
    frown = 0.9 * trait.expressiveness if _within(start, frowns) else 0.0
    looks_away = _within(start, away)
    coverage = trait.coverage * (0.3 if looks_away and random.random() < 0.5 else 1.0)
    seen = sum(random.random() < coverage for _ in range(WINDOW))
    signs = {
        "brow_lowering": 0.12 + 0.4 * max(tense, frown),
        "mouth_press": 0.06 + 0.3 * max(0.0 if trait.smiles else tense, frown),
        "mouth_frown": 0.05 + (0.0 if trait.smiles else 0.2 * tense),
        "smile": 0.1 + (0.4 * tense if trait.smiles else 0.0),
        "eye_squint": 0.2 + 0.15 * max(tense, frown),
        "eye_openness": 0.3,
        "yaw": 40.0 if looks_away else 3.0,
        "pitch": -10.0,
    }
    negative = 0.08 + (0.0 if trait.smiles else 0.4 * tense) + 0.1 * frown
    return _facts(random, made.began + start, seen, signs, negative, trait.noise)


def _facts(
    random: Random, start: int, seen: int, signs: dict[str, float], negative: float, noise: float
) -> WindowSummary:
    readings = FRAMES * seen // WINDOW
    spread = {"yaw": 8.0, "pitch": 4.0}
    sums, squares = [], []
    for name in SIGN_NAMES:
        wobble = spread.get(name, noise)
        # A window's mean wobbles less than its frames do, though not by the root of their number:
        # neighbouring frames are alike.
        mean = random.gauss(signs.get(name, 0.0), wobble / 2)
        sums.append(round(mean * SCALE) * readings)
        squares.append(round((mean * mean + wobble * wobble) * SCALE * SCALE) * readings)
    negative = min(max(random.gauss(negative, noise), 0.0), 1.0)
    shares = {"neutral": 1.0 - negative, "anger": negative}
    return WindowSummary(
        start=start,
        epoch=1,
        seen_seconds=seen,
        processed=FRAMES,
        no_face=FRAMES - readings,
        hidden_ms=0,
        readings=readings,
        sign_sums=sums,
        square_sums=squares,
        scored=readings,
        score_sums=[round(shares.get(label, 0.0) * SCALE) * readings for label in LABELS],
    )


# --- what a learner does -----------------------------------------------------------------------


def _doings(random: Random, made: SimulatedLearner, steps: tuple[int, ...]) -> list[LearnerAction]:
    activity = []
    for second, step in _openings(made, steps):
        activity.append(LearnerAction(made.began + second, "step_opened", step))
    openings = [(action.at - made.began, action.step) for action in activity]
    second = 40.0
    while second < made.seconds:
        opened_step = [step for opened, step in openings if opened <= second][-1]
        activity += _answer(random, made, second, opened_step or 0)
        second = _next_try(random, made, second)
    activity += _idle_times(made.began, [action.at for action in activity])
    return sorted(activity, key=lambda action: action.at)


def _openings(made: SimulatedLearner, steps: tuple[int, ...]) -> list[tuple[float, int]]:
    """When each step is opened: evenly, but who is stuck stays until the hard time is over."""
    openings = []
    for place, step in enumerate(steps):
        second = float(place * made.seconds // len(steps) + 1)
        stuck = [each.end for each in made.episodes if each.start <= second < each.end]
        openings.append((float(max([second, *stuck])), step))
    return openings


def _next_try(random: Random, made: SimulatedLearner, second: float) -> float:
    """Who is stuck tries again sooner."""
    hard = _within(int(second), [(each.start, each.end) for each in made.episodes])
    after = second + random.expovariate(1 / (25 if hard else 45)) + 5
    starts = [each.start for each in made.episodes if second < each.start < after]
    if not starts:
        return after
    return min(after, starts[0] + 5 + random.expovariate(1 / 25))


def _idle_times(began: int, times: list[float]) -> list[LearnerAction]:
    """What the page tells when nothing is done for a minute, and when something is again."""
    idle = []
    ordered = sorted({began + 1.0, *times})
    for at, after in pairwise(ordered):
        if after - at > IDLE_SECONDS:
            idle.append(LearnerAction(at + IDLE_SECONDS, "idle", None, seconds=IDLE_SECONDS))
            idle.append(LearnerAction(after - 0.5, "returned", None))
    return idle


def _let_speak(random: Random, made: SimulatedLearner) -> None:
    """Who is stuck says so in some hard times, a while after they began."""
    for episode in made.episodes:
        if random.random() < SAYING_SHARE:
            at = made.began + episode.start + random.randint(20, 80)
            made.activity.append(LearnerAction(at, "self_report", None, "hard"))
    made.activity.sort(key=lambda action: action.at)


def _answer(
    random: Random, made: SimulatedLearner, second: float, step: int
) -> list[LearnerAction]:
    """One try at a question, or a hint asked for; in a silent hard time nothing."""
    episode = next((each for each in made.episodes if each.start <= second < each.end), None)
    at = made.began + second
    if episode is None:
        right = random.random() < 0.85
        return [LearnerAction(at, "answered", step, "right" if right else "wrong")]
    if episode.silent:
        return []
    if random.random() < 0.15:
        return [LearnerAction(at, "hint_asked", step)]
    return [LearnerAction(at, "answered", step, "right" if random.random() < 0.1 else "wrong")]


def _within(second: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= second < end for start, end in spans)
