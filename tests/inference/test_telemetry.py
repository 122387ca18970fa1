"""Nothing leaves the machine: sockets, name look-ups and HOME of our commands."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from inference import telemetry
from inference.telemetry import (
    VARIABLES,
    SocketsNotDenied,
    list_telemetry_issues,
    run_without_sockets,
)

ROOT = Path(__file__).parents[2]
WATCH = ROOT / "scripts" / "watch-network"
READ_FOR_A_WHILE = """
import pathlib, sys, time
from inference.imaging.pictures import read_frames
from inference.pipeline import load_pipeline
pipeline = load_pipeline()
image = next(iter(read_frames(pathlib.Path(sys.argv[1])))).image
end = time.monotonic() + 13
while time.monotonic() < end:
    pipeline.read_image(image)
    time.sleep(0.2)
landmarker = getattr(pipeline.detector, "_landmarker", None)
if landmarker:
    landmarker.close()  # MediaPipe posts what it has collected
"""
"""ONNX Runtime looks a host name up about every ten seconds."""


@pytest.fixture(params=["strace", "network name space"])
def method(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to watch: a machine without strace uses a network name space."""
    if request.param == "strace":
        if shutil.which("strace") is None:
            pytest.skip("strace is not installed")
    else:
        programs = tmp_path / "programs"
        programs.mkdir()
        for name in ("unshare", "ip"):
            if found := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
                (programs / name).symlink_to(found)
        monkeypatch.setenv("PATH", str(programs))
    return str(request.param)


def run_watched(*command: str) -> None:
    """Run `scripts/watch-network`; fail where anything left the machine."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, str(WATCH), sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.usefixtures("face_model", "method")
def test_reading_photos_sends_nothing(photo: Path) -> None:
    run_watched("-m", "inference", "read", "--json", str(photo))


@pytest.mark.usefixtures("face_model", "method")
def test_a_process_that_reads_for_a_while_sends_nothing(photo: Path) -> None:
    run_watched("-c", READ_FOR_A_WHILE, str(photo))


@pytest.mark.usefixtures("face_model")
def test_the_benchmark_and_its_processes_send_nothing(photo: Path) -> None:
    arguments = ["--photo", str(photo), "--rounds", "2", "--seconds", "0.2"]
    run_watched("-m", "inference", "bench", "--json", *arguments)


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "inference", "fetch-models"],
        ["-m", "inference.training", "--help"],
        ["-m", "celery", "-A", "fer_lms", "report"],
        ["-c", "import fer_lms.asgi"],
        ["manage.py", "check"],
    ],
    ids=lambda command: " ".join(command),
)
@pytest.mark.usefixtures("face_model")
def test_other_commands_send_nothing(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch") if "inference.training" in command else None
    monkeypatch.setenv("FER_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
    run_watched(*command)


NATIVE_CONNECT = """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
number = libc.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, 0)
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(443), socket.inet_aton("192.0.2.1"))
libc.connect(number, address, 16)
"""
"""No audit hook sees it: what a native library does."""
CONNECT = "import socket; s = socket.socket({}); s.setblocking(False); s.connect_ex(('{}', 9))"
SEND = "import socket\nwith socket.socket(type=2) as s: s.sendto(b'1', ('192.0.2.1', 9))"
LEAKS = {
    "connection": CONNECT.format("socket.AF_INET", "192.0.2.1"),
    "IPv6": CONNECT.format("socket.AF_INET6", "2001:db8::9"),
    "datagram": SEND,
    "native connection": NATIVE_CONNECT,
}


@pytest.mark.usefixtures("method")
@pytest.mark.parametrize("name", LEAKS)
def test_watching_finds_what_leaves(name: str) -> None:
    with pytest.raises(AssertionError) as found:
        run_watched("-c", LEAKS[name])
    assert "2001:db8::9" in str(found.value) if name == "IPv6" else "192.0.2.1" in str(found.value)


@pytest.mark.usefixtures("method")
def test_watching_finds_a_look_up() -> None:
    code = "import socket\ntry: socket.getaddrinfo('telemetry.example', 443)\nexcept OSError: pass"
    with pytest.raises(AssertionError) as found:
        run_watched("-c", code)
    assert "network:" in str(found.value)


@pytest.mark.usefixtures("method")
def test_watching_finds_a_file_in_home() -> None:
    with pytest.raises(AssertionError) as found:
        run_watched("-c", "import pathlib; pathlib.Path.home().joinpath('id').write_text('1')")
    assert "HOME: id" in str(found.value)


@pytest.mark.usefixtures("method")
def test_local_connections_are_no_finding() -> None:
    listen = "s = socket.create_server(('127.0.0.1', 0)); "
    run_watched("-c", f"import socket; {listen}socket.create_connection(s.getsockname())")


def test_nothing_is_watched_without_either(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(WATCH), sys.executable, "-c", "print('ran')"],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (77, "")
    assert "nothing was watched" in done.stderr


@pytest.mark.parametrize("module", ["inference", "fer_lms", "fer_lms.celery", "tests"])
def test_importing_a_package_switches_reporting_off(module: str) -> None:
    code = (
        f"import os, sys, {module}\n"
        f"assert {{name: os.environ.get(name) for name in {list(VARIABLES)!r}}} == {VARIABLES!r}\n"
        "assert 'onnxruntime' not in sys.modules"
    )
    environment = {**os.environ, **dict.fromkeys(VARIABLES, "0")}
    environment["DJANGO_SETTINGS_MODULE"] = "fer_lms.settings"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def test_every_mediapipe_object_is_created_without_sockets() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    lines = [
        f"{name}: {line.strip()}"
        for name in tracked
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if re.search(r"create_from_(options|model)\w*\(", line)
    ]
    assert lines
    assert [line for line in lines if "run_without_sockets(" not in line] == []


def test_threads_that_are_started_without_sockets_cannot_open_any() -> None:
    import threading

    errors: list[OSError] = []

    def open_sockets() -> None:
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
            try:
                socket.socket(family).close()
            except OSError as error:
                errors.append(error)

    def work() -> str:
        thread = threading.Thread(target=open_sockets)
        thread.start()
        thread.join()
        open_sockets()
        return "result"

    assert run_without_sockets(work) == "result"
    assert [type(error) for error in errors] == [PermissionError] * 6
    socket.socket().close()  # this thread still can


def test_an_error_is_raised_in_the_calling_thread() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_without_sockets(fail)


def test_nothing_is_created_where_sockets_cannot_be_denied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[int] = []
    monkeypatch.setattr(telemetry, "SOCKET_CALLS", {})
    with pytest.raises(SocketsNotDenied):
        run_without_sockets(lambda: called.append(1))
    assert called == []
    [issue] = list_telemetry_issues()
    assert "MediaPipe cannot be silenced" in issue


def test_issues_name_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list_telemetry_issues() == []
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    assert list_telemetry_issues() == ["ORT_DISABLE_TELEMETRY is not 1"]
