"""Choose the content of a hint: the next level of the step's hints, or a default text.

The texts attribute difficulty to the material, never to the learner; they neither praise nor urge.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from fer_lms.lessons.models import HintForm, LearnerProfile, Step, StepHint
from fer_lms.rules.models import Hint


@dataclass(frozen=True, slots=True)
class Offer:
    """Content of a hint."""

    kind: str
    title: str
    body: str
    level: int | None = None
    """Hint level of the step."""
    symbol: str = ""
    form: str = ""

    def to_fields(self) -> dict[str, Any]:
        return asdict(self)


def build_offer(
    action: str, *, text: str, step: Step | None, shown: Collection[int], profile: LearnerProfile
) -> Offer:
    """Return what a rule offers.

    Args:
        action: Of the rule.
        text: The teacher's wording; empty for the default.
        shown: Hint levels of the step that this learner has seen.
    """
    match action:
        case "break":
            default = _("You have been at this for a while. Would a short break be good?")
            return Offer(Hint.Kind.BREAK, _("A short break?"), text or default)
        case "question":
            default = _("Some find this step hard to read. Is it hard right now?")
            return Offer(Hint.Kind.QUESTION, _("How is this step?"), text or default)
        case "tell_teacher":
            default = _("Your teacher may know another way to explain this. Shall I tell them?")
            return Offer(Hint.Kind.TELL_TEACHER, _("Shall I tell your teacher?"), text or default)
        case "easier" if step is not None and step.easy_body:
            default = _("This step also has an easy version. You can switch at any time.")
            return Offer(Hint.Kind.EASIER, _("There is an easy version"), text or default)
    if text:
        return Offer(Hint.Kind.HINT, _("Something that may help"), text)
    return build_step_offer(step, shown, profile) or Offer(
        Hint.Kind.HINT, _("Something that may help"), get_fallback_text()
    )


def is_teacher_next(
    action: str, *, step: Step | None, shown: Collection[int], level: int, can_ask: bool
) -> bool:
    """Return whether, instead of a further hint, to ask whether the teacher should know.

    Args:
        action: Of the rule.
        shown: Hint levels of the step that this learner has seen.
        level: 1 for the first hint of the rule on this step.
        can_ask: The learner was not asked in this lesson yet.
    """
    levels = {hint.level for hint in step.hints.all()} if step else set()
    return action == "hint" and can_ask and level > 1 and levels <= set(shown)


def build_step_offer(
    step: Step | None, shown: Collection[int], profile: LearnerProfile
) -> Offer | None:
    """Return the next hint level of a step in the learner's preferred form.

    After the last level, the last one is offered again. None where the step has no hints.
    """
    levels = list(step.hints.all()) if step else []
    if not levels:
        return None
    level = next((level for level in levels if level.level not in shown), levels[-1])
    form = profile.hint_form
    if profile.reading_level == LearnerProfile.ReadingLevel.EASY and form == HintForm.TEXT:
        form = HintForm.SIMPLE_TEXT
    return Offer(
        Hint.Kind.HINT,
        _get_level_title(StepHint.Level(level.level)),
        level.get_text_in_form(form),
        level=level.level,
        symbol=level.symbol,
        form=form,
    )


def _get_level_title(level: StepHint.Level) -> str:
    if level is StepHint.Level.NUDGE:
        return _("A small hint")
    return str(level.label).capitalize()


def get_fallback_text() -> str:
    return _("This part is not easy to explain. Reading it once more, slowly, or asking can help.")
