"""Fixtures of end-to-end tests: all processes, Chromium, and a camera that shows a face."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from skimage import data

from fer_lms.stack import Stack
from tests.bench.temporary_stack import temporary_stack

expect.set_options(timeout=20_000)  # an erasure waits for beat, up to 5 s, and then for a poll
REFUSING = re.compile(
    r"/capture-ticket$|/demo/enter$|/api/v1/sessions/[^/]+/$"
    r"|/api/v1/(lessons/\d+/(steps/|rules/\d+/versions|groups/\d+)?|steps/\d+/)$"
)
"""Addresses whose refusals the tests expect: of a camera, a closed lesson, a wrong time, and of
what another teacher has changed."""
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A running demonstration on a database of its own."""
    with temporary_stack(frame_processes=1) as running:
        running.run_command("setup_demo")
        running.start_web()
        running.start_workers()
        running.wait_until_ready(timeout_s=120)
        yield running


@pytest.fixture(scope="session")
def address(stack: Stack) -> str:
    return f"http://127.0.0.1:{stack.port}"


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of a public-domain portrait that moves and comes nearer, as Motion JPEG."""
    portrait = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)  # type: ignore[no-untyped-call]
    film = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    with film.open("wb") as file:
        for number in range(100):
            file.write(portrait_at(portrait, 2 * math.pi * number / 100))
    return film


def portrait_at(portrait: cv2.typing.MatLike, angle: float) -> bytes:
    """The face (at 220, 130 of the portrait) near the middle of a 640x480 picture."""
    scale = 1.6 * (1 + 0.08 * math.sin(angle))
    move = np.array(
        [
            [scale, 0, 320 - 220 * scale + 25 * math.sin(angle)],
            [0, scale, 240 - 130 * scale + 12 * math.cos(angle)],
        ]
    )
    picture = cv2.warpAffine(portrait, move, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.fixture(scope="module")  # while it is open its event loop shuts out asynchronous tests
def browser(camera: Path) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield running
        running.close()


@pytest.fixture
def student(browser: Browser) -> Iterator[Page]:
    yield from person(browser)


@pytest.fixture
def teacher_page(browser: Browser) -> Iterator[Page]:
    yield from person(browser)


def person(browser: Browser) -> Iterator[Page]:
    """Open a page; a console error fails the test."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSING.search(message.location.get("url", "")):
            complaints.append(message.text)

    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints
