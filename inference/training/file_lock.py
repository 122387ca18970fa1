"""Exclusive use of a folder by one program, and processes that end with their parent."""

import fcntl
import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.training.errors import TrainingRefused


@contextmanager
def lock_folder(folder: Path, lock_name: str, message: str) -> Iterator[None]:
    """Hold a file lock in `folder`; the kernel releases it however the process ends.

    Raises:
        TrainingRefused: with `message`, if another program holds the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / lock_name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TrainingRefused(message) from error
        yield


def exit_with_parent() -> None:
    """End this `multiprocessing` process as soon as its parent ends.

    A killed parent cannot stop its processes, which would continue to write to its folder.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
