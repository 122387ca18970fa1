"""Side effects of loading MediaPipe that a worker does not need: native log lines, matplotlib."""

import contextlib
import ctypes
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import IO


class CapturedStderr:
    """Captured stderr output of native code."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read_last_line(self) -> str:
        self._file.seek(0)
        lines = self._file.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


@contextmanager
def capture_stderr() -> Iterator[CapturedStderr]:
    """Redirect file descriptor 2 of the whole process into a file; use it only while loading."""
    with tempfile.TemporaryFile() as file, redirect_output(file, (2,)):
        yield CapturedStderr(file)


@contextmanager
def redirect_output(file: IO[bytes], descriptors: tuple[int, ...] = (1, 2)) -> Iterator[None]:
    """Redirect standard output and error of native code into `file`, where they are open.

    Applies to the whole process. What native code has buffered is written at the end.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    originals: dict[int, int] = {}
    for descriptor in descriptors:
        with contextlib.suppress(OSError):  # closed: nothing to redirect
            originals[descriptor] = os.dup(descriptor)
    try:
        for descriptor in originals:
            os.dup2(file.fileno(), descriptor)
        try:
            yield
        finally:
            ctypes.CDLL(None).fflush(None)
            for descriptor, original in originals.items():
                os.dup2(original, descriptor)
    finally:
        for original in originals.values():
            os.close(original)


@contextmanager
def block_matplotlib_import() -> Iterator[None]:
    """Replace matplotlib by empty modules, unless it is loaded already.

    MediaPipe imports it for drawing functions that are not used here: 1.7 s of CPU and 42 MB for
    each worker, and a cache folder in the home directory.
    """
    if "matplotlib" in sys.modules:
        yield
        return
    names = ("matplotlib", "matplotlib.pyplot")
    empty = {name: ModuleType(name) for name in names}
    empty["matplotlib"].__dict__["pyplot"] = empty["matplotlib.pyplot"]
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
