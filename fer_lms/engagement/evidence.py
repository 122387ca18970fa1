"""Compute evidence that a learner may need help: its value, parts and coverage, or unknown.

Pure formulas, documented in docs/researcher/evidence.md. Independent sources are combined as a
noisy OR (Pearl 1988): evidence = 1 - product of (1 - weight x sign). A source without signs
does not lower the evidence: a neutral face neither offsets wrong answers nor counts as
disengagement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fer_lms.engagement.activity import ActivityState, compute_recency_weights
from fer_lms.engagement.baseline import Baseline, ramp
from fer_lms.engagement.weights import Weights
from fer_lms.engagement.window_summary import WindowSummary

FACE_PARTS: Final = frozenset({"brow", "mouth", "negative", "squint", "away", "absent"})
MIN_FACE_SIGN: Final = 0.05
"""A smaller sign of the face is not listed among the parts."""

# Reasons why the face is unknown.
NO_CAMERA: Final = "no_camera"
EXCLUDED_BY_PROFILE: Final = "does_not_fit"
"""Facial expressions are excluded in the learner's profile."""
NOT_ENOUGH_SEEN: Final = "not_enough_seen"
NO_BASELINE: Final = "no_baseline"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence at one time. All values are 0..1."""

    value: float | None
    """Interaction and face combined; None where nothing is known."""
    interaction: float | None
    """The same without the face."""
    face: float | None
    """The face alone, before its weight; None where it is unknown."""
    coverage: float
    """Share of the window in which the face was seen."""
    parts: Mapping[str, float]
    """Contribution of each sign."""
    face_unknown_reason: str = ""
    wrong_answers: int = 0

    def select_value(self, min_coverage: float, *, face_only: bool = False) -> float | None:
        """Return the value for a rule that requires this coverage of the face."""
        is_covered = self.coverage >= min_coverage
        if face_only:
            return self.face if is_covered else None
        return self.value if is_covered else self.interaction

    def select_parts(self, min_coverage: float) -> Mapping[str, float]:
        """Return the parts of `select_value`."""
        if self.coverage >= min_coverage:
            return self.parts
        return {name: part for name, part in self.parts.items() if name not in FACE_PARTS}


@dataclass(slots=True)
class FaceEvidence:
    """Signs of the newest window relative to the learner's baseline, each 0..1."""

    coverage: float = 0.0
    unknown_reason: str = NO_CAMERA
    """Empty where the signs are known."""
    brow: float = 0.0
    mouth: float = 0.0
    negative: float = 0.0
    squint: float = 0.0
    away: float | None = None
    absent: float | None = None
    hidden: float = 0.0


@dataclass(frozen=True, slots=True)
class EvidenceInput:
    """Input of every formula."""

    face: FaceEvidence
    activity: ActivityState
    now: float
    """Unix seconds."""
    step_seconds: float
    """Expected time on a step; 0 where it is not known."""
    weights: Weights

    def weigh(self, times: list[float]) -> list[float]:
        """Return the recency weights of these times, 0..1."""
        return compute_recency_weights(times, self.now, self.weights)

    @property
    def reported_difficulty(self) -> float:
        return self.activity.compute_reported_difficulty(self.now, self.weights)

    @property
    def dwelling(self) -> float:
        """Excess of the time on the step over the expected time, 0..1."""
        if self.step_seconds <= 0:
            return 0.0
        ratio = self.activity.compute_dwell_seconds(self.now) / self.step_seconds
        return ramp(ratio, self.weights.dwelling_from, self.weights.dwelling_full)

    @property
    def idleness(self) -> float:
        """Duration of the present idle span, 0..1."""
        idle = self.activity.compute_idle_seconds(self.now)
        return ramp(idle, self.weights.idle_from_seconds, self.weights.idle_full_seconds)


@dataclass(slots=True)
class _NoisyOr:
    complement: float = 1.0
    """Product of (1 - amount)."""
    parts: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, weight: float, *signs: float) -> None:
        for sign in signs:
            if sign > 0 and weight > 0:
                amount = min(weight * sign, 1.0)
                self.complement *= 1.0 - amount
                self.parts[name] = 1.0 - (1.0 - self.parts.get(name, 0.0)) * (1.0 - amount)


def compute_face_evidence(
    window: WindowSummary | None, baseline: Baseline, weights: Weights
) -> FaceEvidence:
    """Compute the facial signs of one window, with the reason where they are unknown."""
    if window is None or not (window.processed or window.hidden_ms):
        return FaceEvidence()
    hidden = min(window.hidden_ms / 10_000, 1.0)
    face = FaceEvidence(coverage=window.coverage, unknown_reason="", hidden=hidden)
    if window.processed >= weights.absence_readings:
        face.absent = window.no_face_share
    if window.coverage < weights.minimum_coverage:
        face.unknown_reason = NOT_ENOUGH_SEEN
        return face
    if not baseline.is_complete or not window.sign_count:
        face.unknown_reason = NO_BASELINE
        return face
    attention = baseline.compute_attention(window)
    face.away = None if attention is None else 1.0 - attention
    face.brow = baseline.compute_elevation("brow_lowering", window, weights)
    face.mouth = max(
        baseline.compute_elevation(sign, window, weights) for sign in ("mouth_press", "mouth_frown")
    )
    face.squint = baseline.compute_elevation("eye_squint", window, weights)
    face.negative = baseline.compute_negative_elevation(window, weights)
    return face


