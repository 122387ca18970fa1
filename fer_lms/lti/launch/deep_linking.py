"""Deep linking requests of platforms (LTI Deep Linking 2.0); `lti.services` sends the responses."""

from fer_lms.lessons.models import Role
from fer_lms.lti.launch.actions import LaunchResult
from fer_lms.lti.launch.validation import ValidatedLaunch
from fer_lms.lti.models import DeepLinkRequest
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.tokens import Json
from fer_lms.outbound import OutboundError, parse_url

SETTINGS_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
LTI_RESOURCE_LINK_TYPE = "ltiResourceLink"
MAX_DATA_LENGTH = 16 * 1024


def create_deep_link_request(*, launch: ValidatedLaunch, result: LaunchResult) -> DeepLinkRequest:
    """Store the platform's request; raise LtiError if it is invalid or not by a teacher."""
    if result.role != Role.TEACHER or result.context is None:
        raise LtiError(ErrorKind.NOT_A_TEACHER, "deep_link_without_teacher")
    settings = _parse_settings(launch.message.claims)
    return DeepLinkRequest.objects.create(
        deployment=launch.deployment,
        course=result.context.course,
        user=result.identity.user,
        return_url=_parse_return_url(settings, local=launch.deployment.platform.local),
        data=_parse_data(settings),
        accept_multiple=settings.get("accept_multiple") is True,
    )


def _parse_settings(claims: Json) -> Json:
    settings = claims.get(SETTINGS_CLAIM)
    if not isinstance(settings, dict):
        raise LtiError(ErrorKind.INVALID_MESSAGE, "no_deep_linking_settings")
    accepted = settings.get("accept_types")
    if not isinstance(accepted, list) or LTI_RESOURCE_LINK_TYPE not in accepted:
        raise LtiError(ErrorKind.INVALID_MESSAGE, "takes_no_lti_links")
    return settings


def _parse_return_url(settings: Json, *, local: bool) -> str:
    url = settings.get("deep_link_return_url")
    if not isinstance(url, str):
        raise LtiError(ErrorKind.INVALID_MESSAGE, "no_return_url")
    try:
        parse_url(url, local=local)
    except OutboundError as error:
        raise LtiError(ErrorKind.INVALID_MESSAGE, f"return_{error.reason}") from error
    return url


def _parse_data(settings: Json) -> str | None:
    data = settings.get("data")
    if data is not None and (not isinstance(data, str) or len(data) > MAX_DATA_LENGTH):
        raise LtiError(ErrorKind.INVALID_MESSAGE, "data_out_of_bounds")
    return data
