"""Simulate the ten-second windows of a learner's face: tension, confounders, coverage. Pure.

A face shows tension as an autocorrelated value with standard deviation 1, shifted while the learner
is frustrated; signs and expression scores follow it weakly (`face.loadings`). Confounders move the
same signs without any frustration. Parameters: assumptions.toml.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from random import Random
from typing import Final

from fer_lms.engagement.observations import SCALE, SIGN_NAMES, WINDOW_SECONDS
from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.rules.trials.assumptions import ASSUMPTIONS, Assumptions
from inference.results import LABELS

FRAMES_PER_WINDOW: Final = 20
CONFOUNDERS: Final = (
    "keyboard",
    "talking",
    "smiling",
    "concentration",
    "writing",
    "looking_away",
)
NEGATIVE_SHARES: Final = {
    "anger": 0.4,
    "sadness": 0.3,
    "disgust": 0.1,
    "fear": 0.1,
    "contempt": 0.1,
}
"""How the summed probability of negative expressions is divided."""
NEUTRAL_SIGNS: Final = {
    "brow_lowering": 0.14,
    "inner_brow_raise": 0.06,
    "mouth_press": 0.08,
    "mouth_frown": 0.06,
    "smile": 0.08,
    "jaw_drop": 0.04,
    "eye_squint": 0.22,
    "blink": 0.15,
    "eye_openness": 0.3,
    "pitch": -8.0,
}
NEUTRAL_NEGATIVE: Final = 0.14
POSE_NOISE_DEG: Final = 3.0
"""Deviation of single frames within a window; `RESTLESS_NOISE_DEG` for a restless learner."""
RESTLESS_NOISE_DEG: Final = 12.0
RAISED_BROW_SECONDS: Final = 40

Span = tuple[int, int]
"""(from, until), in seconds of the session."""


@dataclass(frozen=True, slots=True)
class LearnerTraits:
    """Characteristics of one learner's face and camera."""

    expressiveness: float = 1.0
    """Factor on the shift of the tension."""
    noise: float = 0.05
    """Deviation of single frames."""
    coverage: float = 0.85
    """Share of the time in which the face is seen, 0..1."""
    smiles: bool = False
    """Smiles when frustrated, instead of looking tense."""
    has_glasses: bool = False
    is_restless: bool = False
    starts_with_raised_brows: bool = False
    neutral: Mapping[str, float] = field(default_factory=lambda: NEUTRAL_SIGNS)
    """Mean of each sign and angle at rest."""


def draw_traits(random: Random, fixed: Mapping[str, float]) -> LearnerTraits:
    """Draw a learner; `fixed` replaces `coverage`, `expressiveness` or `noise`."""
    assumed = ASSUMPTIONS
    sigma = assumed.get_number("face.expressiveness_sigma")
    drawn = {
        "coverage": random.uniform(*assumed.get_numbers("face.coverage")),
        "expressiveness": random.lognormvariate(-sigma * sigma / 2, sigma),
        "noise": random.uniform(*assumed.get_numbers("face.frame_noise")),
    }
    has_glasses = random.random() < assumed.get_number("confounders.glasses_share")
    if has_glasses:
        drawn["coverage"] -= 0.1
        drawn["noise"] *= 1.5
    neutral = {
        name: value + random.gauss(0.0, 4.0 if name == "pitch" else 0.2 * value)
        for name, value in NEUTRAL_SIGNS.items()
    }
    if has_glasses:
        neutral["eye_squint"] += 0.06
        neutral["eye_openness"] -= 0.04
    return LearnerTraits(
        **(drawn | dict(fixed)),
        smiles=random.random() < assumed.get_number("face.smiling_share"),
        has_glasses=has_glasses,
        is_restless=random.random() < assumed.get_number("confounders.restless_share"),
        starts_with_raised_brows=random.random()
        < assumed.get_number("confounders.raised_brow_share"),
        neutral=neutral,
    )


