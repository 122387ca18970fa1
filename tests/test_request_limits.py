"""Limits on HTTP requests that apply before Django sees them."""

import asyncio
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from fer_lms import request_limits
from fer_lms.request_limits import (
    MAX_BODY_BYTES,
    MAX_LESSON_BODY_BYTES,
    MAX_PICTURE_BODY_BYTES,
    LimitBodies,
    get_max_body_bytes,
    limit_running_requests,
)


class RecordingApplication:
    """Reads a body as Django does, and answers 200 unless the client disconnects."""

    def __init__(self) -> None:
        self.received = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.received += len(message["body"])
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})


def request(
    chunks: list[bytes], *, path: str = "/", length: bytes | None = None
) -> tuple[int, int, int]:
    """Return the status, and how many bytes the application and the limit received."""
    application = RecordingApplication()
    sent: list[Any] = []
    read: list[bytes] = []

    async def receive() -> Any:
        read.append(chunks[len(read)])
        return {"type": "http.request", "body": read[-1], "more_body": len(read) < len(chunks)}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if length is None else [(b"content-length", length)]
    scope = {"type": "http", "path": path, "headers": headers}
    asyncio.run(LimitBodies(application)(scope, receive, send))
    return sent[0]["status"], application.received, sum(map(len, read))


def test_body_within_the_limit_is_passed_on() -> None:
    assert request([b"a" * 1000, b"b" * 1000]) == (200, 2000, 2000)
    assert request([b"a" * MAX_BODY_BYTES])[0] == 200


def test_declared_length_is_refused_before_a_byte_is_read() -> None:
    length = str(MAX_BODY_BYTES + 1).encode()
    assert request([b"a"], length=length) == (413, 0, 0)
    assert request([b"a"], length=b"9" * 100) == (413, 0, 0)


@pytest.mark.parametrize("length", [None, b"1", b"-5", b"x"])
def test_body_is_counted_whatever_length_is_declared(length: bytes | None) -> None:
    status, received, read = request([b"a" * 300_000] * 100, length=length)
    assert status == 413
    assert received <= MAX_BODY_BYTES
    assert read <= MAX_BODY_BYTES + 300_000


class HeldBodies:
    """Requests that send a part of a body each, and go on when they are released."""

    def __init__(self) -> None:
        self.limit = LimitBodies(RecordingApplication())
        self.released = asyncio.Event()

    async def request(self, size: int, *, is_held: bool = True) -> dict[str, Any]:
        sent: list[Any] = []
        pieces = [b"a" * size, b""] if is_held else [b"a" * size]

        async def receive() -> Any:
            if len(pieces) == 1 and is_held:
                await self.released.wait()
            body = pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.limit({"type": "http", "path": "/", "headers": []}, receive, send)
        start: dict[str, Any] = sent[0]
        return start


async def test_bodies_of_all_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "MAX_STORED_BYTES", 300_000)
    bodies = HeldBodies()
    held = [asyncio.create_task(bodies.request(100_000)) for _ in range(3)]
    await asyncio.sleep(0)
    refused = await bodies.request(100_000, is_held=False)
    assert (refused["status"], dict(refused["headers"])[b"retry-after"]) == (503, b"5")
    small = await bodies.request(request_limits.SMALL_BODY_BYTES, is_held=False)
    assert small["status"] == 200, "an answer is stored whatever others send"
    bodies.released.set()
    assert [start["status"] for start in await asyncio.gather(*held)] == [200] * 3
    assert (await bodies.request(300_000, is_held=False))["status"] == 200


async def test_a_failed_request_no_longer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "MAX_STORED_BYTES", 300_000)

    async def fail(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise ConnectionError

    bodies = HeldBodies()
    bodies.limit.application = fail
    for _ in range(5):
        with pytest.raises(ConnectionError):
            await bodies.request(100_000, is_held=False)
    bodies.limit.application = RecordingApplication()
    assert (await bodies.request(200_000, is_held=False))["status"] == 200


def test_only_little_of_a_body_is_in_memory(settings: Settings) -> None:
    """Hundreds of requests may wait at once."""
    held = request_limits.MAX_WAITING_REQUESTS * settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    assert held <= 32 * 1024 * 1024


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/v1/courses/3/lessons/import", MAX_LESSON_BODY_BYTES),
        ("/api/v1/steps/3/picture", MAX_PICTURE_BODY_BYTES),
        ("/api/v1/steps/3/picture/x", MAX_BODY_BYTES),
        ("/api/v1/steps/3/", MAX_BODY_BYTES),
        ("/lti/launch", MAX_BODY_BYTES),
        ("/x/api/v1/steps/3/picture", MAX_BODY_BYTES),
    ],
)
def test_only_uploads_may_be_larger(path: str, limit: int) -> None:
    assert get_max_body_bytes(path) == limit


# --- Requests at once --------------------------------------------------------------------------


class RunningRequests:
    """Responds after a while, and records how many requests run at once."""

    def __init__(self) -> None:
        self.running = self.most = self.finished = 0

    async def respond(self, request: HttpRequest) -> HttpResponse:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        self.finished += 1
        return HttpResponse()


def run_requests(count: int, path: str = "/retention/") -> tuple[RunningRequests, list[int]]:
    application = RunningRequests()
    respond = limit_running_requests(application.respond)

    async def run() -> list[int]:
        request = RequestFactory().get(path)
        responses = await asyncio.gather(*[respond(request) for _ in range(count)])
        return [response.status_code for response in responses]

    return application, asyncio.run(run())


def test_requests_beyond_the_limit_wait(settings: Settings) -> None:
    settings.MAX_RUNNING_REQUESTS = 4
    application, codes = run_requests(150)
    assert codes == [200] * 150
    assert application.most == 4


def test_requests_beyond_the_queue_are_busy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAX_RUNNING_REQUESTS = 2
    monkeypatch.setattr(request_limits, "MAX_WAITING_REQUESTS", 5)
    application, codes = run_requests(50)
    assert sorted(codes) == [200] * codes.count(200) + [503] * codes.count(503)
    assert codes.count(200) == application.finished
    assert 5 <= application.finished <= 10


def test_requests_that_wait_too_long_are_busy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAX_RUNNING_REQUESTS = 1
    monkeypatch.setattr(request_limits, "MAX_WAIT_S", 0.0)
    assert 503 in run_requests(10)[1]


def test_a_failed_request_leaves_its_place(settings: Settings) -> None:
    settings.MAX_RUNNING_REQUESTS = 1

    async def fail(request: HttpRequest) -> HttpResponse:
        raise ConnectionError

    async def run() -> None:
        for _ in range(3):
            with pytest.raises(ConnectionError):
                await limit_running_requests(fail)(RequestFactory().get("/"))

    asyncio.run(run())


def test_liveness_does_not_wait(settings: Settings) -> None:
    settings.MAX_RUNNING_REQUESTS = 1
    application, codes = run_requests(5, "/healthz")
    assert application.most == 5
    assert codes == [200] * 5


def test_the_limit_is_the_outermost_middleware(settings: Settings) -> None:
    """What stands outside of it would run, and connect, without a limit."""
    assert settings.MIDDLEWARE[0].endswith("limit_running_requests")
