"""Whatever the streams, the user and the numbers are: one plain line and exit code 2."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.command_line import (
    parse_count,
    parse_port,
    parse_positive_count,
    parse_positive_number,
    parse_share,
    run_program,
)
from inference.errors import ModelMissing
from inference.models.released import get_weights_folder
from inference.models.store import get_model_folder

ROOT = Path(__file__).parents[2]


def run_shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"exec {sys.executable} {command}"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("face_model")
def test_a_closed_stderr_changes_nothing(photo: Path) -> None:
    done = run_shell(f"-m inference read --json {photo} 2>&-")
    assert done.returncode == 0
    assert json.loads(done.stdout)[0]["quality"] == "ok"


@pytest.mark.usefixtures("face_model")
def test_errors_never_reach_stdout_where_stderr_is_closed(photo: Path) -> None:
    done = run_shell(f"-m inference read --json {photo} nowhere.jpg 2>&-")
    assert done.returncode == 2
    assert len(json.loads(done.stdout)) == 1


@pytest.mark.parametrize(
    "command",
    [
        *("-m inference read nowhere.jpg", "-m inference fetch-models", "manage.py check --deploy"),
        *("-m fer_lms.translations check de", "-m fer_lms.web_server --port 1"),
    ],
)
def test_a_closed_stdout_is_one_line(command: str) -> None:
    done = run_shell(f"{command} >&-")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("redirect it to a file or to /dev/null")
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("face_model")
@pytest.mark.parametrize(
    "command",
    ["-m inference fetch-models", "manage.py doctor", "-m fer_lms.translations check"],
)
def test_a_full_disk_is_one_line(command: str, tmp_path: Path) -> None:
    done = run_shell(f"{command} > /dev/full", FER_VAR_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_every_command_line_prepares_its_streams() -> None:
    """A file that is opened while descriptor 2 is closed would receive messages of libraries."""
    without = [
        path.relative_to(ROOT).as_posix()
        for package in ("fer_lms", "inference")
        for path in (ROOT / package).rglob("*.py")
        if '__name__ == "__main__"' in (text := path.read_text()) and "run_program" not in text
    ]
    # Started by the web process only, with streams of its own.
    assert without == ["fer_lms/lessons/content/pictures.py"]


@pytest.mark.usefixtures("face_model")
def test_all_standard_streams_closed() -> None:
    assert run_shell("-m inference read nowhere.jpg <&- >&- 2>&-").returncode == 2


def test_a_user_without_home_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from inference.__main__ import main

    def fail() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("FER_MODEL_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", fail)
    assert main(["fetch-models"]) == 2
    assert "set FER_MODEL_DIR to a folder" in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["FER_MODEL_DIR", "FER_WEIGHTS"])
def test_a_home_folder_that_is_not_known(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "~no-such-user/models")
    with pytest.raises(ModelMissing):
        (get_model_folder if variable == "FER_MODEL_DIR" else get_weights_folder)()


@pytest.mark.parametrize(
    "arguments",
    [
        "-m inference bench --rounds 0",
        "-m inference bench --rounds -1",
        "-m inference bench --rounds 1e9",
        "-m inference bench --seconds nan",
        "-m inference bench --seconds inf",
        "-m inference bench --seconds 0",
        "manage.py demo --port abc",
        "manage.py demo --port 0",
        "manage.py demo --port 99999",
        "manage.py simulate --participants 0",
        "manage.py simulate --fps nan",
        "manage.py simulate --minutes -1",
        "manage.py measure_rules --learners 0",
        "manage.py lti_platform sync 99999999999999999999",
    ],
)
def test_numbers_are_checked(arguments: str, tmp_path: Path) -> None:
    done = run_shell(arguments, FER_VAR_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "is not a" in done.stderr.splitlines()[-1]


def test_a_port_of_the_environment_is_checked(tmp_path: Path) -> None:
    done = run_shell("manage.py demo", PORT="abc", FER_VAR_DIR=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("'abc' is not a whole number from 1 to 65535")


def test_no_command_takes_an_unchecked_number() -> None:
    """`int` and `float` accept zero, negative numbers and nan."""
    sources = subprocess.run(
        ["git", "grep", "-nE", r"type=(int|float)\b", "--", "fer_lms", "inference", "tests/bench"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    lines = [line.split(":", 2) for line in sources if "test_" not in line]
    unchecked = [
        f"{name}:{number}"
        for name, number, _ in lines
        if "choices=" not in "".join((ROOT / name).read_text().splitlines()[int(number) - 1 :][:2])
    ]
    assert unchecked == []


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (parse_count, ["0", "7"], ["-1", "", "1.5", "x", "9" * 30]),
        (parse_positive_count, ["1"], ["0", "nan"]),
        (parse_port, ["1", "65535"], ["0", "65536"]),
        (parse_share, ["0", "0.5", "1"], ["-0.1", "1.1", "nan", "x"]),
        (parse_positive_number, ["0.1", "3"], ["0", "-1", "nan", "inf", "1e99", "x"]),
    ],
)
def test_parsing_numbers(parse: Callable[[str], float], good: list[str], bad: list[str]) -> None:
    assert [parse(text) for text in good] == [float(text) for text in good]
    for text in bad:
        with pytest.raises(argparse.ArgumentTypeError):
            parse(text)


def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(error: BaseException) -> int:
        raise error

    assert run_program("p", lambda: 0) == 0
    assert run_program("p", lambda: fail(ValueError("v")), ValueError) == 2
    assert run_program("p", lambda: fail(KeyboardInterrupt())) == 130
    assert run_program("p", lambda: fail(MemoryError())) == 2
    unusable = UnicodeEncodeError("utf-8", "r\udce9", 1, 2, "surrogates not allowed")
    assert run_program("p", lambda: fail(unusable)) == 2
    assert capsys.readouterr().err.splitlines() == [
        "p: v",
        "p: not enough memory for this file",
        r"p: 'r\udce9' cannot be used as a name here",
    ]
