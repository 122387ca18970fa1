import json
import os
import re
import subprocess
import sys
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import assume, given
from hypothesis import strategies as st

from fer_lms.environment import (
    RENAMED_VARIABLES,
    find_unknown_variables,
    replace_renamed_command,
    replace_renamed_variables,
)
from tests.test_repository import ROOT, variables_in_settings

KNOWN = sorted(name for name in settings.KNOWN_VARIABLES if name.startswith("FER_"))
PUBLISHED = sorted(settings.KNOWN_VARIABLES)


def test_the_settings_collect_every_variable_that_they_read() -> None:
    assert variables_in_settings() <= settings.KNOWN_VARIABLES


def test_variables_read_elsewhere_are_known() -> None:
    read = {
        name
        for folder in ("fer_lms", "inference", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"environ(?:\.get\(|\[)\"(FER_\w+)\"", path.read_text())
    }
    assert read <= settings.KNOWN_VARIABLES


def test_renamed_variables_lead_to_known_ones() -> None:
    assert set(RENAMED_VARIABLES.values()) <= settings.KNOWN_VARIABLES
    assert not RENAMED_VARIABLES.keys() & settings.KNOWN_VARIABLES


@given(new=st.sampled_from(PUBLISHED), value=st.text(), own=st.none() | st.text())
def test_a_renamed_variable_still_works_unless_the_new_one_is_set(
    new: str, value: str, own: str | None
) -> None:
    variables = {"FER_OLD_NAME": value} | ({} if own is None else {new: own})
    replace_renamed_variables(variables, {"FER_OLD_NAME": new})
    assert variables == {new: value if own is None else own}


@pytest.mark.parametrize("new", PUBLISHED)
def test_a_renamed_variable_is_reported_once_in_one_line(
    new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = {"FER_OLD_NAME": "1"}
    for _ in range(2):
        replace_renamed_variables(variables, {"FER_OLD_NAME": new})
    printed = capsys.readouterr().err
    assert printed == f"FER_OLD_NAME is deprecated and will be removed: use {new}.\n"


def test_a_renamed_command_still_runs_and_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    renamed = {"old_command": "doctor"}
    argv = replace_renamed_command(["manage.py", "old_command", "--json"], renamed)
    assert argv == ["manage.py", "doctor", "--json"]
    assert capsys.readouterr().err == (
        "old_command is deprecated and will be removed: use doctor.\n"
    )
    assert replace_renamed_command(argv, renamed) == argv
    assert replace_renamed_command(["manage.py"], renamed) == ["manage.py"]
    assert capsys.readouterr().err == ""


def test_known_variables_are_not_reported() -> None:
    assert find_unknown_variables([*PUBLISHED, "HOME", "PATH"], settings.KNOWN_VARIABLES) == {}


@given(name=st.sampled_from(KNOWN), data=st.data())
def test_a_misspelled_variable_is_reported_with_a_similar_name(
    name: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(len("FER_"), len(name) - 1))
    misspelled = name[:at] + name[at + 1 :]
    assume(misspelled not in settings.KNOWN_VARIABLES)
    suggestion = find_unknown_variables([misspelled], settings.KNOWN_VARIABLES)[misspelled]
    assert suggestion in settings.KNOWN_VARIABLES
    assert similarity(suggestion, misspelled) >= similarity(name, misspelled)


def similarity(first: str, second: str) -> float:
    return SequenceMatcher(None, second, first).ratio()


def test_a_variable_that_is_similar_to_none_has_no_suggestion() -> None:
    found = find_unknown_variables(["FER_QQQQQQQQQQQQQQQQ"], settings.KNOWN_VARIABLES)
    assert found == {"FER_QQQQQQQQQQQQQQQQ": None}


def test_time_zones_do_not_depend_on_the_system() -> None:
    """Debian 12's Python comes without /usr/share/zoneinfo."""
    code = "from django.conf import settings; print(settings.TIME_ZONE)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONTZPATH": "", "DJANGO_SETTINGS_MODULE": "tests.settings"}
        | {"FER_TIME_ZONE": "Asia/Jakarta"},
        capture_output=True,
        text=True,
    )
    assert run.stdout == "Asia/Jakarta\n", run.stderr


ANY_TEXT = {
    *("FER_SECRET_KEY", "FER_SECRET_KEY_FALLBACKS", "FER_METRICS_TOKEN"),
    *("FER_XAPI_KEY", "FER_XAPI_SECRET"),
    *("FER_ALLOWED_HOSTS", "FER_TRUSTED_ORIGINS"),  # Django's own checks
}
HOSTS = {"FER_EMBED_HOSTS", "FER_WEBHOOK_LOCAL_HOSTS"}
FOLDERS = {"FER_VAR_DIR", "FER_RUN_DIR"}
INVALID = ("x y", "-1", "nan", "a\nb", "[", "://", "1e400", "\udcff", "9" * 5000)
READ_SETTINGS = """
import contextlib, json, os, runpy, sys
from django.core.exceptions import ImproperlyConfigured
names, values = json.loads(sys.argv[1])
found = {}
for name in names:
    before = os.environ.get(name)
    for value in values:
        os.environ[name] = value
        try:
            runpy.run_module("fer_lms.settings")
            found.setdefault(name, []).append("read")
        except ImproperlyConfigured as error:
            found.setdefault(name, []).append(str(error))
    os.environ.pop(name) if before is None else os.environ.update({name: before})
print(json.dumps(found))
"""


def read_settings(names: list[str], values: tuple[str, ...], folder: Path) -> dict[str, list[str]]:
    """Return what reading the settings says for each value of each variable."""
    run = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS, json.dumps([names, values])],
        cwd=ROOT,
        env=os.environ | {"FER_VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, list[str]] = json.loads(run.stdout)
    return found


def test_invalid_values_are_refused_with_the_name_of_their_variable(tmp_path: Path) -> None:
    names = sorted(variables_in_settings() - ANY_TEXT - FOLDERS)
    for name, answers in read_settings(names, INVALID, tmp_path).items():
        for value, answer in zip(INVALID, answers, strict=True):
            is_host = name in HOSTS and value in ("-1", "nan", "1e400", "9" * 5000)
            assert is_host or (name in answer and "\n" not in answer), (name, value[:9], answer)


def test_empty_values_are_the_defaults(tmp_path: Path) -> None:
    """As docker-compose passes a variable that is not set."""
    names = sorted(variables_in_settings() - {"FER_TIME_ZONE", *HOSTS, *FOLDERS})
    assert {tuple(texts) for texts in read_settings(names, ("",), tmp_path).values()} == {("read",)}


def test_folders_have_any_name_that_is_text(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    values = tuple(str(tmp_path / name) for name in ("a b", "a%20?b#c+d", "ü", "\udcff", "file"))
    answers = read_settings(["FER_VAR_DIR"], values, tmp_path)["FER_VAR_DIR"]
    assert [answer == "read" for answer in answers] == [True, True, True, False, False]
    assert all(answer == "read" or answer.startswith("FER_VAR_DIR") for answer in answers)
    code = "from django.conf import settings; print(settings.DATABASES['default']['NAME'])"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"FER_VAR_DIR": values[1], "DJANGO_SETTINGS_MODULE": "fer_lms.settings"},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == f"{values[1]}/fer_lms.sqlite3", run.stderr
