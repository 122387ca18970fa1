"""On-device mode sends only numbers, and they match the server readings."""

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, WebSocket, expect

from inference.pipeline import load_pipeline
from inference.results import FaceReading
from tests.story.consent_answers import answer_questions
from tests.story.photographs import photographs
from tests.story.test_story import enter, windows_of

pytestmark = pytest.mark.timeout(300)
MANIFEST = Path(__file__).resolve().parents[2] / "frontend" / "dist" / "manifest.json"
MAX_DIFFERENCE = 0.02
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"ftyp", b"data:image", b"blob:")
READ = """async ([module, pictures]) => {
    const { openDeviceReader } = await import(module);
    const reader = await openDeviceReader(await (await fetch("/api/v1/device-reader")).json());
    const answers = [];
    for (const picture of pictures) {
        const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
        const blob = new Blob([bytes], { type: "image/jpeg" });
        answers.push(await reader.read(await createImageBitmap(blob)));
    }
    reader.close();
    return answers;
}"""


class Departures:
    """Record all requests and socket messages of a page and its workers."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        self.messages: list[str | bytes] = []
        page.on("request", lambda request: self.requests.append(request))
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda message: self.messages.append(message))

    def asked_for(self, part: str) -> list[Request]:
        return [request for request in self.requests if part in request.url]

    def bodies(self) -> list[bytes]:
        return [request.post_data_buffer or b"" for request in self.requests]


def choose_device(page: Page) -> None:
    """Welcome, camera question, consent; ends at the preview."""
    page.get_by_test_id("begin").click()
    page.get_by_test_id("choose-device").click()
    expect(page.get_by_test_id("consent-progress")).to_have_text("Question 1 of 3")
    answer_questions(page, "capture", "own_view")


def test_on_device_mode_sends_only_numbers(student: Page, address: str) -> None:
    departures = Departures(student)
    session = enter(student, address, "student", "Dana")
    student.goto(f"{address}/sessions/{session}/")
    expect(student.get_by_test_id("begin")).to_be_visible()
    assert not departures.asked_for("device-reader"), "loaded before it was chosen"
    choose_device(student)
    expect(student.get_by_test_id("preview-mode")).to_contain_text("stay on this device")
    expect(student.get_by_test_id("device-ready")).to_contain_text("ready.", timeout=60_000)
    student.get_by_test_id("preview-start").click()
    expect(student.get_by_test_id("camera-status")).to_have_text("Camera on")
    expect(student.get_by_test_id("camera-mode")).to_contain_text("Only numbers are sent")
    expect(student.get_by_test_id("reading-quality")).to_contain_text("can see your face")
    windows = windows_of(student, session)
    assert sum(window["processed"] for window in windows) > 0
    assert_only_numbers(departures, address)


def assert_only_numbers(departures: Departures, address: str) -> None:
    sent = [json.loads(message) for message in departures.messages if isinstance(message, str)]
    assert len(sent) == len(departures.messages), "a binary message left"
    scores = [message for message in sent if message["type"] == "scores"]
    assert scores
    for message in scores:
        assert_numbers(message)
    for request in departures.requests:
        assert request.url.startswith((address, f"blob:{address}")), request.url
    for body in departures.bodies():
        assert len(body) < 4096
        assert not any(mark in body for mark in PICTURES)


def assert_numbers(message: dict[str, Any]) -> None:
    assert set(message) == {
        *("type", "seq", "captured_ms", "labels_version", "scores", "pose", "signs"),
        *("quality", "model"),
    }
    assert message["scores"] is None or len(message["scores"]) == 8
    assert len(json.dumps(message)) < 1024


def test_device_and_server_readings_agree(student: Page, address: str) -> None:
    pictures = photographs()
    theirs = read_on_device(student, address, pictures)
    pipeline = load_pipeline()
    states = Counter(
        compared(pipeline.read(picture), answer["reading"])
        for picture, answer in zip(pictures, theirs, strict=True)
    )
    assert len(states) >= 5, states  # else the photographs show too little


def read_on_device(page: Page, address: str, pictures: list[bytes]) -> list[dict[str, Any]]:
    session = enter(page, address, "student", "Dana")
    page.goto(f"{address}/sessions/{session}/")
    expect(page.get_by_test_id("begin")).to_be_visible()
    chunk = json.loads(MANIFEST.read_text())["src/device/device-reader.ts"]["file"]
    encoded = [base64.b64encode(picture).decode() for picture in pictures]
    answers: list[dict[str, Any]] = page.evaluate(READ, [f"/static/dist/{chunk}", encoded])
    return answers


def compared(ours: FaceReading, theirs: dict[str, Any]) -> str:
    """Assert that two readings agree and return their quality."""
    assert theirs["quality"] == ours.quality
    scores = ours.expressions and ours.expressions.values
    assert pytest.approx(scores, abs=MAX_DIFFERENCE) == theirs["scores"]
    assert pytest.approx(ours.signs and ours.signs.as_dict(), abs=0.02) == theirs["signs"]
    pose = ours.pose and {"yaw": ours.pose.yaw, "pitch": ours.pose.pitch, "roll": ours.pose.roll}
    assert pytest.approx(pose, abs=1) == theirs["pose"]
    return ours.quality
