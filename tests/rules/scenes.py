"""A learner's sitting written down as it would have been stored, and the rules let loose on it."""

from datetime import datetime, timedelta
from typing import Any

from fer_lms.consent.models import Consent
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.lessons.models import InteractionEvent, Participant
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import Hint
from inference.results import LABELS
from tests.factories import NOON, make_window

CALM = {"brow_lowering": 0.1, "mouth_press": 0.05, "eye_openness": 0.3, "pitch": -8.0}
TENSE = CALM | {"brow_lowering": 0.6, "mouth_press": 0.5}
FRAMES = 20


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seen(
    learner: Participant,
    number: int,
    signs: dict[str, float] = CALM,
    *,
    label: str = "neutral",
    seen_seconds: int = 10,
    **fields: Any,
) -> ObservationWindow:
    """The `number`th ten seconds after noon, closed, with this face in all of its frames."""
    means = [signs.get(name, 0.0) for name in SIGN_NAMES]
    sums: dict[str, Any] = {
        "processed": FRAMES,
        "accepted": FRAMES,
        "scored": FRAMES,
        "no_face": 0,
        "score_sums": [FRAMES * SCALE if name == label else 0 for name in LABELS],
        "sign_count": FRAMES,
        "sign_sums": [round(mean * SCALE) * FRAMES for mean in means],
        "sign_square_sums": [round(mean * SCALE) ** 2 * FRAMES for mean in means],
    }
    return make_window(learner, number=number, seen_seconds=seen_seconds, **(sums | fields))


def did(learner: Participant, second: float, kind: str, **fields: Any) -> InteractionEvent:
    step = fields.pop("step", learner.session.lesson.steps.first())
    return InteractionEvent.objects.create(
        participant=learner, kind=kind, step=step, occurred_at=after(second), **fields
    )


def let_pass(seconds: float, *, every: float = 10.0, since: float = 0.0) -> None:
    """The rules are evaluated every so many seconds, as live, up to so long after noon."""
    event = since
    while event <= seconds:
        evaluate_due(until=after(event))
        event += every


def hints(learner: Participant) -> list[Hint]:
    return list(Hint.objects.filter(participant=learner))


def consent_of(learner: Participant) -> Consent:
    return Consent.objects.get(participant=learner)
