"""A canary learner with unique name, e-mail and pictures, and where to search for them."""

import base64
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import redis

from fer_lms.stack import Stack
from tests.story.photographs import photographs

SLICE = 24
"""Length of a unique byte sequence of a picture."""


@dataclass
class Canary:
    """One learner and the byte sequences that identify them."""

    word: str = field(default_factory=lambda: f"canary{uuid.uuid4().hex[:16]}")

    @property
    def name(self) -> str:
        return f"Quixotina {self.word}"

    @property
    def mail(self) -> str:
        return f"{self.word}@canary.example"

    @property
    def mark(self) -> str:
        """The comment in the pictures, like a camera's model."""
        return f"pixels-of-{self.word[::-1]}"

    def pictures(self) -> list[bytes]:
        """JPEG frames with the mark in a comment."""
        comment = self.mark.encode()
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        return [jpeg[:2] + segment + jpeg[2:] for jpeg in photographs()[:8]]

    def list_person_marks(self) -> list[bytes]:
        return [self.word.encode()]

    def list_picture_marks(self) -> list[bytes]:
        """The mark, pieces of the compressed pictures and of their pixels, and each in base64."""
        pieces = [self.mark.encode()]
        for jpeg in self.pictures():
            pieces += [jpeg[at : at + SLICE] for at in (len(jpeg) // 2, len(jpeg) * 3 // 4)]
            pieces += _iterate_pixels(jpeg)
        return pieces + [base64.b64encode(piece[at:])[:-4] for piece in pieces for at in (0, 1, 2)]


def _iterate_pixels(jpeg: bytes) -> Iterator[bytes]:
    """Return neighbouring pixels of an uneven area, in colour and in grey."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    for picture in (image, cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)):
        row = picture[picture.shape[0] // 2].reshape(-1)
        spread = [int(row[at : at + SLICE].std()) for at in range(0, len(row) - SLICE, SLICE)]
        liveliest = spread.index(max(spread)) * SLICE
        yield row[liveliest : liveliest + SLICE].tobytes()


def find_places_with(marks: Iterable[bytes], content: bytes, where: str) -> list[str]:
    return [f"{where}: {mark[:40]!r}" for mark in marks if mark in content]


def find_in_files(marks: list[bytes], folders: Iterable[Path]) -> list[str]:
    """Read every file below these folders: databases, journals, logs, temporary files."""
    found = []
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file():
                found += find_places_with(marks, file.read_bytes(), file.name)
    return found


def find_in_redis(marks: list[bytes], stack: Stack) -> list[str]:
    """Read every key and value of both Redis roles."""
    found = []
    for role in ("frames", "broker"):
        server = redis.Redis(unix_socket_path=str(stack.run_dir / f"{role}.sock"))
        for key in server.scan_iter(count=1000):
            content = key + repr(read_value(server, key)).encode() + (server.dump(key) or b"")
            found += find_places_with(marks, content, f"{role} {key!r}")
    return found


def read_value(server: Any, key: bytes) -> object:
    read: dict[bytes, Callable[[bytes], object]] = {
        b"string": server.get,
        b"list": lambda name: server.lrange(name, 0, -1),
        b"set": server.smembers,
        b"zset": lambda name: server.zrange(name, 0, -1, withscores=True),
        b"hash": server.hgetall,
        b"stream": server.xrange,
    }
    return read[server.type(key)](key)
