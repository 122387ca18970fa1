"""pytest plugin: a run ends by itself whatever hangs, and no process with threads is forked.

pytest-timeout ends a test that waits in Python. It cannot interrupt native code that waits, nor a
process that hangs at its exit: these end the run, with a traceback of every thread.
"""

import faulthandler
import os
import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO

import pytest

LIMITS = {
    "collection_limit": ("600", "seconds until the first test"),
    "extra_limit": ("120", "seconds after the time-out of a test, until the run is ended"),
    "exit_limit": ("120", "seconds from a test to the next one, or to the end of the process"),
}

MAX_THREADS = 2
"""Where a process is forked: the one that forks, and faulthandler's watchdog."""

forks: list[str] = []
"""Where a process with several threads was forked: the child has locks that nobody releases."""
stderr_key = pytest.StashKey[IO[str]]()


def record_fork() -> None:
    threads = Path("/proc/self/task")
    if threads.is_dir() and len(list(threads.iterdir())) > MAX_THREADS:
        forks.append("".join(traceback.format_stack(limit=12)))


os.register_at_fork(before=record_fork)


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, (default, text) in LIMITS.items():
        parser.addini(name, text, default=default)


def pytest_configure(config: pytest.Config) -> None:
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        config.stash[stderr_key] = os.fdopen(os.dup(2), "w")
    end_within(config, get_limit(config, "collection_limit"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    mark = item.get_closest_marker("timeout")
    limit = float(mark.args[0]) if mark and mark.args else get_limit(item.config, "timeout")
    end_within(item.config, limit + get_limit(item.config, "extra_limit"))
    try:
        return (yield)
    finally:
        end_within(item.config, get_limit(item.config, "exit_limit"))


@pytest.fixture(autouse=True)
def no_fork_of_threads() -> Iterator[None]:
    forks.clear()
    yield
    assert not forks, f"a process with several threads was forked:\n{forks[0]}"


def get_limit(config: pytest.Config, name: str) -> float:
    return float(config.getini(name))


def end_within(config: pytest.Config, seconds: float) -> None:
    """End the whole run, with a traceback of each thread, unless it is called again in time."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=config.stash[stderr_key])
