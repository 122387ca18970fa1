"""Deep linking responses (LTI Deep Linking 2.0): a teacher selects lessons for their course."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.lessons.access import RequestUser, list_taught_courses
from fer_lms.lessons.models import Lesson
from fer_lms.lti.launch.deep_linking import LTI_RESOURCE_LINK_TYPE
from fer_lms.lti.launch.links import build_lesson_parameters
from fer_lms.lti.models import DeepLinkRequest
from fer_lms.lti.protocol.claims import CLAIM_PREFIX, LTI_VERSION
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.tokens import Json
from fer_lms.lti.protocol.tool_keys import sign_jwt
from fer_lms.lti.registration.tool_configuration import ToolUrls

DEEP_LINKING_CLAIM_PREFIX = "https://purl.imsglobal.org/spec/lti-dl/claim/"
REQUEST_LIFETIME = timedelta(hours=2)
RESPONSE_LIFETIME = timedelta(minutes=5)
MAX_CONTENT_ITEMS = 50


def get_open_request(*, user: RequestUser, request_id: str) -> DeepLinkRequest:
    """Return this teacher's unanswered deep linking request.

    Raises:
        LtiError: It does not exist, was answered or has expired, or the user no longer teaches.
    """
    try:
        key = uuid.UUID(request_id)
    except ValueError as error:
        raise LtiError(ErrorKind.INVALID_REQUEST, "no_choice_named") from error
    request = (
        DeepLinkRequest.objects.select_related("deployment__platform", "course")
        .filter(
            pk=key, user_id=user.pk or 0, deployment__platform__active=True, deployment__active=True
        )
        .first()
    )
    if request is None:
        raise LtiError(ErrorKind.EXPIRED, "no_such_choice")
    if request.answered_at is not None:
        raise LtiError(ErrorKind.EXPIRED, "choice_answered")
    if timezone.now() - request.created_at > REQUEST_LIFETIME:
        raise LtiError(ErrorKind.EXPIRED, "choice_expired")
    if not list_taught_courses(user=user).filter(pk=request.course_id).exists():
        raise LtiError(ErrorKind.NOT_A_TEACHER, "teaches_no_more")
    return request


@transaction.atomic
def complete_deep_link_request(
    *, request: DeepLinkRequest, lessons: Sequence[Lesson], urls: ToolUrls
) -> str:
    """Consume a request and return the signed response for its return URL.

    Args:
        request: An open request.
        lessons: The selected lessons; empty if the teacher cancelled.
        urls: URLs of this tool.

    Raises:
        LtiError: The request was answered meanwhile.
    """
    unanswered = DeepLinkRequest.objects.filter(pk=request.pk, answered_at=None)
    if unanswered.update(answered_at=timezone.now()) != 1:
        raise LtiError(ErrorKind.EXPIRED, "choice_answered")
    record_event(
        actor=request.user,
        action="lti.lessons_linked",
        subject=request.course,
        details={"platform": request.deployment.platform_id, "lessons": len(lessons)},
    )
    return sign_jwt(_build_response_claims(request, lessons, urls))


def _build_response_claims(
    request: DeepLinkRequest, lessons: Sequence[Lesson], urls: ToolUrls
) -> Json:
    platform = request.deployment.platform
    now = timezone.now()
    claims: Json = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": int(now.timestamp()),
        "exp": int((now + RESPONSE_LIFETIME).timestamp()),
        "nonce": secrets.token_urlsafe(24),
        CLAIM_PREFIX + "deployment_id": request.deployment.deployment_id,
        CLAIM_PREFIX + "message_type": "LtiDeepLinkingResponse",
        CLAIM_PREFIX + "version": LTI_VERSION,
        DEEP_LINKING_CLAIM_PREFIX + "content_items": [
            _build_content_item(lesson, urls) for lesson in lessons
        ],
    }
    if request.data is not None:
        claims[DEEP_LINKING_CLAIM_PREFIX + "data"] = request.data
    return claims


def _build_content_item(lesson: Lesson, urls: ToolUrls) -> Json:
    """Build an LTI resource link; never with a `lineItem`, which would create a grade column."""
    return {
        "type": LTI_RESOURCE_LINK_TYPE,
        "title": lesson.title,
        "text": lesson.summary,
        "url": urls.launch,
        "custom": build_lesson_parameters(lesson),
    }
