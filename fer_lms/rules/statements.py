"""Send xAPI statements about hints that learners asked for; never about a hint of a rule.

That a rule gave a hint tells of one learner's evidence, and of a face where the policy permits
faces in hints. The learning record store may show statements to teachers.
"""

from collections.abc import Iterable

from fer_lms.lessons.statements import to_xapi_session
from fer_lms.rules.models import Hint
from fer_lms.rules.queries import REQUESTED_PREFIX
from fer_lms.xapi.actions import queue_hint_answered, queue_hint_shown
from fer_lms.xapi.queries import is_enabled


def send_hints_shown(hint_ids: Iterable[int]) -> None:
    """Queue a statement for each requested hint, where a learning record store is configured."""
    if not is_enabled():
        return
    hints = Hint.objects.select_related("participant__user", "participant__session__lesson")
    for hint in hints.filter(pk__in=list(hint_ids), occasion__startswith=REQUESTED_PREFIX):
        participant = hint.participant
        session = to_xapi_session(participant.session)
        queue_hint_shown(user=participant.user, session=session, hint_id=hint.pk)


def send_hint_answered(hint: Hint, answer: str) -> None:
    """Queue a statement for an answer to a requested hint, where such a store is configured."""
    if not is_enabled() or not hint.occasion.startswith(REQUESTED_PREFIX):
        return
    participant = hint.participant
    session = to_xapi_session(participant.session)
    queue_hint_answered(user=participant.user, session=session, hint_id=hint.pk, answer=answer)
