"""Deep Linking 2.0: a teacher picks a lesson from within the LMS's own dialog."""

from typing import NoReturn

from django.urls import reverse

from fer_lms.lessons.models import Role
from fer_lms.lti.launch.actions import Arrival
from fer_lms.lti.launch.validation import ValidLaunch
from fer_lms.lti.models import DeepLinkRequest
from fer_lms.lti.protocol.outbound import OutboundError, checked_url
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.protocol.tokens import Json

SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
LTI_LINK = "ltiResourceLink"
LONGEST_DATA = 16 * 1024


def begin_choice(*, valid: ValidLaunch, arrival: Arrival) -> str:
    """Note what the platform waits for; gives the page to choose on. Raises LaunchRefused."""
    if arrival.role != Role.TEACHER or arrival.context is None:
        raise LaunchRefused(Refusal.TEACHERS_ONLY, "deep_link_without_teacher")
    wanted = _settings(valid.launch.claims)
    request = DeepLinkRequest.objects.create(
        deployment=valid.deployment,
        course=arrival.context.course,
        user=arrival.identity.user,
        return_url=_return_url(wanted, local=valid.deployment.platform.local),
        data=_data(wanted),
        accept_multiple=wanted.get("accept_multiple") is True,
    )
    return f"{reverse('lti-deep-link')}?request={request.pk}"


def _settings(claims: Json) -> Json:
    wanted = claims.get(SETTINGS)
    if not isinstance(wanted, dict):
        _refuse("no_deep_linking_settings")
    accepted = wanted.get("accept_types")
    if not isinstance(accepted, list) or LTI_LINK not in accepted:
        _refuse("takes_no_lti_links")
    return wanted


def _return_url(wanted: Json, *, local: bool) -> str:
    """The signed address that the answer goes to; nowhere else."""
    url = wanted.get("deep_link_return_url")
    if not isinstance(url, str):
        _refuse("no_return_url")
    try:
        checked_url(url, local=local)
    except OutboundError as error:
        raise LaunchRefused(Refusal.MESSAGE, f"return_{error.reason}") from error
    return url


def _data(wanted: Json) -> str | None:
    data = wanted.get("data")
    if data is not None and (not isinstance(data, str) or len(data) > LONGEST_DATA):
        _refuse("data_out_of_bounds")
    return data


def _refuse(reason: str) -> NoReturn:
    raise LaunchRefused(Refusal.MESSAGE, reason)
