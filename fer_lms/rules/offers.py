"""What is offered when a rule speaks: the next rung of the step's ladder, or our own words.

The words blame the material, never the learner; nothing is praised, nothing is urged.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fer_lms.lessons.models import HintForm, LearnerProfile, Step, StepHint
from fer_lms.rules.models import Hint


@dataclass(frozen=True, slots=True)
class Offer:
    kind: str
    title: str
    body: str
    rung: int | None = None
    symbol: str = ""
    form: str = ""


def build_offer(
    action: str, *, text: str, step: Step | None, shown: Collection[int], profile: LearnerProfile
) -> Offer:
    """What to say; `shown`: the rungs of the step's ladder that this learner has seen."""
    match action:
        case "break":
            words = _("You have been at this for a while. Would a short break be good?")
            return Offer(Hint.Kind.BREAK, _("A short break?"), text or words)
        case "question":
            words = _("Some find this step hard to read. Is it hard right now?")
            return Offer(Hint.Kind.QUESTION, _("How is this step?"), text or words)
        case "tell_teacher":
            words = _("Your teacher may know another way to explain this. Shall I tell them?")
            return Offer(Hint.Kind.TELL_TEACHER, _("Shall I tell your teacher?"), text or words)
        case "easier" if step is not None and step.easy_body:
            words = _("This step also exists in an easier form. You can switch at any time.")
            return Offer(Hint.Kind.EASIER, _("There is an easier form"), text or words)
    rung = get_next_level(step, shown)
    if rung is None or text:
        return Offer(Hint.Kind.HINT, _("Something that may help"), text or get_fallback_text())
    return build_level_offer(rung, profile)


def build_level_offer(rung: StepHint, profile: LearnerProfile) -> Offer:
    """One rung in the form that this learner likes."""
    easy = profile.reading_level == LearnerProfile.ReadingLevel.EASY
    form = profile.hint_form
    if easy and form == HintForm.TEXT:
        form = HintForm.SIMPLE_TEXT
    return Offer(
        Hint.Kind.HINT,
        StepHint.Level(rung.level).label.capitalize(),
        rung.get_text_in_form(form),
        rung=rung.level,
        symbol=rung.symbol,
        form=form,
    )


def get_next_level(step: Step | None, shown: Collection[int]) -> StepHint | None:
    """The first rung not shown yet; after the last one, the last one again."""
    if step is None:
        return None
    ladder = list(step.hints.all())
    return next(
        (hint for hint in ladder if hint.level not in shown), ladder[-1] if ladder else None
    )


def get_fallback_text() -> str:
    return _("This part is not easy to explain. Reading it once more, slowly, or asking can help.")
