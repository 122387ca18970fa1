"""Every constant of the evidence formulas, with its source.

`FER_EVIDENCE_WEIGHTS` overrides them by name, so the names are published. The effective weights
are stored with the session, so that a replay uses the same. "Ours" means: no study gives this
number; it was chosen so that one weak source alone never fires a rule, and measured with
`manage.py measure_rules` (docs/researcher/evidence.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Weights:
    """Constants of the evidence formulas; values without a unit are 0..1."""

    # --- neutral baseline ----------------------------------------------------------------------
    baseline_seconds: float = 20.0
    """Seen seconds of the calibration; complete windows make it 20 to 29. D'Mello, Dieterle,
    Duckworth 2017 call for within-person baselines."""
    baseline_hours: float = 2.0
    """Ours: a baseline expires, because light, posture and tiredness change."""
    spread_floor: float = 0.04
    """Ours: the noise of blendshapes on a still face; a smaller spread would turn noise into
    elevation."""
    rise_from: float = 1.0
    rise_full: float = 3.0
    """Ours: z-scores between which elevation goes from 0 to 1. In a normal distribution a sixth of
    the values are above 1, one in 700 above 3."""
    negative_full: float = 0.35
    """Ours: increase of the summed negative expressions that counts as 1."""

    # --- coverage -------------------------------------------------------------------------------
    minimum_coverage: float = 0.5
    """Product rule: nothing is concluded from a window of which less than half was seen."""
    face_most: float = 0.45
    """Ours: weight of all facial signs together, so that they never cross the default threshold of
    0.5 alone. Faces are weak evidence of what a learner feels (Barrett et al. 2019)."""
    absence_readings: float = 3.0
    """Ours: minimum of processed frames in a window for absence to be known."""

    # --- signs of frustration -----------------------------------------------------------------
    frustration_brow: float = 0.4
    """Brow lowering goes with frustration and confusion: McDaniel et al. 2007; Craig et al. 2008
    (AU4). The number is ours."""
    frustration_mouth: float = 0.3
    """Mouth press and frown, "mouth dimpling" in Grafsgaard et al. 2013 (AU14). Number ours."""
    frustration_negative: float = 0.3
    """Elevation of negative expressions. Ours."""
    frustration_wrong: float = 0.35
    """Each wrong answer. Strain from errors: Baker, D'Mello, Rodrigo, Graesser 2010. Number ours:
    one is not frustration, two justify a question."""
    frustration_guessing: float = 0.15
    """A wrong answer within seconds of another; "gaming", Baker et al. 2004. Number ours."""
    frustration_asked: float = 0.25
    frustration_said_hard: float = 0.6
    """Ours: a self-report weighs more than any sensor."""
    frustration_dwelling: float = 0.25
    frustration_stalled: float = 0.25
    """Idle time on a step. Thinking looks the same, so it is far below the threshold. Ours."""

    # --- signs of confusion -------------------------------------------------------------------
    confusion_brow: float = 0.7
    """Brow lowering (AU4) is the sign most often found with confusion: Craig et al. 2008;
    Grafsgaard et al. 2011. Number ours."""
    confusion_squint: float = 0.3
    """Lid tightener (AU7), the second in Craig et al. 2008. Number ours."""
    confusion_dwelling: float = 0.45
    """Ours: slow reading alone is not confusion, hence under 0.5."""
    confusion_wrong: float = 0.2
    confusion_asked: float = 0.3
    confusion_revisits: float = 0.15
    confusion_said_hard: float = 0.6

    # --- signs of disengagement -------------------------------------------------------------------
    disengagement_idle: float = 0.75
    """Off-task time: Baker et al. 2004, whose students were idle for 80 s and more. Number ours."""
    disengagement_hidden: float = 0.3
    """Ours: the page of the lesson is hidden."""

    # --- decay of interactions ------------------------------------------------------------------
    fresh_seconds: float = 90.0
    stale_seconds: float = 240.0
    """Ours: an action counts in full for 90 s, then decays linearly to 0 at 4 minutes."""
    guessing_seconds: float = 5.0
    """Baker et al. 2004: "quickly and repeatedly"; the number is ours."""
    idle_from_seconds: float = 30.0
    idle_full_seconds: float = 120.0
    dwelling_from: float = 1.5
    dwelling_full: float = 3.0
    """Ours: multiples of the expected time on a step."""
    word_seconds: float = 300.0
    """Ours: a self-report of "fine" or "easy" overrides all signs for five minutes."""
    said_hard_seconds: float = 120.0
    other_source: float = 0.15
    """Ours: minimum evidence of the interaction before the face may add to it."""


DEFAULT_WEIGHTS: Final = Weights()
WEIGHT_NAMES: Final = frozenset(field.name for field in fields(Weights))
EVIDENCE_PREFIXES: Final = ("frustration_", "confusion_", "disengagement_")

LIMITS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {name: (0.0, 1.0) for name in WEIGHT_NAMES if name.startswith(EVIDENCE_PREFIXES)}
    | {
        "baseline_seconds": (10, 300),
        "baseline_hours": (0.1, 24),
        "spread_floor": (0.005, 1),
        "rise_from": (0, 20),
        "rise_full": (0, 20),
        "negative_full": (0.05, 1),
        "minimum_coverage": (0.5, 1),
        # Below the default threshold, so that a face never crosses it alone.
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
        # At 0 a face alone would fire a rule.
        "other_source": (0.05, 1),
    }
)
ORDERED_PAIRS: Final = (
    ("rise_from", "rise_full"),
    ("fresh_seconds", "stale_seconds"),
    ("said_hard_seconds", "stale_seconds"),
    ("idle_from_seconds", "idle_full_seconds"),
    ("dwelling_from", "dwelling_full"),
)
"""Bounds of a linear ramp: the first must be below the second."""


class InvalidWeightsError(ValueError):
    """A weight does not exist, is outside its limits, or contradicts another."""


def parse_weights(changes: Mapping[str, object]) -> Weights:
    """Return the default weights with these overrides.

    Raises:
        InvalidWeightsError: An override is unknown, out of range or contradicts another.
    """
    numbers: dict[str, float] = {}
    for name, value in changes.items():
        if name not in WEIGHT_NAMES:
            raise InvalidWeightsError(
                f"Unknown weight {name!r}; see docs/researcher/evidence.md for the names."
            )
        low, high = LIMITS[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidWeightsError(f"{name} must be a number.")
        # Written so that a NaN, which compares false with everything, is refused.
        if not low <= value <= high:
            raise InvalidWeightsError(f"{name} must be between {low:g} and {high:g}.")
        numbers[name] = float(value)
    weights = replace(DEFAULT_WEIGHTS, **numbers)
    for low_name, high_name in ORDERED_PAIRS:
        if getattr(weights, low_name) >= getattr(weights, high_name):
            raise InvalidWeightsError(f"{low_name} must be smaller than {high_name}.")
    return weights


def restore_weights(numbers: Mapping[str, float]) -> Weights:
    """Return stored weights without validation: today's limits do not apply to a replay."""
    known = {name: number for name, number in numbers.items() if name in WEIGHT_NAMES}
    return replace(DEFAULT_WEIGHTS, **known)
