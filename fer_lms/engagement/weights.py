"""Every number that the evidence formulas use, with its origin. Each is a setting.

`FER_EVIDENCE_WEIGHTS` changes them by name; what was in force is kept with the sitting, so that a
replay gives what was live. "Ours" means: no study gives this number; it was chosen so that one
weak source alone never speaks, and measured with `manage.py measure_rules` (docs/teacher/rules.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Weights:
    # --- the learner's own baseline ----------------------------------------------------------
    baseline_seconds: float = 20.0
    """Seen seconds that make a baseline; whole windows make it 20 to 29. The issue of calibration
    to the own neutral face: D'Mello, Dieterle, Duckworth 2017 call for within-person baselines."""
    baseline_hours: float = 2.0
    """Ours: after that, light, chair and tiredness are others."""
    spread_floor: float = 0.04
    """Ours: blendshapes wobble by about this on a still face; a smaller spread would make noise
    look like a rise."""
    rise_from: float = 1.0
    rise_full: float = 3.0
    """Ours: one spread above one's own mean is ordinary (a sixth of the time, were it normal),
    three are not (one in 700)."""
    negative_full: float = 0.35
    """Ours: a rise of the summed negative expressions by this much counts in full."""

    # --- what is seen -------------------------------------------------------------------------
    minimum_coverage: float = 0.5
    """The product's rule everywhere: under half of the time seen, nothing is concluded."""
    face_most: float = 0.45
    """Ours: the most that a face adds, so that it never crosses the default threshold of 0.5
    alone. Faces are weak evidence of what a learner feels (Barrett et al. 2019)."""
    absence_readings: float = 3.0
    """Ours: fewer processed pictures in ten seconds say nothing about absence."""

    # --- signs of frustration -----------------------------------------------------------------
    frustration_brow: float = 0.4
    """Brow lowering goes with frustration and confusion: McDaniel et al. 2007; Craig et al. 2008
    (AU4). The number is ours."""
    frustration_mouth: float = 0.3
    """Mouth press and frown, "mouth dimpling" in Grafsgaard et al. 2013 (AU14). Number ours."""
    frustration_negative: float = 0.3
    """Rise of negative expressions over the own baseline. Ours."""
    frustration_wrong: float = 0.35
    """Each wrong answer. Strain from errors: Baker, D'Mello, Rodrigo, Graesser 2010. Number ours:
    one is no frustration, two are worth a question."""
    frustration_guessing: float = 0.15
    """A wrong answer within seconds of another; "gaming", Baker et al. 2004. Number ours."""
    frustration_asked: float = 0.25
    frustration_said_hard: float = 0.6
    """Self-report outranks every sensor. Ours."""
    frustration_dwelling: float = 0.25
    frustration_stalled: float = 0.25
    """Nothing done for a while on a step. Thinking looks the same: alone it is far from enough.
    Ours."""

    # --- signs of confusion -------------------------------------------------------------------
    confusion_brow: float = 0.7
    """Brow lowering (AU4) is the sign most often found with confusion: Craig et al. 2008;
    Grafsgaard et al. 2011. Number ours."""
    confusion_squint: float = 0.3
    """Lid tightener (AU7), the second in Craig et al. 2008. Number ours."""
    confusion_dwelling: float = 0.45
    """Ours: slow reading alone is no confusion, hence under 0.5."""
    confusion_wrong: float = 0.2
    confusion_asked: float = 0.3
    confusion_revisits: float = 0.15
    confusion_said_hard: float = 0.6

    # --- signs of drifting away -----------------------------------------------------------------
    disengagement_idle: float = 0.75
    """Off-task time: Baker et al. 2004, whose students were idle for 80 s and more. Number ours."""
    disengagement_hidden: float = 0.3
    """Ours: the lesson's page is not the one in front."""

    # --- how interactions count -----------------------------------------------------------------
    fresh_seconds: float = 90.0
    stale_seconds: float = 240.0
    """Ours: what happened counts in full for 90 s, then less, and after 4 min no more."""
    guessing_seconds: float = 5.0
    """Baker et al. 2004 speak of "quickly and repeatedly"; the number is ours."""
    idle_from_seconds: float = 30.0
    idle_full_seconds: float = 120.0
    dwelling_from: float = 1.5
    dwelling_full: float = 3.0
    """Ours: times the minutes that the teacher gave the step."""
    word_seconds: float = 300.0
    """Ours: for five minutes after "fine" or "easy" the learner's word stands against all signs."""
    said_hard_seconds: float = 120.0
    other_source: float = 0.15
    """Ours: what the interaction must show for itself before a face may add to it."""


DEFAULT: Final = Weights()
NAMES: Final = frozenset(field.name for field in fields(Weights))
KINDS: Final = ("frustration_", "confusion_", "disengagement_")


LIMITS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {name: (0.0, 1.0) for name in NAMES if name.startswith(KINDS)}
    | {
        "baseline_seconds": (10, 300),
        "baseline_hours": (0.1, 24),
        "spread_floor": (0.005, 1),
        "rise_from": (0, 20),
        "rise_full": (0, 20),
        "negative_full": (0.05, 1),
        # The product's rule everywhere: under half of the time seen, nothing is concluded.
        "minimum_coverage": (0.5, 1),
        # Under the default threshold, so that a face never crosses it alone.
        "face_most": (0, 0.49),
        "absence_readings": (1, 100),
        "fresh_seconds": (0, 3600),
        "stale_seconds": (0, 3600),
        "guessing_seconds": (0, 60),
        "idle_from_seconds": (0, 3600),
        "idle_full_seconds": (0, 3600),
        "dwelling_from": (0, 20),
        "dwelling_full": (0, 20),
        "word_seconds": (0, 3600),
        "said_hard_seconds": (0, 3600),
        # At 0 a face alone would speak.
        "other_source": (0.05, 1),
    }
)
RISING: Final = (
    ("rise_from", "rise_full"),
    ("fresh_seconds", "stale_seconds"),
    ("said_hard_seconds", "stale_seconds"),
    ("idle_from_seconds", "idle_full_seconds"),
    ("dwelling_from", "dwelling_full"),
)
"""Pairs between which something rises or fades: the first must be below the second."""


class InvalidWeightsError(ValueError):
    """A weight that does not exist, is outside its limits, or does not fit another."""


def parse_weights(changes: Mapping[str, object]) -> Weights:
    """The default weights with these changed. Raises InvalidWeightsError."""
    numbers: dict[str, float] = {}
    for name, value in changes.items():
        if name not in NAMES:
            raise InvalidWeightsError(f"There is no weight {name!r}.")
        low, high = LIMITS[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidWeightsError(f"{name} must be a number.")
        # A NaN compares false with everything, and is refused by that.
        if not low <= value <= high:
            raise InvalidWeightsError(f"{name} must be from {low:g} to {high:g}.")
        numbers[name] = float(value)
    weights = replace(DEFAULT, **numbers)
    for first, second in RISING:
        if getattr(weights, first) >= getattr(weights, second):
            raise InvalidWeightsError(f"{first} must be smaller than {second}.")
    return weights


def restore_weights(numbers: Mapping[str, float]) -> Weights:
    """Weights as they were once in force, whatever is allowed or usual now."""
    return replace(DEFAULT, **{name: each for name, each in numbers.items() if name in NAMES})
