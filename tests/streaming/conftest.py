from collections.abc import Awaitable, Callable, Iterator

import cv2
import pytest
from channels.db import database_sync_to_async
from skimage.data import astronaut

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.streaming.tickets import Mode, issue_ticket
from tests.factories import grant_all, make_learner, make_session
from tests.servers import empty_redis_roles, redis_roles_running, web_running

IssueTicket = Callable[..., Awaitable[str]]


@pytest.fixture(scope="session")
def redis_servers() -> Iterator[None]:
    with redis_roles_running():
        yield


@pytest.fixture
def redis_roles(redis_servers: None) -> None:
    """Both Redis roles, empty."""
    empty_redis_roles()


@pytest.fixture
def web(
    redis_roles: None, django_db_serialized_rollback: None, transactional_db: None
) -> Iterator[str]:
    """A web process; its address."""
    with web_running() as address:
        yield address


@pytest.fixture
def permitted(policy: DeploymentPolicy) -> Participant:
    """A learner in an open sitting who said yes to everything."""
    learner = make_learner(make_session())
    grant_all(learner)
    return learner


@pytest.fixture
def ticket_for() -> IssueTicket:
    async def issue(participant: Participant, mode: Mode = "frames") -> str:
        return await database_sync_to_async(issue_ticket)(participant=participant, mode=mode)

    return issue


@pytest.fixture(scope="session")
def face() -> bytes:
    """A frame as browsers send it: 320x240, one face (a public-domain photo)."""
    photo = cv2.cvtColor(astronaut()[0:300, 40:440], cv2.COLOR_RGB2BGR)
    return encoded(cv2.resize(photo, (320, 240)))


@pytest.fixture(scope="session")
def wall() -> bytes:
    """A frame without a face."""
    return encoded(cv2.resize(astronaut()[400:500, 0:100], (320, 240)))


def encoded(image: cv2.typing.MatLike) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
