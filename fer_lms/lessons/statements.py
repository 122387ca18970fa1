"""What of a lesson is told to the institution's learning record store, where it keeps one."""

from collections.abc import Iterable

from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Step
from fer_lms.xapi.actions import StepView, is_on, queue_lesson_opened, queue_steps_viewed
from fer_lms.xapi.statements import Sitting


def to_xapi_session(session: LessonSession) -> Sitting:
    return Sitting(session.pk, session.lesson_id, session.lesson.title)


def send_lesson_opened(participant: Participant) -> None:
    if is_on():
        queue_lesson_opened(user=participant.user, sitting=to_xapi_session(participant.session))


def send_steps_viewed(participant: Participant, events: Iterable[InteractionEvent]) -> None:
    """Of a batch of events those that opened a step."""
    opened = [e for e in events if e.kind == InteractionEvent.Kind.STEP_OPENED and e.step_id]
    if not opened or not is_on():
        return
    titles = dict(
        Step.objects.filter(pk__in={e.step_id for e in opened}).values_list("pk", "title")
    )
    queue_steps_viewed(
        user=participant.user,
        sitting=to_xapi_session(participant.session),
        views=[
            StepView(e.step_id, titles.get(e.step_id, ""), e.occurred_at, e.key)
            for e in opened
            if e.step_id
        ],
    )