def draw_spans(random: Random, seconds: int, rate: Sequence[float]) -> list[Span]:
    """Draw spans of a Poisson process from (times an hour, shortest, longest in seconds)."""
    per_hour, shortest, longest = rate
    spans: list[Span] = []
    at = random.expovariate(per_hour / 3600)
    while at < seconds:
        length = random.uniform(shortest, longest)
        spans.append((int(at), int(at + length)))
        at += length + random.expovariate(per_hour / 3600)
    return spans


def draw_confounders(random: Random, seconds: int) -> dict[str, list[Span]]:
    return {
        name: draw_spans(random, seconds, ASSUMPTIONS.get_numbers(f"confounders.{name}"))
        for name in CONFOUNDERS
    }


def compute_shift(auc: float, assumptions: Assumptions = ASSUMPTIONS) -> float:
    """Return the shift of the tension for this AUC, by interpolation in `face.shift`."""
    points = [(float(low), float(shift)) for low, shift in assumptions.values["face.shift"]]
    for (low, low_shift), (high, high_shift) in pairwise(points):
        if low <= auc <= high:
            return low_shift + (auc - low) / (high - low) * (high_shift - low_shift)
    raise ValueError(f"The face AUC must be between {points[0][0]} and {points[-1][0]}.")


def simulate_windows(
    random: Random,
    traits: LearnerTraits,
    *,
    started_at: int,
    seconds: int,
    get_tension: Callable[[int], float],
    spans: Mapping[str, Sequence[Span]],
) -> dict[int, WindowSummary]:
    """Simulate all windows of a session, by start.

    Args:
        started_at: Unix seconds.
        get_tension: Shift of the tension at a second of the session, in standard deviations.
        spans: Spans of confounders by name.
    """
    persistence = ASSUMPTIONS.get_number("face.persistence")
    drift_deg, drift_persistence = ASSUMPTIONS.get_numbers("face.pose_drift")
    tension, pitch, yaw = (random.gauss(0.0, deviation) for deviation in (1.0, drift_deg, 3.0))
    windows = {}
    for start in range(0, seconds, WINDOW_SECONDS):
        tension = _step(random, tension, persistence, 1.0)
        pitch = _step(random, pitch, drift_persistence, drift_deg)
        yaw = _step(random, yaw, drift_persistence, drift_deg)
        active = {name for name in CONFOUNDERS if _is_within(start, spans.get(name, ()))}
        face = Face(random, traits, start, pitch=pitch, yaw=yaw)
        face.show_tension(tension, get_tension(start))
        face.apply_confounders(active)
        windows[started_at + start] = face.summarize(started_at + start)
    return windows


def _step(random: Random, value: float, persistence: float, deviation: float) -> float:
    return persistence * value + random.gauss(0.0, deviation * sqrt(1 - persistence**2))


def _is_within(second: int, spans: Sequence[Span]) -> bool:
    return any(start <= second < end for start, end in spans)


