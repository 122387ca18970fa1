"""xAPI statements about lessons for the institution's learning record store, where configured."""

from collections.abc import Iterable

from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Step
from fer_lms.xapi.actions import ViewedStep, queue_steps_viewed
from fer_lms.xapi.queries import is_enabled
from fer_lms.xapi.statements import SessionInfo


def to_xapi_session(session: LessonSession) -> SessionInfo:
    return SessionInfo(session.pk, session.lesson_id, session.lesson.title)


def send_steps_viewed(participant: Participant, events: Iterable[InteractionEvent]) -> None:
    """Queue a statement for each event of the batch that opened a step."""
    opened = [
        (event, event.step_id)
        for event in events
        if event.kind == InteractionEvent.Kind.STEP_OPENED and event.step_id
    ]
    if not opened or not is_enabled():
        return
    titles = dict(
        Step.objects.filter(pk__in={step_id for _, step_id in opened}).values_list("pk", "title")
    )
    queue_steps_viewed(
        user=participant.user,
        session=to_xapi_session(participant.session),
        steps=[
            ViewedStep(step_id, titles.get(step_id, ""), event.occurred_at, event.key)
            for event, step_id in opened
        ],
    )
