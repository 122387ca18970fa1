"""Search every place for traces of a canary learner after a complete session.

Pictures may be nowhere but in the memory of the frames' Redis, for seconds. Name and mail may be in
the database, until they are erased, and then nowhere.
"""

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from fer_lms.stack import Stack
from tests.bench.load.demo_client import DemoClient, DemoError
from tests.bench.temporary_stack import build_database_path
from tests.leaks.canary import Canary, find_in_files, find_in_redis, find_places_with
from tests.leaks.conftest import RedisMonitor
from tests.servers import CaptureClient, capture_socket

pytestmark = pytest.mark.timeout(300)
FRAMES_LIVE_SECONDS = 6
GIVE_MAIL = """
from fer_lms.people.models import User
assert User.objects.filter(first_name={name!r}).update(email={mail!r}, last_name={name!r}) == 1
print(User.objects.get(email={mail!r}).public_id)
"""
ERASE = """
from fer_lms.people.models import User
from fer_lms.rights.actions import erase_person
erase_person(user=User.objects.get(email={mail!r}))
"""


def test_canary_picture_leaves_no_trace(stack: Stack, scratch: Path) -> None:
    canary = Canary()
    redis_monitor, frames_tap = (
        RedisMonitor(stack.run_dir / f"{role}.sock") for role in ("broker", "frames")
    )
    person = DemoClient(f"http://127.0.0.1:{stack.port}")
    person.enter(role="student", name=canary.name)
    stack.run_command("shell", "-c", GIVE_MAIL.format(name=canary.name, mail=canary.mail))
    person.grant_consent()
    acknowledged = asyncio.run(stream(stack, person.create_ticket(), canary))
    assert acknowledged["processed"] > 3
    assert acknowledged["refused"]["bad_jpeg"] == 1
    request_missing_pages(person, canary)
    assert has_windows(person)
    time.sleep(FRAMES_LIVE_SECONDS)
    commands = redis_monitor.stop()
    assert commands.count(b"XADD") > 3, "MONITOR recorded no commands"
    assert canary.mark.encode() in frames_tap.stop(), "the marks cannot be found where they were"

    folder = stack.log_dir.parent
    pictures = canary.list_picture_marks()
    assert find_places_with(pictures, commands, "broker's wire") == []
    assert find_in_files(pictures, [folder, scratch]) == []
    assert find_in_redis(pictures, stack) == []
    assert find_places_with(canary.list_person_marks(), commands, "broker's wire") == []
    assert find_in_redis(canary.list_person_marks(), stack) == []
    assert only_in_the_database(
        find_in_files(canary.list_person_marks(), [folder, scratch]), folder
    )

    stack.run_command("shell", "-c", ERASE.format(mail=canary.mail))
    left = [*find_in_files([*canary.list_person_marks(), *pictures], [folder, scratch])]
    assert left == []
    assert find_in_redis([*canary.list_person_marks(), *pictures], stack) == []


async def stream(stack: Stack, ticket: dict[str, Any], canary: Canary) -> dict[str, Any]:
    """Send the pictures twice and a truncated one, and return the final ack."""
    async with capture_socket(f"127.0.0.1:{stack.port}", ticket["ticket"]) as client:
        await client.next("welcome")
        pictures = canary.pictures() * 2
        for seq, picture in enumerate(pictures, start=1):
            await client.frame(seq, picture)
            await asyncio.sleep(0.3)
        await client.frame(len(pictures) + 1, pictures[0][: len(pictures[0]) // 2])
        await client.send("hint_response", hint_id=canary.word, answer="helped")
        return await settled(client, received=len(pictures) + 1)


async def settled(client: CaptureClient, received: int) -> dict[str, Any]:
    while True:
        ack = await client.next("ack", seconds=30)
        if ack["received"] == received and ack["in_flight"] == 0:
            return ack


def request_missing_pages(person: DemoClient, canary: Canary) -> None:
    """Request missing pages and rejected paths that contain the name."""
    for method, path, body in (
        ("GET", f"/no-such-page/{canary.word}", ""),
        ("GET", f"/api/v1/sessions/{canary.word}/report", ""),
        ("POST", f"/api/v1/sessions/{person.session_id}/events", json.dumps({canary.word: 1})),
        ("POST", f"/api/v1/sessions/{person.session_id}/consent", "{" + canary.word),
    ):
        with contextlib.suppress(DemoError):
            person.request(method, path, body, "application/json")


def has_windows(person: DemoClient) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any(window["processed"] for window in person.list_windows()):
            return True
        time.sleep(0.5)
    return False


def only_in_the_database(found: list[str], folder: Path) -> bool:
    database = build_database_path(folder).name
    return bool(found) and all(where.startswith(database) for where in found)
