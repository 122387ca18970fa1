"""One program at a time in a folder, and no process that outlives the one that started it."""

import fcntl
import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.training.errors import TrainingRefused


@contextmanager
def alone_in(folder: Path, lock_name: str, refusal: str) -> Iterator[None]:
    """Raises TrainingRefused with `refusal` while another holds the lock; it goes with its holder,
    however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / lock_name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TrainingRefused(refusal) from error
        yield


def end_with_parent() -> None:
    """In a process that `multiprocessing` started: end as soon as the one that started it does.

    One that was killed cannot stop its processes, and these would train on into its folder.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
