"""Where somebody gets to after a launch."""

from django.urls import reverse

from fer_lms.lessons.models import Role
from fer_lms.lti.launch.actions import Arrival
from fer_lms.lti.launch.deep_linking import begin_choice
from fer_lms.lti.launch.validation import ValidLaunch
from fer_lms.lti.protocol.claims import DATA_PRIVACY, DEEP_LINKING, Launch
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal


def path_after(valid: ValidLaunch, arrival: Arrival) -> str:
    """The page of ours that this launch leads to. Raises LaunchRefused."""
    launch = valid.launch
    if launch.message_type == DATA_PRIVACY:
        return _own_data(launch)
    if launch.message_type == DEEP_LINKING:
        return begin_choice(valid=valid, arrival=arrival)
    if arrival.participant is not None:
        return reverse("lesson", args=[arrival.participant.session_id])
    if arrival.role == Role.TEACHER and arrival.lesson is not None:
        return f"{reverse('lessons')}#lesson-{arrival.lesson.pk}"
    return reverse("lti-no-role")


def _own_data(launch: Launch) -> str:
    """Everybody's own data, nobody else's: an administrator's launch for another is refused."""
    if launch.for_user not in ("", launch.sub):
        raise LaunchRefused(Refusal.OTHER_PERSON, "data_of_another")
    return reverse("my-data")
