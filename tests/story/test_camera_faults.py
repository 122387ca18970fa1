"""Browsers, cameras and connections that fail: the page never claims that the camera works."""

import re
import secrets
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from fer_lms.stack import Stack
from tests.story.accessibility import check_accessibility
from tests.story.conftest import CHROMIUM, FLAGS
from tests.story.consent_answers import answer_questions
from tests.story.half_open import HalfOpenProxy, half_open_proxy
from tests.story.test_story import enter, say_yes

pytestmark = pytest.mark.timeout(300)
FACE_SEEN = "We can see your face."
NO_BITMAP_OPTIONS = """
const make = createImageBitmap;
globalThis.createImageBitmap = (...all) =>
    all.length > 5 ? Promise.reject(new TypeError("options")) : make(...all);
"""
HUNG_BITMAPS = "globalThis.createImageBitmap = () => new Promise(() => undefined);"
NO_CONVERT_TO_BLOB = "delete OffscreenCanvas.prototype.convertToBlob;"
NO_CONSTRAINED_CAMERA = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) =>
    wanted.video.frameRate
        ? Promise.reject(new OverconstrainedError("frameRate.max"))
        : open(wanted);
"""
HUNG_CAMERA = "navigator.mediaDevices.getUserMedia = () => new Promise(() => undefined);"
ALTERED_READBACK = """
CanvasRenderingContext2D.prototype.getImageData = function (x, y, width, height) {
    const image = new ImageData(width, height);
    image.data.fill(VALUE);
    return image;
};
"""
MUTE = """() => {
    Object.defineProperty(MediaStreamTrack.prototype, "muted", {
        configurable: true, get: () => true
    });
    const { stream } = document.querySelector("lesson-view").capture.camera;
    stream.getVideoTracks()[0].dispatchEvent(new Event("mute"));
}"""
UNPLUG = """() => {
    const { stream } = document.querySelector("lesson-view").capture.camera;
    const [track] = stream.getVideoTracks();
    track.stop();
    track.dispatchEvent(new Event("ended"));
}"""


@pytest.fixture
def proxy(stack: Stack) -> Iterator[HalfOpenProxy]:
    with half_open_proxy(stack.port) as running:
        yield running


def open_lesson(page: Page, address: str, name: str) -> None:
    """Enter a session of its own, so that the class of the shared one stays as it is."""
    session = enter(page, address, "teacher", "Robin", "new")
    enter(page, address, "student", f"{name} {secrets.token_hex(3)}", session)
    page.goto(f"{address}/sessions/{session}/")


def start_camera(page: Page, address: str, name: str) -> None:
    open_lesson(page, address, name)
    say_yes(page)
    expect(page.get_by_test_id("camera-status")).to_have_text("Camera on")
    expect(page.get_by_test_id("reading-quality")).to_have_text(FACE_SEEN)


def expect_no_reading(page: Page) -> None:
    """Neither shown nor hidden text claims that the face is seen."""
    expect(page.locator("body")).not_to_contain_text(FACE_SEEN)
    if page.locator("live-reading").count():
        expect(page.locator("live-reading")).to_have_attribute("data-empty", "")


def prepend_to_worker(page: Page, script: str) -> None:
    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=script + response.text())

    page.route(re.compile(r"jpeg\.worker"), answer)


@pytest.mark.parametrize(
    ("script", "worker_script"),
    [
        pytest.param(NO_BITMAP_OPTIONS, "", id="bitmap-options"),
        pytest.param(HUNG_BITMAPS, "", id="hung-bitmaps"),
        pytest.param("", NO_CONVERT_TO_BLOB, id="convert-to-blob"),
        pytest.param("", "throw new Error();", id="dead-worker"),
        pytest.param("", "onmessage = () => 0; Object.freeze(self);", id="silent-worker"),
        pytest.param("delete globalThis.Worker;", "", id="no-worker"),
        pytest.param(NO_CONSTRAINED_CAMERA, "", id="overconstrained"),
    ],
)
def test_camera_works_another_way(
    browser: Browser, address: str, script: str, worker_script: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    if script:
        page.add_init_script(script)
    if worker_script:
        prepend_to_worker(page, worker_script)
    try:
        start_camera(page, address, "Abel")
    finally:
        context.close()


@pytest.mark.parametrize("value", [0, 255])
def test_altered_readback_is_named(student: Page, address: str, value: int) -> None:
    student.add_init_script(ALTERED_READBACK.replace("VALUE", str(value)))
    open_lesson(student, address, "Bea")
    student.get_by_test_id("begin").click()
    student.get_by_test_id("choose-camera").click()
    answer_questions(student, "capture", "server_processing")
    expect(student.get_by_test_id("coach")).to_contain_text("privacy protection of your browser")
    expect(student.get_by_test_id("preview-start")).to_be_hidden()
    check_accessibility(student)


def test_muted_camera_is_not_on(student: Page, address: str) -> None:
    start_camera(student, address, "Cleo")
    student.evaluate(MUTE)
    expect(student.get_by_test_id("camera-status")).to_have_text("Camera on, not working")
    expect(student.locator(".camera-message")).to_contain_text("sends no picture")
    expect_no_reading(student)
    check_accessibility(student)


def test_no_reading_stays_after_the_camera(student: Page, address: str) -> None:
    start_camera(student, address, "Dora")
    student.wait_for_timeout(3_000)  # the reading is announced
    student.get_by_test_id("camera-pause").click()
    student.wait_for_timeout(1_500)  # a reading on its way arrives
    expect_no_reading(student)
    student.get_by_test_id("camera-resume").click()
    expect(student.get_by_test_id("reading-quality")).to_have_text(FACE_SEEN)
    student.evaluate(UNPLUG)
    expect(student.locator(".camera-message")).to_contain_text("was disconnected")
    expect_no_reading(student)
    student.get_by_test_id("camera-use").click()
    student.get_by_test_id("preview-start").click()
    expect(student.get_by_test_id("reading-quality")).to_have_text(FACE_SEEN)
    student.get_by_test_id("camera-stop").click()
    expect_no_reading(student)
    student.get_by_test_id("withdraw").click()
    student.get_by_test_id("withdraw-confirm").click()
    expect(student.get_by_test_id("erased-receipt")).to_be_visible()
    expect_no_reading(student)


@pytest.mark.parametrize("state", ["on", "paused", "without"])
def test_half_open_connection_is_replaced(student: Page, proxy: HalfOpenProxy, state: str) -> None:
    address = f"http://127.0.0.1:{proxy.port}"
    if state == "without":
        sockets: list[str] = []
        student.on("websocket", lambda socket: sockets.append(socket.url))
        open_lesson(student, address, "Finn")
        student.get_by_test_id("begin").click()
        student.get_by_test_id("choose-without").click()
    else:
        start_camera(student, address, "Finn")
        sockets = []
        student.on("websocket", lambda socket: sockets.append(socket.url))
        if state == "paused":
            student.get_by_test_id("camera-pause").click()
    student.wait_for_timeout(8_000)  # the server has closed idle connections of the pool
    sockets.clear()
    proxy.freeze()
    frozen = time.monotonic()
    while not sockets and time.monotonic() - frozen < 25:
        student.wait_for_timeout(200)
    assert sockets
    assert time.monotonic() - frozen < 16
    shown = {"on": "Camera on", "paused": "Camera paused", "without": "Camera off"}[state]
    expect(student.get_by_test_id("camera-status")).to_have_text(shown)


def test_camera_can_be_chosen(browser: Browser, address: str) -> None:
    """Two cameras: the choice is remembered on this device."""
    flags = [
        *[flag for flag in FLAGS if "use-fake-device" not in flag],
        "--use-fake-device-for-media-stream=device-count=2",
    ]
    with browser.browser_type.launch(executable_path=CHROMIUM, args=flags) as running:
        page = running.new_page()
        open_lesson(page, address, "Gil")
        page.get_by_test_id("begin").click()
        page.get_by_test_id("choose-camera").click()
        answer_questions(page, "capture", "server_processing")
        picker = page.get_by_role("combobox", name="Camera")
        expect(picker).to_be_visible()
        chosen = picker.locator("option").last.get_attribute("value")
        picker.select_option(chosen)
        expect(page.get_by_test_id("preview-start")).to_be_enabled()
        check_accessibility(page)
        page.reload()
        page.get_by_test_id("begin").click()
        expect(picker).to_have_value(str(chosen))
