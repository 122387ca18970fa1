"""Re-encoding of uploaded pictures in a process of its own.

A picture of a few kilobytes can need 200 MB and a second of CPU. The process has limits on both,
and ends with the upload; the web process only passes bytes on.
"""

import json
import subprocess
import sys
import threading
from types import TracebackType
from typing import IO, Self

from fer_lms.lessons.content import pictures
from fer_lms.lessons.content.pictures import MAX_PICTURE_BYTES, Picture, PictureError

MAX_PROCESSES = 2
MAX_WAIT_S = 10.0
MAX_PICTURE_S = 20.0

_free_processes = threading.BoundedSemaphore(MAX_PROCESSES)


class PictureProcess:
    """A process that starts with the first picture. Leaving the context ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            _free_processes.release()

    def recode(self, data: bytes) -> Picture:
        """Decode, orient, shrink and encode an image.

        Raises:
            PictureError: The data is too large or not a supported image, or too many uploads are
                being read.
        """
        if len(data) > MAX_PICTURE_BYTES:
            raise PictureError("too_large")
        if self._process is None:
            self._process = _start()
        watch = threading.Timer(MAX_PICTURE_S, self._process.kill)
        watch.start()
        try:
            return _exchange(self._process, data)
        except PictureError:
            raise
        except (
            OSError,
            ValueError,
            EOFError,
        ) as error:  # it ended: memory, time, or a decoder's crash
            raise PictureError("too_large") from error
        finally:
            watch.cancel()


def _start() -> "subprocess.Popen[bytes]":
    if not _free_processes.acquire(timeout=MAX_WAIT_S):
        raise PictureError("busy")
    try:
        return subprocess.Popen(  # noqa: S603 - our own file, no user input
            [sys.executable, "-I", pictures.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except BaseException:
        _free_processes.release()
        raise


def _exchange(process: "subprocess.Popen[bytes]", data: bytes) -> Picture:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(len(data).to_bytes(4, "big") + data)
    process.stdin.flush()
    head = json.loads(process.stdout.readline())
    if "reason" in head:
        raise PictureError(head["reason"])
    encoded = _read_exactly(process.stdout, head["bytes"])
    return Picture(head["media_type"], head["width"], head["height"], encoded)


def _read_exactly(source: IO[bytes], count: int) -> bytes:
    data = source.read(count)
    if len(data) < count:
        raise EOFError
    return data
