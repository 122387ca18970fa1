"""Evidence that a learner may need help: numbers with their parts, their coverage and "unknown".

Pure formulas, written out in docs/teacher/rules.md. Sources that say the same are joined as a
noisy OR (Pearl 1988): evidence = 1 - product of (1 - weight x sign). A source that shows nothing
takes nothing away: a neutral face never lowers what wrong answers say, and is never disengagement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fer_lms.engagement.activity import ActivityState, fresh
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.weights import Weights
from fer_lms.engagement.windows import WindowSummary

FACE_PARTS: Final = frozenset({"brow", "mouth", "negative", "squint", "away", "absent"})
NO_CAMERA: Final = "no_camera"
DOES_NOT_FIT: Final = "does_not_fit"
NOT_ENOUGH_SEEN: Final = "not_enough_seen"
NO_BASELINE: Final = "no_baseline"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence at one event.

    `value` is 0..1, or None where nothing is known; `interaction` the same without the face, `face`
    the face's strength alone before its weight. `parts` say what each sign added.
    """

    value: float | None
    interaction: float | None
    face: float | None
    coverage: float
    parts: Mapping[str, float]
    no_face_because: str = ""
    wrong: int = 0
    """How many answers that were not right yet are in it."""

    def given(self, minimum_coverage: float, *, face_only: bool = False) -> float | None:
        """The value for a rule that asks for this coverage of the face."""
        enough = self.coverage >= minimum_coverage
        if face_only:
            return self.face if enough else None
        return self.value if enough else self.interaction

    def parts_given(self, minimum_coverage: float) -> Mapping[str, float]:
        """What that value is made of: where it leaves the face out, so does this."""
        if self.coverage >= minimum_coverage:
            return self.parts
        return {name: part for name, part in self.parts.items() if name not in FACE_PARTS}


@dataclass(slots=True)
class FaceEvidence:
    """What the face showed in the newest window, relative to the learner's own baseline."""

    coverage: float = 0.0
    unknown: str = NO_CAMERA
    brow: float = 0.0
    mouth: float = 0.0
    negative: float = 0.0
    squint: float = 0.0
    away: float | None = None
    absent: float | None = None
    hidden: float = 0.0

    def as_list(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]


@dataclass(slots=True)
class _Sum:
    """A noisy OR being added up."""

    missing: float = 1.0
    parts: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, amount: float) -> None:
        if amount > 0:
            amount = min(amount, 1.0)
            self.missing *= 1.0 - amount
            self.parts[name] = 1.0 - (1.0 - self.parts.get(name, 0.0)) * (1.0 - amount)

    @property
    def value(self) -> float:
        return 1.0 - self.missing


def compute_face_evidence(
    window: WindowSummary | None, baseline: Baseline, weights: Weights
) -> FaceEvidence:
    """What one window's face says; what it cannot say is unknown, with the reason."""
    if window is None or not (window.processed or window.hidden_ms):
        return FaceEvidence()
    now = FaceEvidence(
        coverage=window.coverage, unknown="", hidden=min(window.hidden_ms / 10_000, 1.0)
    )
    if window.processed >= weights.absence_readings:
        now.absent = window.absence
    if window.coverage < weights.minimum_coverage:
        now.unknown = NOT_ENOUGH_SEEN
        return now
    if not baseline.ready or not window.readings:
        now.unknown = NO_BASELINE
        return now
    attention = baseline.attention(window)
    now.away = None if attention is None else 1.0 - attention
    now.brow = baseline.rise("brow_lowering", window, weights)
    now.mouth = max(baseline.rise(name, window, weights) for name in ("mouth_press", "mouth_frown"))
    now.squint = baseline.rise("eye_squint", window, weights)
    now.negative = baseline.negative_rise(window, weights)
    return now


def frustration(
    face: FaceEvidence, activity: ActivityState, now: float, pace: float, w: Weights
) -> Evidence:
    """Brow and mouth, the rise of negative expressions, and the strain of the interaction."""
    did = _Sum()
    for share in fresh(activity.wrong, now, w):
        did.add("wrong", w.frustration_wrong * share)
    for share in fresh(activity.guesses, now, w):
        did.add("guessing", w.frustration_guessing * share)
    for share in fresh(activity.asked, now, w):
        did.add("asked", w.frustration_asked * share)
    did.add("said_hard", w.frustration_said_hard * activity.says_hard(now, w))
    did.add("dwelling", w.frustration_dwelling * dwelling(activity, now, pace, w))
    did.add("idle", w.frustration_stalled * idleness(activity, now, w))
    signs = {
        "brow": w.frustration_brow * face.brow,
        "mouth": w.frustration_mouth * face.mouth,
        "negative": w.frustration_negative * face.negative,
    }
    return _joined(did, signs, face, face.unknown, activity, now, w)


