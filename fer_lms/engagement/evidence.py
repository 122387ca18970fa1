"""Compute evidence that a learner may need help: its value, parts and coverage, or unknown.

Pure formulas, documented in docs/researcher/evidence.md. Evidence of being stuck is a probability:
the usual odds, multiplied by a likelihood ratio of each source. The answers come first
(`answer_model`); silence, requests, self-reports and the face add to their log-odds, each within
limits, and each fades. A source without signs adds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fer_lms.engagement.activity import ActivityState, count_since, sum_decayed
from fer_lms.engagement.answer_model import (
    compute_log_odds,
    compute_probability,
    compute_run_nats,
    compute_usual_probability,
)
from fer_lms.engagement.baseline import Baseline, ramp
from fer_lms.engagement.face_reading import compute_face_nats
from fer_lms.engagement.usual_face import UsualFace
from fer_lms.engagement.weights import Weights
from fer_lms.engagement.window_summary import WindowSummary

FACE_PARTS: Final = frozenset({"brow", "mouth", "negative", "squint", "away", "absent"})
PART_BY_SIGN: Final = {"negative": "negative", "mouth_frown": "mouth", "brow_lowering": "brow"}

DISENGAGEMENT_FACE: Final = 0.45
"""Ours: weight of absence or looking away, below every default threshold alone."""

# Reasons why the face is unknown.
NO_CAMERA: Final = "no_camera"
EXCLUDED: Final = "does_not_fit"
"""By the learner's profile or the policy, or since this kind of evidence uses no face."""
NOT_ENOUGH_SEEN: Final = "not_enough_seen"
NO_BASELINE: Final = "no_baseline"
LOOKING_DOWN: Final = "looking_down"


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
    """Contribution of each sign: log-likelihood ratios, or 0..1 for disengagement."""
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
    """What the windows of the face say, as of the newest one."""

    coverage: float = 0.0
    unknown_reason: str = NO_CAMERA
    """Empty where the newest window could be read."""
    nats: dict[str, float] = field(default_factory=dict)
    """Log-likelihood ratio of being stuck by part, as of `at`; older windows have decayed."""
    at: float = 0.0
    """Unix seconds."""
    away: float | None = None
    absent: float | None = None
    hidden: float = 0.0

    def decay_nats(self, now: float, weights: Weights) -> dict[str, float]:
        """Return the log-likelihood ratio by part, decayed and limited."""
        share = sum_decayed([self.at], now, weights.stuck_seconds)
        total = share * sum(self.nats.values())
        limit = weights.face_most_nats
        if abs(total) > limit:
            share *= limit / abs(total)
        return {name: share * amount for name, amount in self.nats.items()}


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

    @property
    def idle_nats(self) -> float:
        minutes = self.activity.compute_idle_seconds(self.now) / 60
        return min(self.weights.idle_nats_per_minute * minutes, self.weights.idle_nats)

    @property
    def silence(self) -> float:
        """Time without an answer over the learner's usual time, 0..1."""
        ratio = self.activity.compute_silence(self.now)
        return ramp(ratio, self.weights.silence_from, self.weights.silence_full)


def update_face(
    face: FaceEvidence,
    window: WindowSummary | None,
    usual: UsualFace | None,
    baseline: Baseline | None,
    *,
    now: float,
    weights: Weights,
) -> FaceEvidence:
    """Return the evidence of the face after one more window.

    Args:
        window: None where there is none.
        usual: The learner's usual face, without this window.
        baseline: For attention only.
        now: When the window is evaluated, Unix seconds.
    """
    nats = face.decay_nats(now, weights)
    if window is None or not (window.processed or window.hidden_ms):
        return FaceEvidence(nats=nats, at=now)
    updated = FaceEvidence(window.coverage, "", nats, now, hidden=min(window.hidden_ms / 10_000, 1))
    if window.processed >= weights.absence_readings:
        updated.absent = window.no_face_share
    if window.coverage < weights.minimum_coverage:
        updated.unknown_reason = NOT_ENOUGH_SEEN
        return updated
    if baseline is not None and baseline.is_complete and window.sign_count:
        attention = baseline.compute_attention(window)
        updated.away = None if attention is None else 1.0 - attention
    if usual is None or not usual.is_known(weights) or not (window.sign_count and window.scored):
        updated.unknown_reason = NO_BASELINE
    elif usual.is_looking_down(window, weights):
        updated.unknown_reason = LOOKING_DOWN
    else:
        for sign, amount in compute_face_nats(usual.compute_scores(window), weights).items():
            part = PART_BY_SIGN[sign]
            nats[part] = nats.get(part, 0.0) + amount
    return updated


def compute_frustration(inputs: EvidenceInput) -> Evidence:
    """Combine answers, silence, requests, self-reports and the face."""
    return _combine(inputs, _list_interaction(inputs), inputs.face)


def compute_confusion(inputs: EvidenceInput) -> Evidence:
    """Combine what the learner does, with time on the step and revisits; without the face.

    There is no set of faces labelled with confusion to fit it to.
    """
    weights = inputs.weights
    revisits = sum_decayed(inputs.activity.revisits, inputs.now, weights.stuck_seconds)
    parts = _list_interaction(inputs) | {
        "dwelling": weights.confusion_dwelling_nats * inputs.dwelling,
        "revisits": weights.confusion_revisit_nats * min(revisits, 2.0),
    }
    return _combine(inputs, parts, FaceEvidence(unknown_reason=EXCLUDED))


