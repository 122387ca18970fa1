from collections.abc import Awaitable, Callable, Iterator

import cv2
import pytest
from channels.db import database_sync_to_async
from skimage import data

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
        ticket: str = await database_sync_to_async(issue_ticket)(participant=participant, mode=mode)
        return ticket

    return issue


def photo() -> cv2.typing.MatLike:
    """Eileen Collins, a public-domain portrait; RGB."""
    image: cv2.typing.MatLike = data.astronaut()  # type: ignore[no-untyped-call]
    return image


@pytest.fixture(scope="session")
def face() -> bytes:
    """A frame as browsers send it: 320x240, one face (a public-domain photo)."""
    portrait = cv2.cvtColor(photo()[0:300, 40:440], cv2.COLOR_RGB2BGR)
    return encoded(cv2.resize(portrait, (320, 240)))


@pytest.fixture(scope="session")
def wall() -> bytes:
    """A frame without a face."""
    return encoded(cv2.resize(photo()[400:500, 0:100], (320, 240)))


def encoded(image: cv2.typing.MatLike) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
