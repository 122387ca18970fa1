"""The page that a launch leads to."""

from django.urls import reverse

from fer_lms.lessons.models import Lesson
from fer_lms.lessons.queries import is_written
from fer_lms.lti.launch.actions import LaunchResult
from fer_lms.lti.launch.deep_linking import create_deep_link_request
from fer_lms.lti.launch.validation import ValidatedLaunch
from fer_lms.lti.protocol.claims import DATA_PRIVACY, DEEP_LINKING
from fer_lms.lti.protocol.errors import ErrorKind, LtiError


def get_redirect_path(launch: ValidatedLaunch, result: LaunchResult) -> str:
    """Return the path to redirect to; raise LtiError if the user may not open it."""
    message = launch.message
    if message.message_type == DATA_PRIVACY:
        if message.for_user not in ("", message.sub):
            raise LtiError(ErrorKind.OTHER_USER, "data_of_another")
        return reverse("my-data")
    if message.message_type == DEEP_LINKING:
        request = create_deep_link_request(launch=launch, result=result)
        return f"{reverse('lti-deep-link')}?request={request.pk}"
    if result.participant is not None:
        return reverse("lesson", args=[result.participant.session_id])
    if result.session is not None:
        return reverse("lesson-closed", args=[result.session.pk])
    if result.link is not None and result.link.lesson is None:
        return reverse("lti-link", args=[result.link.pk])
    if result.link is not None and result.link.lesson is not None:  # a teacher's
        return get_lesson_path(result.link.lesson)
    return reverse("lti-no-role")


def get_lesson_path(lesson: Lesson) -> str:
    """Return where a teacher goes: the editor of an unwritten lesson, otherwise the list."""
    if not is_written(lesson):
        return reverse("lesson-edit", args=[lesson.pk])
    return f"{reverse('lessons')}#lesson-{lesson.pk}"
