import pytest

from fer_lms.policy.models import DeploymentPolicy
from tests.policy.drafts import sign_complete


@pytest.fixture
def school(db: None) -> DeploymentPolicy:
    """Sign a policy for learners from 14 on; under 18 a guardian has to agree."""
    return sign_complete("uk", on_device_only=False)
