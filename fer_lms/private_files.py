"""Folders and files that no other user of the machine can read or replace."""

import os
import stat
from pathlib import Path

PRIVATE_UMASK = 0o077


class UnsafeFolder(Exception):
    """The folder belongs to somebody else, or is no folder."""


def create_private_folder(path: Path) -> None:
    """Create a folder for its owner only, or close an existing one of ours to others.

    Raises:
        UnsafeFolder: Somebody else could read or replace what is in it.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_private_folder(path)
    status = path.stat()
    if status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) & PRIVATE_UMASK:
        path.chmod(0o700)


def check_private_folder(path: Path) -> None:
    """Raise UnsafeFolder unless the path is absent or a folder of this user or of root."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafeFolder(f"{path} is not a folder: remove it, or choose another one.")
    if status.st_mode & stat.S_ISVTX or path.resolve() == path.resolve().parent:
        raise UnsafeFolder(f"{path} is for all users of this machine: choose a folder in it.")
    is_ours = status.st_uid == os.getuid()
    is_roots = status.st_uid == 0 and not status.st_mode & stat.S_IWOTH
    if not (is_ours or is_roots):
        raise UnsafeFolder(f"{path} belongs to another user: remove it, or choose another one.")
