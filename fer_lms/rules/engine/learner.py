"""Where the rules stand with one learner, and what holds for them. Plain values, kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fer_lms.engagement.activity import ActivityState
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import FaceEvidence
from fer_lms.engagement.weights import DEFAULT, Weights
from fer_lms.rules.engine.matching import RuleProgress, Verdict
from fer_lms.rules.engine.spec import RuleSpec

FORMAT = 1
"""Of the stored state. Another one is made again from what is stored."""


@dataclass(frozen=True, slots=True)
class ActiveRule:
    rule: int
    version: int
    spec: RuleSpec


@dataclass(frozen=True, slots=True)
class EffectiveSettings:
    """What holds for one learner's rules now: permissions, rules, switches, wishes."""

    rules: tuple[ActiveRule, ...] = ()
    """In the order in which they may speak."""
    off: frozenset[int] = frozenset()
    all_off: bool = False
    epoch: int | None = None
    """The consent epoch whose face evidence may be used; None: none may."""
    face_fits: bool = True
    muted: bool = False
    shifts: Mapping[str, float] = field(default_factory=dict)
    pace: float = 0.0
    """Seconds that the teacher gave each step."""
    started: float = 0.0
    learner: int = 0
    groups: frozenset[int] = frozenset()
    weights: Weights = DEFAULT

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of evidence that these rules ask for."""
        return frozenset(active.spec.evidence for active in self.rules)


@dataclass(slots=True)
class EvaluationState:
    """Everything that evaluation carries from one event to the next."""

    cursor: float
    """Seconds since the Unix epoch: everything up to here has been taken in."""
    active_until: float
    activity: ActivityState = field(default_factory=ActivityState)
    face: FaceEvidence = field(default_factory=FaceEvidence)
    baseline: Baseline | None = None
    begun_anew_at: float = 0.0
    """No window that began before makes a baseline: the learner asked for a new one."""
    epoch: int | None = None
    runs: dict[int, RuleProgress] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    """Of each rule the version that its run was gathered under."""
    verdicts: dict[int, tuple[float, Verdict]] = field(default_factory=dict)
    """Of each rule the last one, and when: why it spoke, or why it is silent."""
    hints_given: int = 0
    last_hint_at: float | None = None
    asked_at: float | None = None
    """When the learner last asked for a hint."""
    cooldown_factor: float = 1.0
    shifts: dict[str, float] = field(default_factory=dict)
    """Learnt from answers in this sitting."""
    heard: list[tuple[float, int, Verdict]] | None = None
    """Where somebody listens (previews): every verdict at every event. Never stored."""

    def forget_face(self) -> None:
        """Consent or policy no longer allow what was seen: nothing of it stays."""
        self.face = FaceEvidence()
        self.baseline = None
        self.verdicts = {}
        self.runs = {
            rule: RuleProgress((), 0, 0, run.spoken, run.fired) for rule, run in self.runs.items()
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "cursor": self.cursor,
            "active_until": self.active_until,
            "doings": self.activity.as_list(),
            "face": self.face.as_list(),
            "baseline": self.baseline.as_list() if self.baseline else None,
            "begun_anew_at": self.begun_anew_at,
            "epoch": self.epoch,
            "runs": {str(rule): run.as_list() for rule, run in self.runs.items()},
            "versions": {str(rule): version for rule, version in self.versions.items()},
            "verdicts": {str(rule): _stored(*said) for rule, said in self.verdicts.items()},
            "hints_given": self.hints_given,
            "last_hint_at": self.last_hint_at,
            "asked_at": self.asked_at,
            "cooldown_factor": self.cooldown_factor,
            "shifts": self.shifts,
        }


def parse_state(body: Mapping[str, Any]) -> EvaluationState:
    """A state as it was stored. Raises KeyError for another format."""
    if body.get("format") != FORMAT:
        raise KeyError("format")
    return EvaluationState(
        cursor=body["cursor"],
        active_until=body["active_until"],
        activity=ActivityState(*body["doings"]),
        face=FaceEvidence(*body["face"]),
        baseline=Baseline(*body["baseline"]) if body["baseline"] else None,
        begun_anew_at=body.get("begun_anew_at", 0.0),
        epoch=body["epoch"],
        runs={int(rule): _run(run) for rule, run in body["runs"].items()},
        versions={int(rule): each for rule, each in body.get("versions", {}).items()},
        verdicts={int(rule): _verdict(said) for rule, said in body["verdicts"].items()},
        hints_given=body["hints_given"],
        last_hint_at=body["last_hint_at"],
        asked_at=body["asked_at"],
        cooldown_factor=body["cooldown_factor"],
        shifts=dict(body["shifts"]),
    )


def _run(stored: list[Any]) -> RuleProgress:
    flags, *rest = stored
    return RuleProgress(tuple(flags), *rest)


def _stored(at: float, verdict: Verdict) -> list[Any]:
    return [at, *(getattr(verdict, name) for name in verdict.__slots__)]


def _verdict(stored: list[Any]) -> tuple[float, Verdict]:
    at, *rest = stored
    return at, Verdict(*rest)
