"""Observe from outside when windows reach their final counts and when they are closed."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS, compute_window_start
from tests.bench.load.demo_client import DemoClient, DemoError
from tests.bench.load.reconciliation import compute_window_number

MAX_WINDOW_AGE_S = 40


@dataclass(frozen=True)
class WindowSnapshot:
    """The row of one window at one moment."""

    participant_id: str
    number: int
    counts: str
    is_closed: bool


ReadSnapshots = Callable[[], Iterator[WindowSnapshot]]


@dataclass
class _WindowHistory:
    number: int
    counts: str = ""
    changed_at: float = 0.0
    closed_at: float | None = None

    @property
    def end(self) -> float:
        return float((self.number + 1) * WINDOW_SECONDS)


@dataclass
class WindowTimes:
    """Milliseconds from the end of each closed window to its last change and to its closing."""

    _histories: dict[tuple[str, int], _WindowHistory] = field(default_factory=dict)

    def record(self, snapshot: WindowSnapshot, at: float) -> None:
        """Record a snapshot taken at this Unix time."""
        key = snapshot.participant_id, snapshot.number
        history = self._histories.setdefault(key, _WindowHistory(snapshot.number))
        if history.counts != snapshot.counts:
            history.counts, history.changed_at = snapshot.counts, at
        if snapshot.is_closed and history.closed_at is None:
            history.closed_at = at

    def list_complete_ms(self) -> list[float]:
        """Return the time until the row had its final counts; 0 where it had them at the end."""
        return [
            max(0.0, history.changed_at - history.end) * 1000
            for history in self._histories.values()
            if history.closed_at is not None
        ]

    def list_closed_ms(self) -> list[float]:
        return [
            (history.closed_at - history.end) * 1000
            for history in self._histories.values()
            if history.closed_at is not None
        ]


class WindowObserver:
    """Reads snapshots periodically in a thread while the block runs."""

    def __init__(self, read_snapshots: ReadSnapshots, interval_s: float) -> None:
        self.times = WindowTimes()
        self._read_snapshots = read_snapshots
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            for snapshot in self._read_snapshots():
                self.times.record(snapshot, time.time())


def build_database_reader(path: Path, since: float) -> ReadSnapshots:
    """Return a reader of every recent window in an SQLite file."""
    columns = "participant_id, start_at, state, accepted, processed, refused, lost"
    table = ObservationWindow._meta.db_table
    query = f"SELECT {columns} FROM {table} WHERE start_at >= ?"

    def read() -> Iterator[WindowSnapshot]:
        first = max(since, time.time() - MAX_WINDOW_AGE_S) // WINDOW_SECONDS
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
            rows = database.execute(query, [str(compute_window_start(int(first)))[:19]]).fetchall()
        for participant_id, start_at, state, *counts in rows:
            start = datetime.fromisoformat(start_at).replace(tzinfo=UTC).timestamp()
            number = int(start) // WINDOW_SECONDS
            yield WindowSnapshot(participant_id, number, json.dumps(counts), state == "closed")

    return read


def build_report_reader(clients: Sequence[DemoClient]) -> ReadSnapshots:
    """Return a reader of the windows in these learners' `my-report`."""

    def read() -> Iterator[WindowSnapshot]:
        for client in clients:
            try:
                windows = client.list_windows()
            except DemoError:
                continue  # repeated at the next interval
            for window in windows:
                counts = [window[name] for name in ("accepted", "processed", "refused", "lost")]
                yield WindowSnapshot(
                    client.participant_id,
                    compute_window_number(window),
                    json.dumps(counts),
                    window["state"] == "closed",
                )

    return read
