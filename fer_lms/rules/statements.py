"""What of hints is told to the institution's learning record store, where it keeps one.

That a hint came and what was answered; never why, and never which rule.
"""

from collections.abc import Iterable

from fer_lms.lessons.statements import to_xapi_session
from fer_lms.rules.models import Hint
from fer_lms.xapi.actions import queue_hint_answered, queue_hint_shown
from fer_lms.xapi.queries import is_enabled


def queue_hints_shown_statements(hint_ids: Iterable[int]) -> None:
    if not is_enabled():
        return
    hints = Hint.objects.select_related("participant__user", "participant__session__lesson")
    for hint in hints.filter(pk__in=list(hint_ids)):
        place = hint.participant
        queue_hint_shown(user=place.user, session=to_xapi_session(place.session), hint_id=hint.pk)


def queue_hint_answered_statement(hint: Hint, answer: str) -> None:
    if not is_enabled():
        return
    place = hint.participant
    session_info = to_xapi_session(place.session)
    queue_hint_answered(user=place.user, session=session_info, hint_id=hint.pk, answer=answer)
