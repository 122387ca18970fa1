"""What native libraries print in a worker is a JSON line, and little of it."""

import json
import os
import subprocess
import sys

PROGRAM = """
import os, sys, time
import django
django.setup()
from fer_lms.streaming.worker.native_output import log_native_output
import structlog
log_native_output()
import cv2, numpy
jpeg = cv2.imencode(".jpg", numpy.zeros((64, 64, 3), numpy.uint8))[1].tobytes()
for _ in range(50):
    cv2.imdecode(numpy.frombuffer(jpeg[:-20] + b"x" * 9 + jpeg[-2:], numpy.uint8), 1)
os.write(2, b"\\xff" * 5000 + b"\\n")
structlog.get_logger("fer_lms.test").warning("own line")
time.sleep(0.5)
"""


def test_native_lines_are_json() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "fer_lms.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    native = [line for line in lines if line["event"] == "native_output"]
    assert any("JPEG" in line["text"] for line in native)
    assert all(len(line["text"]) <= 200 for line in native)
    assert len(native) < 10
    assert any(line["event"] == "own line" for line in lines)
