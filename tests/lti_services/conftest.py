import pytest

from fer_lms.lti.models import LtiContext, Platform
from tests.lti.conftest import Visitor, lms, lms_server, platform, visitor
from tests.lti.platform import LmsPlatform
from tests.lti_services.services import Services

__all__ = ["lms", "lms_server", "platform", "visitor"]


@pytest.fixture
def services(lms: LmsPlatform) -> Services:
    return Services(lms)


@pytest.fixture
def course(
    services: Services,
    platform: Platform,
    visitor: Visitor,
) -> LtiContext:
    """A launched course with a membership service."""
    visitor.launch(visitor.lms.teacher_link(**services.claim))
    return LtiContext.objects.select_related("deployment__platform", "course").get()
