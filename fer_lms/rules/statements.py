"""Send xAPI statements about hints: that one was shown or answered; never why, nor which rule."""

from collections.abc import Iterable

from fer_lms.lessons.statements import to_xapi_session
from fer_lms.rules.models import Hint
from fer_lms.xapi.actions import queue_hint_answered, queue_hint_shown
from fer_lms.xapi.queries import is_enabled


def send_hints_shown(hint_ids: Iterable[int]) -> None:
    """Queue a statement for each hint, where a learning record store is configured."""
    if not is_enabled():
        return
    hints = Hint.objects.select_related("participant__user", "participant__session__lesson")
    for hint in hints.filter(pk__in=list(hint_ids)):
        participant = hint.participant
        session = to_xapi_session(participant.session)
        queue_hint_shown(user=participant.user, session=session, hint_id=hint.pk)


def send_hint_answered(hint: Hint, answer: str) -> None:
    """Queue a statement for an answer, where a learning record store is configured."""
    if not is_enabled():
        return
    participant = hint.participant
    session = to_xapi_session(participant.session)
    queue_hint_answered(user=participant.user, session=session, hint_id=hint.pk, answer=answer)
