"""Libraries in C that write to stderr while they load."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
