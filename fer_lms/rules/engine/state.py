"""Evaluation state and effective settings of one learner: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fer_lms.engagement.activity import ActivityState
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import FaceEvidence
from fer_lms.engagement.usual_face import UsualFace
from fer_lms.engagement.weights import DEFAULT_WEIGHTS, Weights
from fer_lms.rules.engine.matching import RuleProgress, Verdict
from fer_lms.rules.engine.spec import RuleSpec


@dataclass(frozen=True, slots=True)
class ActiveRule:
    rule_id: int
    version_id: int
    spec: RuleSpec


@dataclass(frozen=True, slots=True)
class EffectiveSettings:
    """Permissions, rules, switches and preferences that apply to one learner at one time."""

    rules: tuple[ActiveRule, ...] = ()
    """By precedence: an earlier rule fires first."""
    disabled_rules: frozenset[int] = frozenset()
    is_disabled: bool = False
    """All hints are switched off."""
    face_epoch: int | None = None
    """Consent epoch of usable face evidence; None if face evidence is not permitted."""
    uses_face: bool = True
    """False where the learner's profile excludes facial expressions."""
    is_muted: bool = False
    """The learner has snoozed or muted hints."""
    threshold_shifts: Mapping[str, float] = field(default_factory=dict)
    """The learner's preference, added to thresholds by kind of evidence."""
    step_seconds: float = 0.0
    """Expected time on a step; 0 where it is not known."""
    error_rates: Mapping[int, float] = field(default_factory=dict)
    """Expected share of wrong answers by step, from earlier sessions; only where it is known."""
    session_started_at: float = 0.0
    """Seconds since the Unix epoch."""
    learner_id: int = 0
    group_ids: frozenset[int] = frozenset()
    weights: Weights = DEFAULT_WEIGHTS

    @property
    def evidence_kinds(self) -> frozenset[str]:
        return frozenset(rule.spec.evidence for rule in self.rules)

    def without_face(self) -> "EffectiveSettings":
        """Return these settings where no face may be used as evidence."""
        return replace(self, face_epoch=None, uses_face=False)


@dataclass(slots=True)
class EvaluationState:
    """State of the evaluation between two events. Times are Unix seconds."""

    cursor: float
    """Everything up to here is evaluated."""
    active_until: float
    """Without a further event, no window is evaluated after this time."""
    activity: ActivityState = field(default_factory=ActivityState)
    face: FaceEvidence = field(default_factory=FaceEvidence)
    baseline: Baseline | None = None
    usual_face: UsualFace | None = None
    baseline_reset_at: float = 0.0
    """Windows that started earlier are not part of the next baseline."""
    face_epoch: int | None = None
    progress: dict[int, RuleProgress] = field(default_factory=dict)
    """By rule."""
    rule_versions: dict[int, int] = field(default_factory=dict)
    """Version of each rule to which its progress belongs."""
    verdicts: dict[int, tuple[float, Verdict]] = field(default_factory=dict)
    """Time and content of the last verdict of each rule."""
    hint_count: int = 0
    last_hint_at: float | None = None
    hint_requested_at: float | None = None
    cooldown_factor: float = 1.0
    threshold_shifts: dict[str, float] = field(default_factory=dict)
    """Learned from answers in this session, by kind of evidence."""
    verdict_log: list[tuple[float, int, Verdict]] | None = None
    """Collects (time, rule, verdict) for previews. Never stored."""

    def erase_face(self) -> None:
        """Remove everything derived from the face; consent or policy no longer permit it."""
        self.face = FaceEvidence()
        self.baseline = None
        self.usual_face = None
        self.verdicts = {}
        self.progress = {rule: progress.restart() for rule, progress in self.progress.items()}
