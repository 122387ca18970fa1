"""Describe a rule in sentences, for teachers.

Each sentence is whole: glued parts have the wrong case and order in other languages.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fer_lms.rules.engine.spec import RuleSpec

AT_ONCE: Final[Mapping[str, Callable[[], str]]] = {
    "frustration": lambda: _("It starts at signs of frustration."),
    "confusion": lambda: _("It starts at signs of confusion."),
    "disengagement": lambda: _("It starts at signs of drifting away."),
    "said_hard": lambda: _("It starts when the student says that it is hard."),
}
LASTING: Final[Mapping[str, Callable[[], str]]] = {
    "frustration": lambda: _("It starts when signs of frustration last %(seconds)s s."),
    "confusion": lambda: _("It starts when signs of confusion last %(seconds)s s."),
    "disengagement": lambda: _("It starts when signs of drifting away last %(seconds)s s."),
    "said_hard": lambda: _("It starts %(seconds)s s after the student says that it is hard."),
}
OFFERS: Final[Mapping[str, Callable[[], str]]] = {
    "hint": lambda: _("It offers the next hint of the step."),
    "break": lambda: _("It offers a short break."),
    "easier": lambda: _("It offers the easier form of the step."),
    "question": lambda: _("It asks whether it is hard right now."),
    "tell_teacher": lambda: _("It asks whether the teacher should know."),
}


def describe_rule(spec: RuleSpec) -> str:
    """Return the sentences for a rule in the active language."""
    starts = (LASTING if spec.held_windows else AT_ONCE)[spec.evidence]()
    minutes = round(spec.cooldown_seconds / 60)
    sentences = [
        starts % {"seconds": spec.held_windows * 10},
        OFFERS[spec.action](),
        _describe_steps(spec),
        ngettext("Then it waits %(n)s minute.", "Then it waits %(n)s minutes.", minutes)
        % {"n": minutes},
        ngettext("At most once a lesson.", "At most %(n)s times a lesson.", spec.max_per_lesson)
        % {"n": spec.max_per_lesson},
    ]
    return " ".join(sentences)


def _describe_steps(spec: RuleSpec) -> str:
    if not spec.steps:
        return _("In any step.")
    count = len(spec.steps)
    return ngettext("In one step.", "In %(n)s steps.", count) % {"n": count}
