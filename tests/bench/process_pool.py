"""Pools of processes for measurements."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import django


def create_process_pool(
    workers: int, prepare: Callable[[], None] | None = None
) -> ProcessPoolExecutor:
    """Return a pool of new processes with Django set up; a fork would copy NumPy's threads.

    Args:
        workers: Number of processes.
        prepare: Called once in each.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_set_up, initargs=(prepare,))


def _set_up(prepare: Callable[[], None] | None) -> None:
    django.setup()
    if prepare is not None:
        prepare()
