"""When did windows reach their last counts, and when were they closed? Seen from outside."""

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
from tests.bench.person import DemoPerson, DoorClosed
from tests.bench.reconciliation import number_of

LOOKS_BACK_SECONDS = 40


@dataclass(frozen=True)
class Sighting:
    """One window's row at one moment."""

    owner: str
    number: int
    counts: str
    closed: bool


@dataclass
class _Seen:
    counts: str = ""
    changed_at: float = 0.0
    closed_at: float | None = None


@dataclass
class WindowTimes:
    """Pure: sightings go in, milliseconds after each window's end come out."""

    _seen: dict[tuple[str, int], _Seen] = field(default_factory=dict)

    def saw(self, sighting: Sighting, at: float) -> None:
        seen = self._seen.setdefault((sighting.owner, sighting.number), _Seen())
        if seen.counts != sighting.counts:
            seen.counts, seen.changed_at = sighting.counts, at
        if sighting.closed and seen.closed_at is None:
            seen.closed_at = at

    def counted_ms(self) -> list[float]:
        """Until the row held all it ever held; for closed windows, where that is known."""
        return [
            max(0.0, seen.changed_at - _end(number)) * 1000
            for (_, number), seen in self._seen.items()
            if seen.closed_at is not None
        ]

    def closed_ms(self) -> list[float]:
        return [
            (seen.closed_at - _end(number)) * 1000
            for (_, number), seen in self._seen.items()
            if seen.closed_at is not None
        ]


class WindowWatch:
    """Looks again and again, in a thread, while the block runs."""

    def __init__(self, look: Callable[[], Iterator[Sighting]], every: float) -> None:
        self.times = WindowTimes()
        self._look = look
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _watch(self) -> None:
        while not self._stop.wait(self._every):
            for sighting in self._look():
                self.times.saw(sighting, time.time())


def in_database(path: Path, since: float) -> Callable[[], Iterator[Sighting]]:
    """Looks at every window in an SQLite file, read only."""
    columns = "participant_id, start_at, state, accepted, processed, refused, lost"
    table = ObservationWindow._meta.db_table
    query = f"SELECT {columns} FROM {table} WHERE start_at >= ?"

    def look() -> Iterator[Sighting]:
        oldest = max(since, time.time() - LOOKS_BACK_SECONDS) // WINDOW_SECONDS
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
            rows = database.execute(query, [str(compute_window_start(int(oldest)))[:19]]).fetchall()
        for owner, start_at, state, *counts in rows:
            start = datetime.fromisoformat(start_at).replace(tzinfo=UTC).timestamp()
            number = int(start) // WINDOW_SECONDS
            yield Sighting(owner, number, json.dumps(counts), state == "closed")

    return look


def in_my_report(people: Sequence[DemoPerson]) -> Callable[[], Iterator[Sighting]]:
    """Asks for the `my-report` of a few learners."""

    def look() -> Iterator[Sighting]:
        for person in people:
            try:
                windows = person.windows()
            except DoorClosed:
                continue  # asked again in a moment
            for each in windows:
                counts = json.dumps(
                    [each[name] for name in ("accepted", "processed", "refused", "lost")]
                )
                number, closed = number_of(each), each["state"] == "closed"
                yield Sighting(person.participant_id, number, counts, closed)

    return look


def _end(number: int) -> float:
    return float((number + 1) * WINDOW_SECONDS)
