"""Compute the tasks of `measure_disclosure` in several processes."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.util import Finalize
from typing import Any, TypeVar

from django.test.utils import override_settings

from tests.bench.process_pool import create_process_pool
from tests.bench.temporary_database import temporary_database

Result = TypeVar("Result")
_opened = ExitStack()


def compute_all(
    function: Callable[..., Result],
    tasks: Sequence[tuple[Any, ...]],
    workers: int,
    *,
    with_database: bool = False,
) -> Iterator[Result]:
    """Call the function with the arguments of each task, and return the results in their order.

    Args:
        function: A function of a module.
        tasks: Its arguments.
        workers: Number of processes.
        with_database: Whether each process needs an empty database with a policy.
    """
    with create_process_pool(workers, _open_database if with_database else None) as executor:
        futures = [executor.submit(function, *task) for task in tasks]
        for future in futures:
            yield future.result()


def _open_database() -> None:
    """Create the database of this process; it is deleted when the process ends."""
    from fer_lms.policy.actions import ensure_demo_policy

    channels = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings = {"DEMO": True, "ALLOWED_HOSTS": ["testserver"], "CHANNEL_LAYERS": channels}
    logging.disable(logging.INFO)
    _opened.enter_context(temporary_database())
    _opened.enter_context(override_settings(**settings))
    Finalize(None, _opened.close, exitpriority=1)
    ensure_demo_policy()
