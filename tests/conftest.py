"""Fixtures that every part shares; what they make is in tests.factories."""

import pytest
from pytest_django import Settings

from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import make_learner, make_session, make_teacher


@pytest.fixture
def policy(db: None, settings: Settings) -> DeploymentPolicy:
    """The demonstration's policy, in force: inference is permitted."""
    settings.DEMO = True
    return ensure_demo_policy()


@pytest.fixture
def session(db: None) -> LessonSession:
    return make_session()


@pytest.fixture
def learner(session: LessonSession) -> Participant:
    return make_learner(session)


@pytest.fixture
def teacher(session: LessonSession) -> Participant:
    return make_teacher(session)