class Face:
    """Means of the signs and scores of one window."""

    def __init__(
        self, random: Random, traits: LearnerTraits, start: int, *, pitch: float, yaw: float
    ) -> None:
        self._random = random
        self._traits = traits
        self._signs = dict(traits.neutral)
        self._signs["pitch"] = self._signs.get("pitch", 0.0) + pitch
        self._signs["yaw"] = yaw
        self._scores = {"negative": NEUTRAL_NEGATIVE, "happiness": 0.05, "surprise": 0.03}
        self._coverage = traits.coverage
        if traits.starts_with_raised_brows and start < RAISED_BROW_SECONDS:
            self._add(brow_lowering=-0.08, inner_brow_raise=0.2)

    def _add(self, **changes: float) -> None:
        self.add(changes)

    def add(self, changes: Mapping[str, float]) -> None:
        """Change means of signs, angles and, under "negative", of the negative expressions."""
        for name, change in changes.items():
            means = self._scores if name == "negative" else self._signs
            means[name] = means.get(name, 0.0) + change

    def show_tension(
        self, tension: float, shift: float, assumptions: Assumptions = ASSUMPTIONS
    ) -> None:
        """Move the signs by the tension and their own noise.

        Args:
            tension: Without frustration, in standard deviations.
            shift: Added by frustration; a learner who smiles when frustrated smiles instead.
        """
        shown = shift * self._traits.expressiveness
        if self._traits.smiles and shown > 0:
            self._add(smile=0.15 * shown)
            self._scores["happiness"] += 0.15 * shown
        else:
            tension += shown
        loadings = assumptions.get_table("face.loadings")
        noise = assumptions.get_table("face.noise")
        self.add({name: loading * tension for name, loading in loadings.items()})
        self.add({name: self._random.gauss(0.0, value) for name, value in noise.items()})

    def apply_confounders(self, active: set[str]) -> None:
        random = self._random
        if "keyboard" in active:
            self._add(pitch=-random.uniform(18, 25), gaze_vertical=-0.3)
        if "writing" in active:
            self._add(pitch=-35.0, gaze_vertical=-0.4)
            self._coverage *= 0.2
        if "looking_away" in active:
            self._add(yaw=random.choice((-40.0, 40.0)))
            self._coverage *= random.choice((0.4, 1.0))
        if "talking" in active:
            self._add(jaw_drop=0.15, mouth_press=random.uniform(-0.04, 0.1), smile=0.06)
            self._scores["surprise"] += random.uniform(0.0, 0.2)
        if "smiling" in active:
            self._add(smile=0.4, eye_squint=0.1)
            self._scores["happiness"] += 0.6
            self._scores["negative"] *= 0.4
        if "concentration" in active:
            self._add(brow_lowering=0.15, mouth_press=0.1, eye_squint=0.05)
            self._scores["negative"] += 0.05
        turn = self._signs["pitch"] - self._traits.neutral.get("pitch", 0.0)
        self._add(brow_lowering=ASSUMPTIONS.get_number("face.brow_by_pitch") * turn)

    def summarize(self, start: int) -> WindowSummary:
        pose_noise = RESTLESS_NOISE_DEG if self._traits.is_restless else POSE_NOISE_DEG
        seen = sum(self._random.random() < self._coverage for _ in range(WINDOW_SECONDS))
        return build_window(
            start,
            seen=seen,
            signs=self._signs,
            scores=self._scores,
            noise=self._traits.noise,
            pose_noise=pose_noise,
        )


def build_window(
    start: int,
    *,
    seen: int,
    signs: Mapping[str, float],
    scores: Mapping[str, float],
    noise: float,
    pose_noise: float,
) -> WindowSummary:
    """Build a closed window.

    Args:
        start: Unix seconds.
        seen: Seconds in which the face was seen.
        signs: Mean of each sign and angle; others are 0.
        scores: Mean probability of "negative" (all negative expressions), "happiness" and
            "surprise"; the rest is neutral. Scaled down where they exceed 1.
        noise, pose_noise: Deviation of single frames, of signs and of angles in degrees.
    """
    readings = FRAMES_PER_WINDOW * seen // WINDOW_SECONDS
    sums, squares = [], []
    for name in SIGN_NAMES:
        mean, deviation = signs.get(name, 0.0), noise
        if name in ("yaw", "pitch", "roll"):
            deviation = pose_noise
        elif not name.startswith("gaze"):
            mean = min(max(mean, 0.0), 1.0)
        sums.append(round(mean * SCALE) * readings)
        squares.append(round((mean * mean + deviation * deviation) * SCALE * SCALE) * readings)
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
        score_sums=[round(score * SCALE) * readings for score in _divide_scores(scores)],
    )


def _divide_scores(scores: Mapping[str, float]) -> list[float]:
    """Return the probability of each expression, in the order of LABELS."""
    limited = {name: min(max(score, 0.0), 1.0) for name, score in scores.items()}
    total = max(sum(limited.values()), 1.0)
    negative = limited.pop("negative", 0.0) / total
    divided = {name: score / total for name, score in limited.items()}
    divided |= {label: share * negative for label, share in NEGATIVE_SHARES.items()}
    divided["neutral"] = 1.0 - sum(divided.values())
    return [divided.get(label, 0.0) for label in LABELS]
