"""One version of a rule as plain values: condition, timing and action, and their validation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

EVIDENCE: Final = ("frustration", "confusion", "disengagement", "said_hard")
"""Kinds of evidence (fer_lms.engagement.evidence), each 0..1 or unknown."""
ACTIONS: Final = ("hint", "break", "easier", "question", "tell_teacher")

COOLDOWN_SECONDS: Final = 300
MAX_PER_LESSON: Final = 4
"""Hard limits over all rules of a learner's lesson: a rule may only fire less often."""
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
"""Minimum and maximum of each number; the rule editor's sliders use them too."""
MAX_LIST_ITEMS: Final = 200
MAX_TEXT_CHARACTERS: Final = 500
MAX_LESSON_MINUTES: Final = 600


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """Content of one version of a rule; field names are those of the REST document.

    By default: signs of frustration above the threshold, at a window's close or an interaction. The
    evidence itself takes a minute or two to build up, so that nothing has to last on top of it.
    """

    evidence: str = "frustration"
    threshold: float = 0.66
    """Probability of being stuck, 0..1; for disengagement, its strength."""
    release: float = 0.46
    """Hysteresis: after firing, the learner counts as still stuck until the evidence falls below
    this level, and the next firing comes after the cooldown."""
    over_windows: int = 1
    of_windows: int = 1
    """At least `over_windows` of the last `of_windows` known windows must exceed the threshold."""
    held_windows: int = 0
    """Consecutive windows for which the condition must hold; 0: fire at once, at interactions
    too."""
    minimum_coverage: float = 0.5
    """Share of a window in which the face must be seen; otherwise it is ignored."""
    needs_other_source: bool = True
    """Require evidence besides the face."""
    face_only: bool = False
    """Ignore interactions. For comparison in `measure_rules`; never valid for a stored rule."""
    steps: tuple[int, ...] = ()
    """Ids of the steps it applies to; empty: all."""
    learners: tuple[int, ...] = ()
    """User ids it applies to; empty, with no groups: all."""
    groups: tuple[int, ...] = ()
    cooldown_seconds: int = COOLDOWN_SECONDS
    max_per_lesson: int = MAX_PER_LESSON
    quiet_start_seconds: int = 60
    quiet_steps: tuple[int, ...] = ()
    """Ids of steps without hints, such as a test."""
    quiet_minutes: tuple[tuple[int, int], ...] = ()
    """Spans (from, until) without hints, in minutes since the start of the session."""
    action: str = "hint"
    text: str = ""
    """The teacher's wording; empty: the hint of the step, or the default text."""


@dataclass(frozen=True, slots=True)
class SpecError:
    """An invalid field of a rule, and what is wrong with it."""

    field: str
    message: str


def validate_spec(spec: RuleSpec) -> list[SpecError]:
    """Return every error of a rule; empty for a valid one."""
    return list(_check_values(spec)) or list(_check_consistency(spec))


def _check_values(spec: RuleSpec) -> Iterator[SpecError]:
    if spec.evidence not in EVIDENCE:
        yield SpecError("evidence", _("Unknown kind of evidence."))
    if spec.action not in ACTIONS:
        yield SpecError("action", _("Unknown action."))
    for name, (low, high) in LIMITS.items():
        value = getattr(spec, name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # Not `value < low or value > high`: a NaN must be refused.
        if not (is_number and low <= value <= high):
            message = _("Enter a number between %(low)s and %(high)s.")
            yield SpecError(name, message % {"low": low, "high": high})


def _check_consistency(spec: RuleSpec) -> Iterator[SpecError]:
    if spec.release > spec.threshold:
        yield SpecError("release", _("The release level must not be above the threshold."))
    if spec.over_windows > spec.of_windows:
        message = _("This cannot be more than the number of windows that are considered.")
        yield SpecError("over_windows", message)
    if spec.face_only:
        yield SpecError("face_only", _("A rule needs more than the face."))
    if not spec.needs_other_source and spec.evidence != "said_hard":
        message = _("Signs in the face are not enough: require something that was done as well.")
        yield SpecError("needs_other_source", message)
    if len(spec.text) > MAX_TEXT_CHARACTERS:
        message = _("Enter at most %(most)s characters.") % {"most": MAX_TEXT_CHARACTERS}
        yield SpecError("text", message)
    for name in ("steps", "learners", "groups", "quiet_steps", "quiet_minutes"):
        if len(getattr(spec, name)) > MAX_LIST_ITEMS:
            yield SpecError(name, _("Too many entries."))
    if not all(0 <= start < end <= MAX_LESSON_MINUTES for start, end in spec.quiet_minutes):
        yield SpecError("quiet_minutes", _("Quiet minutes must end after they begin."))
    if spec.steps and set(spec.steps) <= set(spec.quiet_steps):
        message = _("The rule would be quiet in every step that it applies to.")
        yield SpecError("quiet_steps", message)


def parse_spec(values: dict[str, Any]) -> RuleSpec:
    """Build a spec from stored or received values; lists become tuples, missing fields defaults."""
    known = {name: values[name] for name in RuleSpec.__dataclass_fields__ if name in values}
    for name in ("steps", "learners", "groups", "quiet_steps"):
        known[name] = tuple(known.get(name, ()))
    spans = known.get("quiet_minutes", ())
    known["quiet_minutes"] = tuple((start, end) for start, end in spans)
    return RuleSpec(**known)
