"""A support person of the demonstration: of a simulated learner, who says yes to whoever comes."""

from django.db import transaction

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.permissions import list_shared_consents
from fer_lms.consent.queries import current_text_version
from fer_lms.demo.actions import ensure_person
from fer_lms.lessons.models import LessonSession, Participant, Supporter
from fer_lms.lessons.queries import active_supports
from fer_lms.lessons.support_actions import name_supporter
from fer_lms.people.models import User

SUPPORTED = "demo-simulated-1"
GRANTED = ("capture", "server_processing", "support_view")


@transaction.atomic
def enter_as_support(*, name: str, session: LessonSession) -> Supporter:
    """Find or make the support person of this name, with the simulated learner's yes."""
    place = session.participants.select_related("user").get(user__username=SUPPORTED)
    link = _ensure_link(ensure_person(name=name, role="support"), place)
    if not list_shared_consents(link).filter(participant=place).exists():
        grant_consent(
            participant=place,
            text_version=current_text_version(),
            grants=dict.fromkeys(GRANTED, True),
        )
    return link


def _ensure_link(person: User, place: Participant) -> Supporter:
    course = place.session.lesson.course
    standing = active_supports().filter(course=course, supporter=person, learner=place.user)
    return standing.first() or name_supporter(
        course=course, supporter=person, learner=place.user, actor=None
    )
