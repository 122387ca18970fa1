"""What MediaPipe does while it loads that a worker can do without."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import IO


class Noise:
    """What was written meanwhile."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def last_line(self) -> str:
        self._file.seek(0)
        lines = self._file.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


@contextmanager
def quiet_stderr() -> Iterator[Noise]:
    """Turns file descriptor 2 of the whole process aside, so only for the moment of loading."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as aside:
            os.dup2(aside.fileno(), 2)
            try:
                yield Noise(aside)
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)


@contextmanager
def without_matplotlib() -> Iterator[None]:
    """An empty stand-in for matplotlib, unless it is loaded already.

    MediaPipe imports it for functions that draw, which nobody calls here: 1.7 s of CPU and 42 MB
    for each worker, and a cache folder in the home.
    """
    if "matplotlib" in sys.modules:
        yield
        return
    names = ("matplotlib", "matplotlib.pyplot")
    stand_ins = {name: ModuleType(name) for name in names}
    stand_ins["matplotlib"].__dict__["pyplot"] = stand_ins["matplotlib.pyplot"]
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
