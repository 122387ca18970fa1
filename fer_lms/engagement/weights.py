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
    """Constants of the evidence formulas.

    `_nats`: log-likelihood ratio of being stuck; 0.7 doubles the odds, 1.6 makes them fivefold.
    """

    # --- neutral baseline ----------------------------------------------------------------------
    baseline_seconds: float = 20.0
    """Seen seconds of the calibration; complete windows make it 20 to 29. D'Mello, Dieterle,
    Duckworth 2017 call for within-person baselines."""
    baseline_hours: float = 2.0
    """Ours: a baseline expires, because light, posture and tiredness change."""

    # --- coverage -------------------------------------------------------------------------------
    minimum_coverage: float = 0.5
    """Product rule: nothing is concluded from a window of which less than half was seen."""
    absence_readings: float = 3.0
    """Ours: minimum of processed frames in a window for absence to be known."""

    # --- being stuck: begin, end, errors --------------------------------------------------------
    stuck_per_hour: float = 3.0
    stuck_seconds: float = 110.0
    """Ours: how often and how long on average; 8 % of the time. Baker, D'Mello, Rodrigo, Graesser
    2010: frustration is much rarer than concentration; D'Mello and Graesser 2011: it lasts longer
    than a surprise and shorter than boredom. Also how long what was seen or done still counts."""
    error_rate: float = 0.35
    """Ours: usual share of wrong answers before a learner's own answers are known."""
    error_spread: float = 0.75
    """Ours: standard deviation of the error rate over learners and steps, in logits; at a rate of
    0.35, two thirds of the learners are between 0.2 and 0.53."""
    stuck_error_rate: float = 0.75
    """At an impasse only guesses are right: probability of a guess at most 0.3 in knowledge tracing
    (Corbett and Anderson 1995; Baker, Corbett, Aleven 2008)."""
    quick_nats: float = 0.5
    """Ours: for each unit (natural logarithm) by which an answer was faster than the learner's
    median; "gaming", Baker, Corbett, Koedinger, Wagner 2004."""

    none_right_nats: float = 0.55
    """Ours: for each wrong answer after the first in a session without a right one yet: four in a
    row at the start are rare with 35 % wrong (1.5 %) and usual at an impasse (32 %). Later on the
    learner's own error rate is known."""
    unmastered_nats: float = 3.0
    """For each further wrong answer on a step without two right ones in a row: wheel-spinning, Beck
    and Gong 2013 (who ask for three in a row within ten). With 35 % wrong, eight wrong answers come
    before two right ones in a row in 1 % of the steps, at an impasse with 75 % in 60 %."""
    unmastered_from: float = 7.0
    """Ours: so many wrong answers come before that to everybody."""
    run_from: float = 8.0
    """Ours: so many wrong answers in a row come to everybody, at any pace and on any steps; quick
    ones do not count in full."""
    failed_from: float = 15.0
    """Ours: so many wrong answers come before two right ones in a row on a step, however slow."""
    unmastered_most_nats: float = 3.5
    """Ours: the most that either of them counts."""
    full_answer_seconds: float = 22.0
    """Ours: where a learner's answers usually take less, as in a drill, each counts in proportion;
    otherwise chance alone gives long runs of errors among hundreds of answers an hour."""

    # --- being stuck: other actions ---------------------------------------------------------------
    asked_nats: float = 1.6
    """Ours: a hint was asked for; help is avoided even when needed (Aleven et al. 2006)."""
    said_hard_nats: float = 4.0
    """Ours: a self-report weighs more than any sensor."""
    silence_nats: float = 0.35
    """Ours: no answer for `silence_full` times the learner's median time; reading looks the same.
    """
    silence_from: float = 1.5
    silence_full: float = 4.0
    idle_nats_per_minute: float = 0.9
    """Ours: nothing at all is done on the page, though a reader scrolls."""
    idle_nats: float = 2.8
    """Ours: the most that idleness counts."""

    # --- signs of confusion, beside those of being stuck ---------------------------------------
    confusion_dwelling_nats: float = 1.5
    confusion_revisit_nats: float = 0.7
    """Ours: much time on a step, and going back to an earlier one."""

    # --- signs of disengagement, 0..1 -------------------------------------------------------------
    disengagement_idle: float = 0.75
    """Off-task time: Baker et al. 2004, whose students were idle for 80 s and more. Number ours."""
    disengagement_hidden: float = 0.3
    """Ours: the page of the lesson is hidden."""

    # --- face -----------------------------------------------------------------------------------
    face_validity: float = 0.63
    """AUC per window with which faces tell who is stuck: .631 for frustration in a school (Bosch,
    D'Mello, Ocumpaugh, Baker, Shute 2016). An installation that knows better states it here; at 0.5
    the face has no weight."""
    face_persistence: float = 0.55
    """Ours: autocorrelation of a face from window to window, so that ten windows of the same
    expression do not count as ten observations."""
    face_most_nats: float = 2.0
    """Ours: the most that the face counts. From the usual 8 % it gives 40 %, below every rule's
    default threshold (Barrett et al. 2019: faces are weak evidence of what a person feels)."""
    face_windows: float = 60.0
    """Ours: seen windows whose median is the learner's usual face: about ten minutes, so that
    neither a smile at the start nor an episode becomes the baseline."""
    face_windows_least: float = 6.0
    """Ours: windows before anything is concluded from a face."""
    looking_down_deg: float = 12.0
    """Ours: a head this much lower than usual looks at a keyboard or paper; the window is left out.
    """

    # --- decay of interactions ------------------------------------------------------------------
    stale_seconds: float = 240.0
    """Ours: wrong answers of four minutes are counted in the explanation."""
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
REMOVED_NAMES: Final = frozenset(
    {
        *("spread_floor", "rise_from", "rise_full", "negative_full", "face_most"),
        *("frustration_brow", "frustration_mouth", "frustration_negative", "frustration_wrong"),
        *("frustration_guessing", "frustration_asked", "frustration_said_hard"),
        *("frustration_dwelling", "frustration_stalled", "confusion_brow", "confusion_squint"),
        *("confusion_dwelling", "confusion_wrong", "confusion_asked", "confusion_revisits"),
        *("confusion_said_hard", "fresh_seconds", "guessing_seconds"),
    }
)
"""Weights of release 0.1.0 that have no counterpart: a setting that names them is refused."""

