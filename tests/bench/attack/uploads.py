"""Lesson files that are bombs or damaged."""

import io
import json
import random
import zipfile
from collections.abc import Iterator

from tests.bench.attack.request_sender import Attack


def list_uploads(rng: random.Random) -> Iterator[bytes]:
    """Lesson files: bombs, and a valid one with some bytes changed."""
    document = json.dumps(
        {"format": "fer-lms.lesson", "version": 1, "title": "x", "steps": [{"title": "y"}]}
    ).encode()
    zeros = {f"pictures/{n}.png": b"\0" * 2**23 for n in range(20)}
    yield pack({"lesson.json": document, **zeros})
    yield pack({"lesson.json": b'{"steps":[' + b"[]," * 1_000_000 + b"[]]}"})
    yield pack({"lesson.json": document, **{f"pictures/{n}": b"" for n in range(3_000)}})
    yield pack({"lesson.json": document}, zipfile.ZIP_LZMA)
    yield b"[" * 1_000_000
    valid = pack({"lesson.json": document, "pictures/a.png": b"\x89PNG\r\n\x1a\n" + bytes(100)})
    while True:
        changed = bytearray(valid)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield bytes(changed)


def pack(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def send_uploads(attack: Attack, count: int) -> None:
    uploads = list_uploads(attack.random)
    for _ in range(count):
        body = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\n'
            + next(uploads)
            + b"\r\n--b--\r\n"
        )
        content_type = "multipart/form-data; boundary=b"
        path = "/api/v1/courses/1/lessons/import"
        attack.send("teacher", "POST", path, body, {"Content-Type": content_type})