def compute_frustration(inputs: EvidenceInput) -> Evidence:
    """Combine brow, mouth and negative expressions with errors, requests and time on the step."""
    face, activity, weights = inputs.face, inputs.activity, inputs.weights
    interaction = _NoisyOr()
    interaction.add("wrong", weights.frustration_wrong, *inputs.weigh(activity.wrong_answers))
    interaction.add("guessing", weights.frustration_guessing, *inputs.weigh(activity.guesses))
    interaction.add("asked", weights.frustration_asked, *inputs.weigh(activity.hint_requests))
    interaction.add("said_hard", weights.frustration_said_hard, inputs.reported_difficulty)
    interaction.add("dwelling", weights.frustration_dwelling, inputs.dwelling)
    interaction.add("idle", weights.frustration_stalled, inputs.idleness)
    signs = {
        "brow": weights.frustration_brow * face.brow,
        "mouth": weights.frustration_mouth * face.mouth,
        "negative": weights.frustration_negative * face.negative,
    }
    return _combine(inputs, interaction, signs, face)


def compute_confusion(inputs: EvidenceInput) -> Evidence:
    """Combine brow and lids with dwelling, errors, requests and revisits."""
    face, activity, weights = inputs.face, inputs.activity, inputs.weights
    interaction = _NoisyOr()
    interaction.add("dwelling", weights.confusion_dwelling, inputs.dwelling)
    interaction.add("wrong", weights.confusion_wrong, *inputs.weigh(activity.wrong_answers))
    interaction.add("asked", weights.confusion_asked, *inputs.weigh(activity.hint_requests))
    interaction.add("revisits", weights.confusion_revisits, *inputs.weigh(activity.revisits))
    interaction.add("said_hard", weights.confusion_said_hard, inputs.reported_difficulty)
    signs = {
        "brow": weights.confusion_brow * face.brow,
        "squint": weights.confusion_squint * face.squint,
    }
    return _combine(inputs, interaction, signs, face)


def compute_disengagement(inputs: EvidenceInput) -> Evidence:
    """Combine absence or looking away with idle time. Expressions are not used."""
    face, weights = inputs.face, inputs.weights
    interaction = _NoisyOr()
    interaction.add("idle", weights.disengagement_idle, inputs.idleness)
    interaction.add("hidden", weights.disengagement_hidden, face.hidden)
    signs: dict[str, float] = {}
    if face.absent is not None and face.absent >= weights.minimum_coverage:
        # Frames without a face are readings of this formula, so they count as covered.
        signs = {"absent": face.absent}
        face = FaceEvidence(coverage=1.0, unknown_reason="")
    elif face.away is not None:
        signs = {"away": face.away}
    return _combine(inputs, interaction, signs, face)


def compute_self_report(inputs: EvidenceInput) -> Evidence:
    """Return the learner's self-report of difficulty as evidence."""
    value = inputs.reported_difficulty if inputs.activity.has_actions else None
    parts = {"said_hard": value} if value else {}
    return Evidence(value, value, None, 0.0, parts, NO_CAMERA)


def _combine(
    inputs: EvidenceInput, interaction: _NoisyOr, signs: Mapping[str, float], face: FaceEvidence
) -> Evidence:
    """Combine interaction and face; a recent self-report of "fine" overrides both."""
    activity, weights = inputs.activity, inputs.weights
    known = None if face.unknown_reason else min(sum(signs.values()), 1.0)
    coverage = face.coverage if known is not None else 0.0
    if activity.is_reported_fine(inputs.now, weights):
        return Evidence(0.0, 0.0, 0.0, coverage, {"said_fine": 1.0}, face.unknown_reason)
    combined = value = 1.0 - interaction.complement if activity.has_actions else None
    parts = dict(interaction.parts)
    if known is not None:
        combined = 1.0 - (1.0 - weights.face_most * known) * interaction.complement
        listed = {name: sign for name, sign in signs.items() if sign > MIN_FACE_SIGN}
        parts |= {name: weights.face_most * sign for name, sign in listed.items()}
    wrong_answers = len(inputs.weigh(activity.wrong_answers))
    return Evidence(combined, value, known, coverage, parts, face.unknown_reason, wrong_answers)


FORMULAS: Final = {
    "frustration": compute_frustration,
    "confusion": compute_confusion,
    "disengagement": compute_disengagement,
    "said_hard": compute_self_report,
}
