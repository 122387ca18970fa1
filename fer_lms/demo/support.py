"""The support person of a simulated learner, whose consent is stored as well."""

from django.db import transaction

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.permissions import list_shared_consents
from fer_lms.consent.queries import get_current_text_version
from fer_lms.demo.actions import ensure_person
from fer_lms.lessons.models import LessonSession, Participant, Supporter
from fer_lms.lessons.queries import list_active_supporters
from fer_lms.lessons.support_actions import assign_supporter
from fer_lms.people.models import User

SUPPORTED_USERNAME = "demo-simulated-1"
GRANTS = ("capture", "server_processing", "support_view")


@transaction.atomic
def ensure_demo_supporter(*, name: str, session: LessonSession) -> Supporter:
    """Find or create the support person of this name, with the learner's consent."""
    participant = session.participants.select_related("user").get(user__username=SUPPORTED_USERNAME)
    link = _ensure_link(ensure_person(name=name, role="support"), participant)
    if not list_shared_consents(link).filter(participant=participant).exists():
        grant_consent(
            participant=participant,
            text_version=get_current_text_version(),
            grants=dict.fromkeys(GRANTS, True),
        )
    return link


def _ensure_link(person: User, participant: Participant) -> Supporter:
    course = participant.session.lesson.course
    links = list_active_supporters().filter(
        course=course, supporter=person, learner=participant.user
    )
    return links.first() or assign_supporter(
        course=course, supporter=person, learner=participant.user, actor=None
    )
