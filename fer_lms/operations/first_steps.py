"""What an administrator of a new installation does first, and whether it is done."""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from fer_lms.lessons.models import Lesson
from fer_lms.lti.models import Platform
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_active_policy
from fer_lms.rights.retention import get_last_purge_at


class FirstStep(NamedTuple):
    text: str
    url: str
    is_done: bool


def list_first_steps() -> list[FirstStep]:
    """Return the steps in order; a demonstration has none."""
    return [] if settings.DEMO else list(_build_steps())


def _build_steps() -> Iterator[FirstStep]:
    drafts = DeploymentPolicy.objects.filter(kind=DeploymentPolicy.Kind.DEPLOYMENT)
    yield FirstStep(
        gettext("Write a policy: where, why and for whom cameras may be used"),
        reverse("admin:policy_deploymentpolicy_add"),
        drafts.exists(),
    )
    yield FirstStep(
        gettext("Sign the policy; without it every lesson works without cameras"),
        reverse("admin:policy_deploymentpolicy_changelist"),
        get_active_policy() is not None,
    )
    yield FirstStep(
        gettext("Connect your learning platform"),
        reverse("admin:lti_platform_changelist"),
        Platform.objects.exists(),
    )
    yield FirstStep(
        gettext("Have a teacher write a lesson or load a lesson file"),
        reverse("admin:lessons_lesson_changelist"),
        Lesson.objects.exists(),
    )
    yield FirstStep(
        gettext("Wait for the first deletion of expired data, within an hour"),
        reverse("admin-retention"),
        get_last_purge_at() is not None,
    )
