import pytest

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import grant_all


@pytest.fixture
def consented_learner(face_policy: DeploymentPolicy, learner: Participant) -> Participant:
    grant_all(learner)
    return learner
