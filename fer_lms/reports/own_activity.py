"""What one learner did in a session, for their own page and a person they share it with."""

from dataclasses import dataclass
from datetime import datetime

from fer_lms.lessons.models import InteractionEvent, Participant
from fer_lms.rules.models import Hint

SHOWN_KINDS = ("step_opened", "answered", "self_report", "hint_asked")
HINT = "hint"


@dataclass(frozen=True, slots=True)
class OwnAction:
    """One action, or a hint that was shown.

    Attributes:
        at: When.
        kind: A kind of `InteractionEvent`, or `hint`.
        step: Title of the step; "" for none.
        value: Whether an answer was right, or how hard the learner called the step.
        text: Title of the hint.
    """

    at: datetime
    kind: str
    step: str
    value: str = ""
    text: str = ""


def list_own_actions(participant: Participant) -> list[OwnAction]:
    """Return the learner's actions and hints in time order."""
    events = InteractionEvent.objects.filter(participant=participant, kind__in=SHOWN_KINDS)
    hints = Hint.objects.filter(participant=participant, state=Hint.State.SHOWN)
    actions = [
        OwnAction(
            event.occurred_at, event.kind, event.step.title if event.step else "", event.value
        )
        for event in events.select_related("step")
    ]
    actions += [
        OwnAction(
            hint.shown_at or hint.fired_at,
            HINT,
            hint.step.title if hint.step else "",
            text=hint.title,
        )
        for hint in hints.select_related("step")
    ]
    return sorted(actions, key=lambda action: action.at)
