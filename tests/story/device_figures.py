"""`python -m tests.story.device_figures [--json]`: what on-device mode costs in Chromium.

Milliseconds a frame in the worker (the 20 photographs, five rounds, the first left out), bytes that
are loaded when the way is chosen (as sent, compressed), seconds from the choice to the first
reading, and the largest differences from the server's readings of the same photographs.
"""

import argparse
import base64
import json
import statistics
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from playwright.sync_api import Page, Response, sync_playwright

from inference.pipeline import load_pipeline
from tests.bench.temporary_stack import temporary_stack
from tests.story.conftest import CHROMIUM, FLAGS
from tests.story.photographs import photographs, unsure_photographs
from tests.story.test_on_device import MANIFEST
from tests.story.test_story import enter

ROUNDS = 5
MEASURE = """async ([module, pictures, rounds]) => {
    const started = performance.now();
    const { openDeviceReader } = await import(module);
    const reader = await openDeviceReader(await (await fetch("/api/v1/device-reader")).json());
    const opened_ms = performance.now() - started;
    const answers = [];
    for (let round = 0; round < rounds; round++)
        for (const picture of pictures) {
            const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
            const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
            answers.push(await reader.read(bitmap));
        }
    return { opened_ms, answers };
}"""


def figures() -> dict[str, Any]:
    pictures, unsure = photographs(), unsure_photographs()
    with temporary_stack(frame_processes=1) as stack, sync_playwright() as playwright:
        stack.run_command("setup_demo")
        stack.start_web()
        address = f"http://127.0.0.1:{stack.port}"
        wait_for(f"{address}/healthz")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        session = enter(page, address, "student", "Dana")
        page.goto(f"{address}/sessions/{session}/")
        page.get_by_test_id("begin").wait_for()
        loaded: list[Response] = []
        page.on("response", lambda response: loaded.append(response))
        measured = measure(page, pictures)
        doubtful = measure(page, unsure)
        sizes = {name_of(entry): size_of(entry) for entry in loaded}
        browser.close()
    return {
        **times(measured, len(pictures)),
        "opened_ms": round(measured["opened_ms"]),
        "bytes": sizes,
        "bytes_in_all": sum(sizes.values()),
        **differences(pictures, measured["answers"]),
        "where_the_network_is_unsure": differences(unsure, doubtful["answers"]),
    }


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{url} does not answer")


def measure(page: Page, pictures: list[bytes]) -> dict[str, Any]:
    chunk = json.loads(MANIFEST.read_text())["src/device/device-reader.ts"]["file"]
    encoded = [base64.b64encode(picture).decode() for picture in pictures]
    measured: dict[str, Any] = page.evaluate(MEASURE, [f"/static/dist/{chunk}", encoded, ROUNDS])
    return measured


def name_of(response: Response) -> str:
    return response.url.rsplit("/", 1)[-1]


def size_of(response: Response) -> int:
    return int(response.all_headers().get("content-length", 0))


def times(measured: dict[str, Any], first: int) -> dict[str, float]:
    """Statistics of fully processed frames with one face, after warm-up."""
    whole = [
        answer["ms"]
        for answer in measured["answers"][first:]
        if answer["reading"]["signs"] is not None
    ]
    return {
        "ms_a_frame_p50": round(statistics.median(whole), 1),
        "ms_a_frame_p95": round(statistics.quantiles(whole, n=20)[-1], 1),
    }


def differences(pictures: list[bytes], answers: list[dict[str, Any]]) -> dict[str, Any]:
    pipeline = load_pipeline()
    same, scores, signs = 0, [0.0], [0.0]
    for picture, answer in zip(pictures, answers, strict=False):
        ours, theirs = pipeline.read(picture), answer["reading"]
        same += ours.quality == theirs["quality"]
        if ours.expressions and theirs["scores"]:
            pairs = zip(ours.expressions.values, theirs["scores"], strict=True)
            scores += [abs(here - there) for here, there in pairs]
        if ours.signs and theirs["signs"]:
            named = ours.signs.as_dict()
            signs += [abs(value - theirs["signs"][name]) for name, value in named.items()]
    return {
        "photographs": len(pictures),
        "same_quality": same,
        "largest_difference_of_a_probability": round(max(scores), 5),
        "largest_difference_of_a_sign": round(max(signs), 5),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = figures()
    lines = [f"{name}: {value}" for name, value in found.items()]
    output = json.dumps(found) if arguments.json else "\n".join(lines)
    sys.stdout.write(output + "\n")


if __name__ == "__main__":
    main()
