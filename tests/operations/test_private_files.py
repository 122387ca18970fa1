"""Nobody else on the machine reads data, journals and logs, or plants a folder for them."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fer_lms.private_files import UnsafeFolder, check_private_folder, create_private_folder
from fer_lms.stack import Stack, StackError

NOBODY = 65534


def get_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_is_created_for_its_owner_only(tmp_path: Path) -> None:
    create_private_folder(tmp_path / "a" / "b")
    assert get_mode(tmp_path / "a" / "b") == 0o700


def test_open_folder_of_ours_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    create_private_folder(tmp_path)
    assert get_mode(tmp_path) == 0o700


def test_folder_of_all_users_is_refused_and_stays_open(tmp_path: Path) -> None:
    """Such as /tmp, which would be closed to everybody else."""
    tmp_path.chmod(0o1777)
    for folder in (tmp_path, Path("/")):
        before = get_mode(folder)
        with pytest.raises(UnsafeFolder, match="choose a folder in it"):
            create_private_folder(folder)
        assert get_mode(folder) == before


def test_file_and_link_are_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(UnsafeFolder):
            check_private_folder(tmp_path / name)
    check_private_folder(tmp_path / "absent")


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    if os.getuid() != 0:
        pytest.skip("only root can create a folder of somebody else")
    folder = tmp_path / "foreign"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    os.chown(folder, NOBODY, NOBODY)
    return folder


def test_folder_of_somebody_else_is_refused(foreign: Path) -> None:
    with pytest.raises(UnsafeFolder, match="another user"):
        create_private_folder(foreign)


def test_stack_refuses_folders_of_somebody_else(foreign: Path, tmp_path: Path) -> None:
    for run_dir, log_dir in ((foreign, tmp_path / "logs"), (tmp_path / "run", foreign)):
        stack = Stack(port=0, environment={}, run_dir=run_dir, log_dir=log_dir, frame_processes=1)
        with pytest.raises(StackError, match="another user"), stack:
            pass


@pytest.mark.parametrize("name", ["FER_VAR_DIR", "FER_RUN_DIR"])
def test_settings_refuse_folders_of_somebody_else(foreign: Path, tmp_path: Path, name: str) -> None:
    folders = {"FER_VAR_DIR": str(tmp_path / "var"), "FER_RUN_DIR": str(tmp_path / "run")}
    done = _load_settings(folders | {name: str(foreign)})
    assert done.returncode != 0
    assert f"{name}: {foreign} belongs to another user" in done.stderr


def test_files_of_a_process_are_private(tmp_path: Path) -> None:
    done = _load_settings({"FER_VAR_DIR": str(tmp_path / "var")}, "migrate", "people", "0001")
    assert done.returncode == 0, done.stderr
    files = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert any(path.name.endswith(".sqlite3") for path in files)
    assert {get_mode(path) & 0o077 for path in [tmp_path / "var", *files]} == {0}


def _load_settings(variables: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    names = ("FRAMES_REDIS_URL", "BROKER_REDIS_URL", "DATABASE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [sys.executable, "manage.py", *(command or ("check",))],
        env=environment | {"DJANGO_SETTINGS_MODULE": "fer_lms.settings"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
