"""Simulate a class with known difficult episodes, for tests, previews and measurements.

The same seed gives the same class. Nothing here is measured on people: it shows how rules behave on
signals of these shapes, not how well they detect difficulty. The shapes:

- Learners differ in how much a face shows (`expressiveness`), in the noise of readings (`noise`),
  in the share of time that is seen (`coverage`), and some smile when they are stuck (Hoque, Acerbi,
  Picard 2012: most do).
- A difficult episode lasts 1.5 to 4 minutes: tense brow and mouth in most of its windows, wrong
  answers, sometimes a request for a hint. In silent episodes nothing is answered, which the page
  reports as idle time.
- Outside of episodes, learners make ordinary mistakes, look away, look down at paper (no face),
  are idle, and frown and press their lips over a text for up to two minutes: concentration looks
  like difficulty (Rozin and Cohen 2003).
"""

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Final

from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.observations import SCALE, SIGN_NAMES, WINDOW_SECONDS
from fer_lms.engagement.window_summary import WindowSummary
from inference.results import LABELS

FRAMES_PER_WINDOW: Final = 20
CALM_START_S: Final = 120
"""Without episodes, so that the baseline is calibrated on a neutral face."""
EPISODE_PAUSE_S: Final = (360, 700)
"""From the end of an episode to the next: longer than the cooldown, so that each can be hit."""
EPISODE_S: Final = (90, 240)
IDLE_S: Final = 60
SMILING_SHARE: Final = 0.3
"""Of learners."""
SILENT_SHARE: Final = 0.25
"""Of episodes in which nothing is answered."""
REPORTED_SHARE: Final = 0.4
"""Of episodes that are reported as hard, where self-reports are simulated."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LearnerTraits:
    """Characteristics of one learner, 0..1."""

    expressiveness: float = 0.6
    noise: float = 0.05
    coverage: float = 0.85
    smiles: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """A difficult episode, in seconds of the session."""

    start: int
    end: int
    silent: bool = False


@dataclass(slots=True)
class SimulatedLearner:
    """Input of rules for one simulated session."""

    traits: LearnerTraits
    started_at: int
    """Start of the session, Unix seconds."""
    seconds: int
    """Duration of the session."""
    episodes: list[Episode] = field(default_factory=list)
    windows: dict[int, WindowSummary] = field(default_factory=dict)
    """By start, Unix seconds."""
    actions: list[LearnerAction] = field(default_factory=list)

    def find_episode(self, second: float) -> Episode | None:
        return next((e for e in self.episodes if e.start <= second < e.end), None)


def simulate_class(
    *,
    seed: int,
    learners: int = 24,
    minutes: int = 40,
    steps: tuple[int, ...] = (1, 2, 3, 4),
    started_at: int = 1_700_000_000,
    coverage: float | None = None,
    expressiveness: float | None = None,
    noise: float | None = None,
    self_reports: bool = False,
) -> list[SimulatedLearner]:
    """Simulate a class of different learners.

    Args:
        steps: Ids of the steps of the lesson.
        started_at: Start of the session, Unix seconds.
        coverage, expressiveness, noise: Fix a traits for all learners.
        self_reports: Report some episodes as hard. Not used for measurements, since it makes
            detection trivial.
    """
    fixed = {"coverage": coverage, "expressiveness": expressiveness, "noise": noise}
    simulated = [
        _simulate_learner(
            Random(f"{seed}-{number}"),  # noqa: S311 - reproducible, no secret
            minutes * 60,
            steps,
            started_at,
            {name: value for name, value in fixed.items() if value is not None},
        )
        for number in range(learners)
    ]
    for number, learner in enumerate(simulated if self_reports else ()):
        _add_self_reports(Random(f"{seed}-{number}-says"), learner)  # noqa: S311 - as above
    return simulated


def _simulate_learner(
    random: Random, seconds: int, steps: tuple[int, ...], started_at: int, fixed: dict[str, float]
) -> SimulatedLearner:
    drawn = {
        "coverage": random.uniform(0.3, 1.0),
        "expressiveness": random.uniform(0.1, 1.0),
        "noise": random.uniform(0.02, 0.1),
    }
    traits = LearnerTraits(**(drawn | fixed), smiles=random.random() < SMILING_SHARE)
    learner = SimulatedLearner(
        traits, started_at, seconds, episodes=_draw_episodes(random, seconds)
    )
    frowns = _draw_spans(random, seconds, pause=(240, 600), length=(20, 120))
    away = _draw_spans(random, seconds, pause=(300, 900), length=(10, 50))
    for start in range(0, seconds, WINDOW_SECONDS):
        learner.windows[started_at + start] = _simulate_window(random, learner, start, frowns, away)
    learner.actions = _simulate_actions(random, learner, steps)
    return learner


def _draw_episodes(random: Random, seconds: int) -> list[Episode]:
    episodes: list[Episode] = []
    start = CALM_START_S + random.randint(0, 500)
    while True:
        end = start + random.randint(*EPISODE_S)
        if end > seconds:
            return episodes
        episodes.append(Episode(start, end, silent=random.random() < SILENT_SHARE))
        start = end + random.randint(*EPISODE_PAUSE_S)


def _draw_spans(random: Random, seconds: int, *, pause: Span, length: Span) -> list[Span]:
    spans = []
    at = random.randint(*pause)
    while at < seconds:
        duration = random.randint(*length)
        spans.append((at, at + duration))
        at += duration + random.randint(*pause)
    return spans


# --- Face ---------------------------------------------------------------------------------------


def _simulate_window(
    random: Random, learner: SimulatedLearner, start: int, frowns: list[Span], away: list[Span]
) -> WindowSummary:
    traits = learner.traits
    is_difficult = learner.find_episode(start) is not None
    tense = traits.expressiveness if is_difficult and random.random() < 0.75 else 0.0
    frown = 0.9 * traits.expressiveness if _is_within(start, frowns) else 0.0
    looks_away = _is_within(start, away)
    coverage = traits.coverage * (0.3 if looks_away and random.random() < 0.5 else 1.0)
    seen = sum(random.random() < coverage for _ in range(WINDOW_SECONDS))
    signs = {
        "brow_lowering": 0.12 + 0.4 * max(tense, frown),
        "mouth_press": 0.06 + 0.3 * max(0.0 if traits.smiles else tense, frown),
        "mouth_frown": 0.05 + (0.0 if traits.smiles else 0.2 * tense),
        "smile": 0.1 + (0.4 * tense if traits.smiles else 0.0),
        "eye_squint": 0.2 + 0.15 * max(tense, frown),
        "eye_openness": 0.3,
        "yaw": 40.0 if looks_away else 3.0,
        "pitch": -10.0,
    }
    negative = 0.08 + (0.0 if traits.smiles else 0.4 * tense) + 0.1 * frown
    return _summarize(random, learner.started_at + start, seen, signs, negative, traits.noise)


def _summarize(
    random: Random, start: int, seen: int, signs: dict[str, float], negative: float, noise: float
) -> WindowSummary:
    readings = FRAMES_PER_WINDOW * seen // WINDOW_SECONDS
    deviations = {"yaw": 8.0, "pitch": 4.0}
    sums, squares = [], []
    for name in SIGN_NAMES:
        deviation = deviations.get(name, noise)
        # Neighbouring frames are correlated: the mean of a window deviates less than one frame,
        # but not by the root of their number.
        mean = random.gauss(signs.get(name, 0.0), deviation / 2)
        sums.append(round(mean * SCALE) * readings)
        squares.append(round((mean * mean + deviation * deviation) * SCALE * SCALE) * readings)
    negative = min(max(random.gauss(negative, noise), 0.0), 1.0)
    scores = {"neutral": 1.0 - negative, "anger": negative}
    return WindowSummary(
        start=start,
        consent_epoch=1,
        seen_seconds=seen,
        processed=FRAMES_PER_WINDOW,
        no_face=FRAMES_PER_WINDOW - readings,
        hidden_ms=0,
        sign_count=readings,
        sign_sums=sums,
        sign_square_sums=squares,
        scored=readings,
        score_sums=[round(scores.get(label, 0.0) * SCALE) * readings for label in LABELS],
    )


# --- Interactions -------------------------------------------------------------------------------


def _simulate_actions(
    random: Random, learner: SimulatedLearner, steps: tuple[int, ...]
) -> list[LearnerAction]:
    openings = _open_steps(learner, steps)
    actions = [
        LearnerAction(learner.started_at + second, "step_opened", step) for second, step in openings
    ]
    second = 40.0
    while second < learner.seconds:
        step = [step for opened, step in openings if opened <= second][-1]
        actions += _simulate_attempt(random, learner, second, step)
        second = _draw_next_attempt(random, learner, second)
    actions += _simulate_idle_spans(learner.started_at, [action.at for action in actions])
    return sorted(actions, key=lambda action: action.at)


def _open_steps(learner: SimulatedLearner, steps: tuple[int, ...]) -> list[tuple[float, int]]:
    """Return (second, step): at equal intervals, but never before an episode is over."""
    openings = []
    for position, step in enumerate(steps):
        second = float(position * learner.seconds // len(steps) + 1)
        episode = learner.find_episode(second)
        openings.append((float(episode.end) if episode else second, step))
    return openings


def _draw_next_attempt(random: Random, learner: SimulatedLearner, second: float) -> float:
    """Return the time of the next attempt; during an episode it comes sooner."""
    mean = 25 if learner.find_episode(int(second)) else 45
    following = second + random.expovariate(1 / mean) + 5
    starts = [e.start for e in learner.episodes if second < e.start < following]
    if not starts:
        return following
    return min(following, starts[0] + 5 + random.expovariate(1 / 25))


def _simulate_idle_spans(started_at: int, times: list[float]) -> list[LearnerAction]:
    """Return the page's idle and returned events for pauses of more than a minute."""
    actions = []
    for at, following in pairwise(sorted({started_at + 1.0, *times})):
        if following - at > IDLE_S:
            actions.append(LearnerAction(at + IDLE_S, "idle", None, seconds=IDLE_S))
            actions.append(LearnerAction(following - 0.5, "returned", None))
    return actions


def _add_self_reports(random: Random, learner: SimulatedLearner) -> None:
    for episode in learner.episodes:
        if random.random() < REPORTED_SHARE:
            at = learner.started_at + episode.start + random.randint(20, 80)
            learner.actions.append(LearnerAction(at, "self_report", None, "hard"))
    learner.actions.sort(key=lambda action: action.at)


def _simulate_attempt(
    random: Random, learner: SimulatedLearner, second: float, step: int
) -> list[LearnerAction]:
    """Return one answer or hint request; nothing in a silent episode."""
    episode = learner.find_episode(second)
    at = learner.started_at + second
    if episode is not None and episode.silent:
        return []
    if episode is not None and random.random() < 0.15:
        return [LearnerAction(at, "hint_asked", step)]
    is_right = random.random() < (0.85 if episode is None else 0.1)
    return [LearnerAction(at, "answered", step, "right" if is_right else "wrong")]


def _is_within(second: int, spans: list[Span]) -> bool:
    return any(start <= second < end for start, end in spans)
