"""Evaluation state and effective settings of one learner: plain values, stored as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fer_lms.engagement.activity import ActivityState
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import FaceEvidence
from fer_lms.engagement.weights import DEFAULT_WEIGHTS, Weights
from fer_lms.rules.engine.matching import RuleProgress, Verdict
from fer_lms.rules.engine.spec import RuleSpec

STATE_FORMAT = 1
"""Version of the stored JSON. A state of another version is computed again."""
STATE_KEYS = {
    "cursor": "cursor",
    "active_until": "active_until",
    "begun_anew_at": "baseline_reset_at",
    "epoch": "face_epoch",
    "hints_given": "hint_count",
    "last_hint_at": "last_hint_at",
    "asked_at": "hint_requested_at",
    "cooldown_factor": "cooldown_factor",
    "shifts": "threshold_shifts",
}
"""Attributes of `EvaluationState` by JSON key, which is fixed since release 0.1.0."""


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
        self.verdicts = {}
        self.progress = {rule: progress.restart() for rule, progress in self.progress.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "format": STATE_FORMAT,
            **{key: getattr(self, name) for key, name in STATE_KEYS.items()},
            "doings": self.activity.to_list(),
            "face": self.face.to_list(),
            "baseline": self.baseline.to_list() if self.baseline else None,
            "runs": {str(rule): progress.to_list() for rule, progress in self.progress.items()},
            "versions": {str(rule): version for rule, version in self.rule_versions.items()},
            "verdicts": {
                str(rule): [at, *verdict.to_list()] for rule, (at, verdict) in self.verdicts.items()
            },
        }


def parse_state(body: Mapping[str, Any]) -> EvaluationState:
    """Build the state from its stored form.

    Raises:
        KeyError: The state is empty or of another format.
    """
    if body.get("format") != STATE_FORMAT:
        raise KeyError("format")
    body = {"begun_anew_at": 0.0} | dict(body)
    return EvaluationState(
        **{name: body[key] for key, name in STATE_KEYS.items()},
        activity=ActivityState(*body["doings"]),
        face=FaceEvidence(*body["face"]),
        baseline=Baseline(*body["baseline"]) if body["baseline"] else None,
        progress={
            int(rule): RuleProgress(tuple(flags), *rest)
            for rule, (flags, *rest) in body["runs"].items()
        },
        rule_versions={int(rule): version for rule, version in body.get("versions", {}).items()},
        verdicts={
            int(rule): (at, Verdict(*rest)) for rule, (at, *rest) in body["verdicts"].items()
        },
    )
