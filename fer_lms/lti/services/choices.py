"""A teacher's choice in the platform's dialog: which lesson a new link in the course leads to."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.lessons.access import RequestUser
from fer_lms.lessons.models import Enrolment, Lesson, Role
from fer_lms.lti.launch.actions import LESSON_PARAMETER
from fer_lms.lti.launch.deep_linking import LTI_LINK
from fer_lms.lti.models import DeepLinkRequest
from fer_lms.lti.protocol.claims import LTI, VERSION
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.protocol.tokens import Json
from fer_lms.lti.protocol.tool_keys import signed
from fer_lms.lti.registration.description import Addresses

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
WAITS = timedelta(hours=2)
ANSWER_LASTS = timedelta(minutes=5)
MOST_AT_ONCE = 50


def choice_for_teacher(*, user: RequestUser, request_id: str) -> DeepLinkRequest:
    """The dialog that this teacher opened and has not answered. Raises LaunchRefused."""
    try:
        key = uuid.UUID(request_id)
    except ValueError as error:
        raise LaunchRefused(Refusal.REQUEST, "no_choice_named") from error
    asked = DeepLinkRequest.objects.select_related("deployment__platform", "course").filter(
        pk=key, user_id=user.pk or 0, deployment__platform__active=True, deployment__active=True
    )
    found = asked.first()
    if found is None:
        raise LaunchRefused(Refusal.USED_UP, "no_such_choice")
    if found.answered_at is not None:
        raise LaunchRefused(Refusal.USED_UP, "choice_answered")
    if timezone.now() - found.created_at > WAITS:
        raise LaunchRefused(Refusal.USED_UP, "choice_expired")
    teaches = Enrolment.objects.filter(
        course=found.course, user_id=user.pk or 0, role=Role.TEACHER, active=True
    )
    if not teaches.exists():
        raise LaunchRefused(Refusal.TEACHERS_ONLY, "teaches_no_more")
    return found


@transaction.atomic
def answer_choice(*, choice: DeepLinkRequest, lessons: Sequence[Lesson], ours: Addresses) -> str:
    """Use the dialog up, and give the signed answer to post to its return address. No lesson:
    the teacher changed their mind. Raises LaunchRefused where it was answered meanwhile."""
    unanswered = DeepLinkRequest.objects.filter(pk=choice.pk, answered_at=None)
    if unanswered.update(answered_at=timezone.now()) != 1:
        raise LaunchRefused(Refusal.USED_UP, "choice_answered")
    record_event(
        actor=choice.user,
        action="lti.lessons_linked",
        subject=choice.course,
        details={"platform": choice.deployment.platform_id, "lessons": len(lessons)},
    )
    return signed(answer_claims(choice, lessons, ours))


def answer_claims(choice: DeepLinkRequest, lessons: Sequence[Lesson], ours: Addresses) -> Json:
    """The answer as Deep Linking 2.0 words it: we are the issuer, the platform the audience."""
    platform = choice.deployment.platform
    now = timezone.now()
    claims: Json = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": int(now.timestamp()),
        "exp": int((now + ANSWER_LASTS).timestamp()),
        "nonce": secrets.token_urlsafe(24),
        LTI + "deployment_id": choice.deployment.deployment_id,
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": VERSION,
        DL + "content_items": [_link_to(lesson, ours) for lesson in lessons],
    }
    if choice.data is not None:
        claims[DL + "data"] = choice.data
    return claims


def _link_to(lesson: Lesson, ours: Addresses) -> Json:
    """No `lineItem`: a column for grades is never made."""
    return {
        "type": LTI_LINK,
        "title": lesson.title,
        "text": lesson.summary,
        "url": ours.launch,
        "custom": {LESSON_PARAMETER: str(lesson.pk)},
    }


def delete_old_choices() -> int:
    old = timezone.now() - 2 * WAITS
    return DeepLinkRequest.objects.filter(created_at__lt=old).delete()[0]
