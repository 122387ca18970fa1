"""Redis or the database unreachable: a named reason and no traceback."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings
from redis.exceptions import ConnectionError as RedisConnectionError

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.streaming.web import gateway
from fer_lms.streaming.web.watchdog import Watchdog
from fer_lms.streaming.wire import redis_roles
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis
from tests.servers import IssueTicket, capture_socket, find_gateway_of

NOWHERE = "unix:///nowhere/at/all.sock"


@pytest.fixture
def no_redis(settings: Settings) -> Iterator[None]:
    settings.FRAMES_REDIS_URL = settings.BROKER_REDIS_URL = NOWHERE
    for client in (get_frames_redis, get_broker_redis):
        client.cache_clear()
    yield
    for client in (get_frames_redis, get_broker_redis):
        client.cache_clear()


@pytest.mark.django_db
def test_readyz_names_each_unreachable_redis_role(no_redis: None, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["frames redis", "broker redis"]


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_roles")
def test_readyz_names_workers_that_were_not_seen_recently(
    client: Client, policy: DeploymentPolicy
) -> None:
    assert client.get("/readyz").json()["missing"] == ["beat", "worker", "models"]
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_roles")
def test_readyz_names_a_gateway_with_stuck_steps(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchdog = Watchdog()
    monkeypatch.setattr("fer_lms.health.list_stuck_tasks", watchdog.list_stuck_tasks)
    monkeypatch.setattr("fer_lms.streaming.web.watchdog.MAX_RUN_S", 0)
    for turn in ("hangs", "fails and starts again"):
        watchdog.start("_acknowledge")
        assert "gateway" in client.get("/readyz").json()["missing"], turn
    watchdog.stop("_acknowledge")
    assert "gateway" not in client.get("/readyz").json()["missing"]


@pytest.mark.usefixtures("redis_roles")
def test_readyz_names_an_unreachable_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise DatabaseError

    monkeypatch.setattr("fer_lms.health.is_inference_permitted", fail)
    monkeypatch.setattr("fer_lms.health.connection.ensure_connection", lambda: None)
    assert "database" in client.get("/readyz").json()["missing"]


@pytest.mark.django_db
def test_no_ticket_is_issued_without_the_frames_redis(
    no_redis: None, permitted: Participant, client: Client
) -> None:
    client.force_login(permitted.user)
    client.raise_request_exception = False
    answer = client.post(
        f"/api/v1/sessions/{permitted.session_id}/capture-ticket", content_type="application/json"
    )
    assert answer.status_code == 503
    assert json.loads(answer.content)["reason"] == "busy"


async def test_a_socket_without_redis_is_closed_as_busy(
    web: str, permitted: Participant, ticket_for: IssueTicket, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await ticket_for(permitted)
    async with capture_socket(web, await ticket_for(permitted)) as first:
        await first.next("welcome")  # the gateway is running now
        running = find_gateway_of(permitted)
        monkeypatch.setattr(running, "frames", redis_roles.create_async_client(NOWHERE))
        async with capture_socket(web, ticket) as client:
            assert await client.closed() == (1013, "busy")


async def test_a_socket_without_the_channel_layer_is_closed_as_busy(
    web: str, permitted: Participant, ticket_for: IssueTicket, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> str:
        raise RedisConnectionError

    ticket = await ticket_for(permitted)
    monkeypatch.setattr("channels_redis.pubsub.RedisPubSubLoopLayer.new_channel", fail)
    async with capture_socket(web, ticket) as client:
        assert await client.closed() == (1013, "busy")
    monkeypatch.undo()
    async with capture_socket(web, ticket) as client:  # the ticket is not used up
        await client.next("welcome")


async def test_without_a_database_frames_are_refused_within_a_second(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
    face: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseError

    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        monkeypatch.setattr(gateway, "read_permits_async", fail)
        await asyncio.sleep(1.5)
        await client.frame(1, face)
        ack = await client.ack_where(received=1)
        assert ack["refused"] == {"permission_unknown": 1}
