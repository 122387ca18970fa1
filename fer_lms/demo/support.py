"""Entry as the support person of a simulated learner, who always consents."""

from django.db import transaction

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.permissions import list_shared_consents
from fer_lms.consent.queries import current_text_version
from fer_lms.demo.actions import ensure_person
from fer_lms.lessons.models import LessonSession, Participant, Supporter
from fer_lms.lessons.queries import active_supports
from fer_lms.lessons.support_actions import name_supporter
from fer_lms.people.models import User

SUPPORTED_USERNAME = "demo-simulated-1"
GRANTS = ("capture", "server_processing", "support_view")


@transaction.atomic
def enter_as_support(*, name: str, session: LessonSession) -> Supporter:
    """Find or create the support person of this name, with the learner's consent."""
    participant = session.participants.select_related("user").get(user__username=SUPPORTED_USERNAME)
    link = _ensure_link(ensure_person(name=name, role="support"), participant)
    if not list_shared_consents(link).filter(participant=participant).exists():
        grant_consent(
            participant=participant,
            text_version=current_text_version(),
            grants=dict.fromkeys(GRANTS, True),
        )
    return link


def _ensure_link(person: User, participant: Participant) -> Supporter:
    course = participant.session.lesson.course
    links = active_supports().filter(course=course, supporter=person, learner=participant.user)
    return links.first() or name_supporter(
        course=course, supporter=person, learner=participant.user, actor=None
    )
