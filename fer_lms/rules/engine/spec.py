"""What a rule says, as plain values: condition, pace and action, and what is no rule at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

EVIDENCE: Final = ("frustration", "confusion", "disengagement", "said_hard")
"""What a rule may ask for; each is a number 0..1 or unknown (fer_lms.engagement.evidence)."""
ACTIONS: Final = ("hint", "break", "easier", "question", "tell_teacher")

COOLDOWN_SECONDS: Final = 300
MAX_PER_LESSON: Final = 4
"""Hard caps over all rules of a learner's lesson: a rule may wait longer and speak less often,
never the other way round."""
LIMITS: Final[dict[str, tuple[float, float]]] = {
    "threshold": (0.2, 0.95),
    "release": (0.05, 0.95),
    "over_windows": (1, 6),
    "of_windows": (1, 6),
    "held_windows": (0, 30),
    "minimum_coverage": (0.5, 1.0),
    "cooldown_seconds": (COOLDOWN_SECONDS, 3600),
    "max_per_lesson": (1, MAX_PER_LESSON),
    "quiet_start_seconds": (0, 1800),
}
"""Smallest and largest value of each number; sliders end where these end."""
MOST_LISTED: Final = 200
LONGEST_LESSON_MINUTES: Final = 600


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One version of a rule. The defaults are the project's: signs of frustration over the
    threshold in 2 of the last 3 seen windows, held for 5 windows of ten seconds."""

    evidence: str = "frustration"
    threshold: float = 0.5
    release: float = 0.35
    """Hysteresis: having spoken, the rule waits until the evidence was below this once."""
    over_windows: int = 2
    of_windows: int = 3
    held_windows: int = 5
    """For how many closed windows it must hold; 0: at once, at an interaction too."""
    minimum_coverage: float = 0.5
    needs_other_source: bool = True
    """Something besides the face must speak as well."""
    face_only: bool = False
    """For comparison in figures and previews only; no rule that is stored may say so."""
    steps: tuple[int, ...] = ()
    """Ids of the steps it holds in; empty: all."""
    learners: tuple[int, ...] = ()
    """People it holds for; empty, and no groups: all."""
    groups: tuple[int, ...] = ()
    cooldown_seconds: int = COOLDOWN_SECONDS
    max_per_lesson: int = MAX_PER_LESSON
    quiet_start_seconds: int = 60
    quiet_steps: tuple[int, ...] = ()
    """Ids of steps in which nothing is said, such as a test."""
    quiet_minutes: tuple[tuple[int, int], ...] = ()
    """Minutes of the sitting, from and until, in which nothing is said."""
    action: str = "hint"
    text: str = ""
    """The teacher's own words; empty: the ladder's, or ours."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a rule, in words, and the field it is wrong in."""

    name: str
    words: str


@dataclass(slots=True)
class _Checks:
    spec: RuleSpec
    problems: list[Problem] = field(default_factory=list)

    def need(self, holds: bool, name: str, words: str) -> None:
        if not holds:
            self.problems.append(Problem(name, words))

    def number(self, name: str, low: float, high: float) -> None:
        value = getattr(self.spec, name)
        # A NaN compares false with everything, and is refused by that.
        self.need(
            isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high,
            name,
            _("Between %(low)s and %(high)s, please.") % {"low": low, "high": high},
        )


def validate_spec(spec: RuleSpec) -> list[Problem]:
    """Everything that is impossible about a rule; empty for a rule that can be used."""
    checks = _Checks(spec)
    checks.need(spec.evidence in EVIDENCE, "evidence", _("There is no such sign."))
    checks.need(spec.action in ACTIONS, "action", _("There is no such help."))
    for name, (low, high) in LIMITS.items():
        checks.number(name, low, high)
    if checks.problems:
        return checks.problems
    checks.need(
        spec.release <= spec.threshold,
        "release",
        _("It must calm down below the threshold, not above it."),
    )
    checks.need(
        spec.over_windows <= spec.of_windows,
        "over_windows",
        _("More windows cannot be over the threshold than are looked at."),
    )
    checks.need(not spec.face_only, "face_only", _("A face alone is too little to act on."))
    checks.need(
        spec.needs_other_source or spec.evidence == "said_hard",
        "needs_other_source",
        _("Something besides the face must speak as well."),
    )
    checks.need(len(spec.text) <= 500, "text", _("At most 500 characters, please."))
    _check_lists(checks)
    return checks.problems


def _check_lists(checks: _Checks) -> None:
    spec = checks.spec
    for name in ("steps", "learners", "groups", "quiet_steps", "quiet_minutes"):
        checks.need(len(getattr(spec, name)) <= MOST_LISTED, name, _("Too many."))
    checks.need(
        all(0 <= start < end <= LONGEST_LESSON_MINUTES for start, end in spec.quiet_minutes),
        "quiet_minutes",
        _("Quiet minutes must end after they create_state."),
    )
    checks.need(
        not spec.steps or not set(spec.steps) <= set(spec.quiet_steps),
        "quiet_steps",
        _("The rule would be quiet in every step that it holds in."),
    )


def parse_spec(values: dict[str, Any]) -> RuleSpec:
    """A spec from stored or sent values; lists become tuples, what is left out is the default."""
    known = {name: values[name] for name in RuleSpec.__dataclass_fields__ if name in values}
    for name in ("steps", "learners", "groups", "quiet_steps"):
        known[name] = tuple(known.get(name, ()))
    known["quiet_minutes"] = tuple(_pair(span) for span in known.get("quiet_minutes", ()))
    return RuleSpec(**known)


def _pair(span: Sequence[int]) -> tuple[int, int]:
    start, end = span
    return start, end
