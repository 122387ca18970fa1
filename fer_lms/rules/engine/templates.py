"""Predefined rules. Teachers start from them in the rule editor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from fer_lms.rules.engine.spec import RuleSpec


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    title: Callable[[], str]
    spec: RuleSpec
    everywhere: bool = False
    """Installed by a migration, and active in every lesson until it is switched off."""


TEMPLATES: Final[Mapping[str, RuleTemplate]] = {
    "says_hard": RuleTemplate(
        lambda: _("Help when somebody says that it is hard"),
        RuleSpec(
            evidence="said_hard",
            threshold=0.5,
            release=0.2,
            needs_other_source=False,
            quiet_start_seconds=0,
        ),
        everywhere=True,
    ),
    "stuck": RuleTemplate(
        lambda: _("A hint when signs of frustration last"), RuleSpec(), everywhere=True
    ),
    "puzzled": RuleTemplate(
        lambda: _("Ask whether it is hard when signs of confusion last"),
        RuleSpec(evidence="confusion", action="question"),
    ),
    "drifting": RuleTemplate(
        lambda: _("Offer a short break when somebody drifts away"),
        RuleSpec(
            evidence="disengagement",
            threshold=0.5,
            release=0.35,
            over_windows=2,
            of_windows=3,
            held_windows=6,
            action="break",
        ),
    ),
    "easier": RuleTemplate(
        lambda: _("Offer the easier form when signs of frustration last"),
        RuleSpec(held_windows=3, action="easier"),
    ),
    "tell_teacher": RuleTemplate(
        lambda: _("Ask whether the teacher should know"),
        RuleSpec(held_windows=12, action="tell_teacher", max_per_lesson=1),
    ),
}
