import os
import re
import subprocess
import sys
from difflib import SequenceMatcher

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
