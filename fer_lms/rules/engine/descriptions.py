"""Describe a rule in one sentence, for teachers."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fer_lms.rules.engine.spec import RuleSpec

EVIDENCE_TEXTS: Final[Mapping[str, Callable[[], str]]] = {
    "frustration": lambda: _("signs of frustration"),
    "confusion": lambda: _("signs of confusion"),
    "disengagement": lambda: _("signs of drifting away"),
    "said_hard": lambda: _("the student says that it is hard"),
}
ACTION_TEXTS: Final[Mapping[str, Callable[[], str]]] = {
    "hint": lambda: _("offer the next hint of the step"),
    "break": lambda: _("offer a short break"),
    "easier": lambda: _("offer the easier form of the step"),
    "question": lambda: _("ask whether it is hard right now"),
    "tell_teacher": lambda: _("ask whether the teacher should know"),
}


def describe_rule(spec: RuleSpec) -> str:
    """Return the sentence for a rule in the active language."""
    values = {
        "signs": EVIDENCE_TEXTS[spec.evidence](),
        "seconds": spec.held_windows * 10,
        "where": _describe_steps(spec),
        "offer": ACTION_TEXTS[spec.action](),
        "minutes": _format_minutes(spec.cooldown_seconds),
        "times": ngettext("once", "%(n)s times", spec.max_per_lesson) % {"n": spec.max_per_lesson},
    }
    if spec.evidence == "said_hard" and spec.held_windows == 0:
        text = _("When %(signs)s %(where)s, %(offer)s at once; ")
    elif spec.evidence == "said_hard":
        text = _("When %(signs)s %(where)s, %(offer)s after %(seconds)s s; ")
    elif spec.held_windows == 0:
        text = _("At %(signs)s %(where)s, %(offer)s at once; ")
    else:
        text = _("When %(signs)s last %(seconds)s s %(where)s, %(offer)s; ")
    return (text + _("then wait %(minutes)s, at most %(times)s a lesson.")) % values


def _describe_steps(spec: RuleSpec) -> str:
    if not spec.steps:
        return _("in any step")
    return ngettext("in one step", "in %(n)s of the steps", len(spec.steps)) % {
        "n": len(spec.steps)
    }


def _format_minutes(seconds: int) -> str:
    minutes = round(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
