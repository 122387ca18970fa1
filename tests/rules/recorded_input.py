"""Store windows and events of a learner, and run live evaluation over them."""

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


def at_second(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def add_window(
    learner: Participant,
    number: int,
    signs: dict[str, float] = CALM,
    *,
    label: str = "neutral",
    seen_seconds: int = 10,
    **fields: Any,
) -> ObservationWindow:
    """Store the closed window `number` after noon, with these signs in all of its frames."""
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


def add_event(learner: Participant, second: float, kind: str, **fields: Any) -> InteractionEvent:
    step = fields.pop("step", learner.session.lesson.steps.first())
    return InteractionEvent.objects.create(
        participant=learner, kind=kind, step=step, occurred_at=at_second(second), **fields
    )


def evaluate_until(seconds: float, *, every: float = 10.0, since: float = 0.0) -> None:
    """Run live evaluation at intervals, from `since` until `seconds` after noon."""
    second = since
    while second <= seconds:
        evaluate_due(until=at_second(second))
        second += every


def list_hints(learner: Participant) -> list[Hint]:
    return list(Hint.objects.filter(participant=learner))


def get_consent(learner: Participant) -> Consent:
    return Consent.objects.get(participant=learner)


def stuck(learner: Participant, *, windows: int = 24) -> None:
    """Calm for a minute, then wrong answers and a tense face."""
    add_event(learner, 1, "step_opened")
    for number in range(windows):
        is_tense = number >= 6
        add_window(
            learner, number, TENSE if is_tense else CALM, label="anger" if is_tense else "neutral"
        )
    fail(learner)


def fail(learner: Participant) -> None:
    """Answer wrong four times within two minutes, and nothing right."""
    for second in (60, 90, 110, 130):
        add_event(learner, second, "answered", value="wrong")