def confusion(
    face: FaceEvidence, activity: ActivityState, now: float, pace: float, w: Weights
) -> Evidence:
    """Brow and lids, and dwelling on a step."""
    did = _Sum()
    did.add("dwelling", w.confusion_dwelling * dwelling(activity, now, pace, w))
    for share in fresh(activity.wrong, now, w):
        did.add("wrong", w.confusion_wrong * share)
    for share in fresh(activity.asked, now, w):
        did.add("asked", w.confusion_asked * share)
    for share in fresh(activity.revisits, now, w):
        did.add("revisits", w.confusion_revisits * share)
    did.add("said_hard", w.confusion_said_hard * activity.says_hard(now, w))
    signs = {"brow": w.confusion_brow * face.brow, "squint": w.confusion_squint * face.squint}
    return _joined(did, signs, face, face.unknown, activity, now, w)


def disengagement(
    face: FaceEvidence, activity: ActivityState, now: float, pace: float, w: Weights
) -> Evidence:
    """Absence, looking away and idle time. No expression takes part in it."""
    did = _Sum()
    did.add("idle", w.disengagement_idle * idleness(activity, now, w))
    did.add("hidden", w.disengagement_hidden * face.hidden)
    signs: dict[str, float] = {}
    unknown = face.unknown
    if face.absent is not None and face.absent >= w.minimum_coverage:
        # Nobody in most of the pictures is seen well enough: the pictures were looked at.
        signs, unknown = {"absent": face.absent}, ""
        face = FaceEvidence(coverage=1.0, unknown="")
    elif face.away is not None:
        signs, unknown = {"away": face.away}, ""
    return _joined(did, signs, face, unknown, activity, now, w)


def said_hard(
    face: FaceEvidence, activity: ActivityState, now: float, pace: float, w: Weights
) -> Evidence:
    """The learner says so. Nothing else takes part."""
    value = activity.says_hard(now, w) if activity.any else None
    parts = {"said_hard": value} if value else {}
    return Evidence(value, value, None, 0.0, parts, NO_CAMERA)


def dwelling(activity: ActivityState, now: float, pace: float, w: Weights) -> float:
    """How far beyond the usual `pace` (seconds a step) this step takes, 0..1."""
    return _ramp(activity.dwelt(now) / pace, w.dwelling_from, w.dwelling_full) if pace > 0 else 0.0


def idleness(activity: ActivityState, now: float, w: Weights) -> float:
    """How long nothing has been done, 0..1."""
    return _ramp(activity.idle_for(now), w.idle_from_seconds, w.idle_full_seconds)


def _joined(
    did: _Sum,
    signs: dict[str, float],
    face: FaceEvidence,
    unknown: str,
    activity: ActivityState,
    now: float,
    w: Weights,
) -> Evidence:
    """Interaction and face together; the learner's word against both."""
    interaction = did.value if activity.any else None
    strength = None if unknown else min(sum(signs.values()), 1.0)
    coverage = face.coverage if strength is not None else 0.0
    wrong = len(fresh(activity.wrong, now, w))
    if activity.says_fine(now, w):
        return Evidence(0.0, 0.0, 0.0, coverage, {"said_fine": 1.0}, unknown)
    if strength is None:
        return Evidence(interaction, interaction, None, coverage, did.parts, unknown, wrong)
    parts = did.parts | {
        name: w.face_most * amount for name, amount in signs.items() if amount > 0.05
    }
    value = 1.0 - (1.0 - w.face_most * strength) * did.missing
    return Evidence(value, interaction, strength, coverage, parts, wrong=wrong)


def _ramp(value: float, start: float, full: float) -> float:
    return min(1.0, max(0.0, (value - start) / (full - start)))


FORMULAS: Final = {
    "frustration": frustration,
    "confusion": confusion,
    "disengagement": disengagement,
    "said_hard": said_hard,
}