def _list_interaction(inputs: EvidenceInput) -> dict[str, float]:
    """Return the log-likelihood ratio of each source except the face."""
    activity, now, weights = inputs.activity, inputs.now, inputs.weights
    answers = activity.compute_stuck_probability(now, weights)
    asked = sum_decayed(activity.hint_requests, now, weights.stuck_seconds)
    return {
        "wrong": compute_log_odds(answers) - compute_log_odds(compute_usual_probability(weights)),
        "unmastered": _compute_unmastered(inputs),
        "asked": weights.asked_nats * min(asked, 2.0),
        "said_hard": weights.said_hard_nats * inputs.reported_difficulty,
        "silent": weights.silence_nats * inputs.silence,
        "idle": inputs.idle_nats,
    }


def _compute_unmastered(inputs: EvidenceInput) -> float:
    """Return the log-likelihood ratio of failing: nothing was right yet, or nothing twice."""
    activity, now, weights = inputs.activity, inputs.now, inputs.weights
    failed = count_since(activity.unmastered, now - weights.stale_seconds)
    nats = weights.unmastered_nats * max(failed - weights.unmastered_from, 0.0)
    if activity.count_wrong_answers(now, weights):
        nats = max(nats, weights.unmastered_nats * max(activity.failed - weights.failed_from, 0.0))
        if activity.run_length > weights.run_from:
            nats = max(nats, compute_run_nats(activity.run))
    if not activity.has_right_answer:
        at_once = count_since(activity.unmastered, now - weights.said_hard_seconds)
        nats = max(nats, weights.none_right_nats * max(at_once - 1, 0.0))
    return min(nats, weights.unmastered_most_nats)


def compute_disengagement(inputs: EvidenceInput) -> Evidence:
    """Combine absence or looking away with idle time (noisy OR). Expressions are not used."""
    face, weights = inputs.face, inputs.weights
    parts = {
        "idle": weights.disengagement_idle * inputs.idleness,
        "hidden": weights.disengagement_hidden * face.hidden,
    }
    known: float | None = None
    coverage = face.coverage
    if face.absent is not None and face.absent >= weights.minimum_coverage:
        # Frames without a face are readings of this formula, so they count as covered.
        known, coverage, parts["absent"] = face.absent, 1.0, DISENGAGEMENT_FACE * face.absent
    elif face.away is not None:
        known, parts["away"] = face.away, DISENGAGEMENT_FACE * face.away
    unknown_reason = "" if known is not None else face.unknown_reason
    if inputs.activity.is_reported_fine(inputs.now, weights):
        return _report_fine(coverage, unknown_reason)
    interaction = _combine_noisy_or({name: parts[name] for name in ("idle", "hidden")})
    has_actions = inputs.activity.has_actions
    return Evidence(
        value=_combine_noisy_or(parts) if known is not None or has_actions else None,
        interaction=interaction if has_actions else None,
        face=known,
        coverage=coverage if known is not None else 0.0,
        parts={name: amount for name, amount in parts.items() if amount > 0},
        face_unknown_reason=unknown_reason,
    )


def _combine_noisy_or(parts: Mapping[str, float]) -> float:
    """Return 1 - product of (1 - amount) (Pearl 1988)."""
    complement = 1.0
    for amount in parts.values():
        complement *= 1.0 - min(amount, 1.0)
    return 1.0 - complement


def compute_self_report(inputs: EvidenceInput) -> Evidence:
    """Return the learner's self-report of difficulty as evidence."""
    value = inputs.reported_difficulty if inputs.activity.has_actions else None
    parts = {"said_hard": value} if value else {}
    return Evidence(value, value, None, 0.0, parts, EXCLUDED)


def _combine(
    inputs: EvidenceInput, interaction: Mapping[str, float], face: FaceEvidence
) -> Evidence:
    """Combine log-likelihood ratios; a recent self-report of "fine" overrides them."""
    activity, weights = inputs.activity, inputs.weights
    usual = compute_log_odds(compute_usual_probability(weights))
    nats = face.decay_nats(inputs.now, weights)
    is_face_known = bool(nats)
    coverage = face.coverage if is_face_known else 0.0
    if activity.is_reported_fine(inputs.now, weights):
        return _report_fine(coverage, face.unknown_reason)
    acted, seen = sum(interaction.values()), sum(nats.values())
    if interaction["unmastered"] > 0:
        # A calm face is no reason to leave somebody alone who fails again and again.
        seen = max(seen, 0.0)
    is_known = activity.has_actions or is_face_known
    return Evidence(
        value=compute_probability(usual + acted + seen) if is_known else None,
        interaction=compute_probability(usual + acted) if activity.has_actions else None,
        face=compute_probability(usual + seen) if is_face_known else None,
        coverage=coverage,
        parts={name: amount for name, amount in {**interaction, **nats}.items() if amount > 0},
        face_unknown_reason=face.unknown_reason,
        wrong_answers=activity.count_wrong_answers(inputs.now, weights),
    )


def _report_fine(coverage: float, unknown_reason: str) -> Evidence:
    return Evidence(0.0, 0.0, 0.0, coverage, {"said_fine": 1.0}, unknown_reason)


FORMULAS: Final = {
    "frustration": compute_frustration,
    "confusion": compute_confusion,
    "disengagement": compute_disengagement,
    "said_hard": compute_self_report,
}
"""Evidence by kind."""
