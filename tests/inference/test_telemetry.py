"""Nothing leaves the machine: sockets, name look-ups and HOME of our commands."""

import os
import re
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
AUDIT = """
import os, sys
home = os.environ["HOME"]
def watch(event, arguments):
    written = event == "open" and str(arguments[0]).startswith(home) and arguments[1] != "r"
    if written or event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        print("AUDIT", event, arguments, file=sys.stderr)
sys.addaudithook(watch)
"""


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
        pytest.skip("strace is not installed")
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.usefixtures("face_model")
def test_reading_photos_sends_nothing(photo: Path) -> None:
    run_watched("-m", "inference", "read", "--json", str(photo))


@pytest.mark.usefixtures("face_model")
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


@pytest.mark.usefixtures("face_model")
def test_python_code_sends_nothing(photo: Path, tmp_path: Path) -> None:
    """Also without strace: an audit hook sees what Python code does."""
    (tmp_path / "sitecustomize.py").write_text(AUDIT)
    model_dir = os.environ.get("FER_MODEL_DIR", str(Path.home() / ".cache" / "fer-lms"))
    environment = {
        **{name: value for name, value in os.environ.items() if name not in VARIABLES},
        "PYTHONPATH": str(tmp_path),
        "HOME": str(tmp_path / "home"),
        "FER_MODEL_DIR": model_dir,
    }
    done = subprocess.run(
        [sys.executable, "-m", "inference", "read", str(photo)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "AUDIT" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_watching_finds_a_lookup_and_a_file(tmp_path: Path) -> None:
    code = (
        "import pathlib, socket\n"
        "pathlib.Path.home().joinpath('id').write_text('1')\n"
        "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s: s.connect(('192.0.2.1', 9))"
    )
    with pytest.raises(AssertionError) as found:
        run_watched("-c", code)
    assert "192.0.2.1" in str(found.value)
    assert "HOME: id" in str(found.value)


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