LIMITS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "baseline_seconds": (10, 300),
        "baseline_hours": (0.1, 24),
        "minimum_coverage": (0.5, 1),
        "absence_readings": (1, 100),
        "stuck_per_hour": (0.1, 30),
        "stuck_seconds": (20, 1200),
        "error_rate": (0.05, 0.7),
        "error_spread": (0.1, 2),
        "stuck_error_rate": (0.6, 0.95),
        "quick_nats": (0, 2),
        "none_right_nats": (0, 1),
        "unmastered_nats": (0, 3),
        "full_answer_seconds": (1, 60),
        "unmastered_from": (2, 20),
        "run_from": (2, 20),
        "failed_from": (2, 60),
        "unmastered_most_nats": (0, 4),
        "asked_nats": (0, 3),
        "said_hard_nats": (0, 6),
        "silence_nats": (0, 2),
        "silence_from": (0, 20),
        "silence_full": (0, 20),
        "idle_nats_per_minute": (0, 3),
        "idle_nats": (0, 3),
        "confusion_dwelling_nats": (0, 3),
        "confusion_revisit_nats": (0, 3),
        "disengagement_idle": (0, 1),
        "disengagement_hidden": (0, 1),
        "face_validity": (0.5, 0.8),
        "face_persistence": (0, 0.95),
        # With the usual odds below every default threshold, so that a face never crosses it alone.
        "face_most_nats": (0, 2.2),
        "face_windows": (12, 120),
        "face_windows_least": (3, 60),
        "looking_down_deg": (5, 60),
        "stale_seconds": (0, 3600),
        "idle_from_seconds": (0, 3600),
        "idle_full_seconds": (0, 3600),
        "dwelling_from": (0, 20),
        "dwelling_full": (0, 20),
        "word_seconds": (0, 3600),
        "said_hard_seconds": (0, 3600),
        # At 0 a face alone would fire a rule.
        "other_source": (0.1, 1),
    }
)
ORDERED_PAIRS: Final = (
    ("said_hard_seconds", "stale_seconds"),
    ("silence_from", "silence_full"),
    ("idle_from_seconds", "idle_full_seconds"),
    ("dwelling_from", "dwelling_full"),
    ("face_windows_least", "face_windows"),
)
"""The first must be below the second."""


class InvalidWeightsError(ValueError):
    """A weight does not exist, is outside its limits, or contradicts another."""


def parse_weights(changes: Mapping[str, object]) -> Weights:
    """Return the default weights with these overrides.

    Raises:
        InvalidWeightsError: An override is unknown, out of range or contradicts another.
    """
    numbers: dict[str, float] = {}
    for name, value in changes.items():
        if name in REMOVED_NAMES:
            raise InvalidWeightsError(
                f"{name} was removed in 0.2.0; remove it from the setting, and see "
                "docs/researcher/evidence.md for the weights that there are now."
            )
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
