"""Side effects of loading MediaPipe that a worker does not need: native log lines, matplotlib."""

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
    sys.stderr.flush()
    original = os.dup(2)
    try:
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), 2)
            try:
                yield CapturedStderr(file)
            finally:
                os.dup2(original, 2)
    finally:
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
