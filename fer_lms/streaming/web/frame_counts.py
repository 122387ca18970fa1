"""The frame counts of one connection. Pure: no socket, no Redis, no clock.

Two identities always hold, for the connection (the `ack` message) and for each window (the feeds):
received = accepted + refused, and accepted = processed + lost + in flight.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fer_lms.engagement.observations import locate_window

LATE_AFTER_MS = 13_000
"""A window closes 15 s after its start at the earliest; a frame needs up to 2 s to be stored."""
FEED_RETENTION_MS = 30_000


@dataclass(slots=True)
class InFlightFrame:
    """An accepted frame without an outcome."""

    window: int
    sent_ms: int
    meta: bytes
    is_cancelled: bool = False
    """True once its cancellation was tried; a worker may have claimed it before."""


class FrameCounts:
    """Totals of one connection, and its counts by window that still have to be stored."""

    def __init__(self) -> None:
        self.received = 0
        self.accepted = 0
        self.processed = 0
        self.refused: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.in_flight: dict[int, InFlightFrame] = {}
        self.last_seq = 0
        self._lost_in_flight: set[int] = set()
        self._feeds: dict[int, Counter[str]] = {}
        self._changed_windows: set[int] = set()
        self._acknowledged: tuple[int, ...] = ()

    def add_refused(self, reason: str, now_ms: int) -> None:
        self.received += 1
        self.refused[reason] += 1
        self._count(locate_window(now_ms)[0], reason)

    def add_in_flight(self, seq: int, window: int, meta: bytes, now_ms: int) -> None:
        """Add an accepted frame that is on its way to a worker."""
        self._add_accepted(window)
        self.in_flight[seq] = InFlightFrame(window, now_ms, meta)

    def add_late(self, now_ms: int) -> None:
        """Add a frame of a window that is about to close, in the window of its receipt."""
        window = locate_window(now_ms)[0]
        self._add_accepted(window)
        self._add_lost("late", window)

    def add_processed(self, window: int) -> None:
        """Add scores that the learner's own device computed."""
        self._add_accepted(window)
        self.processed += 1

    def mark_lost(self, seq: int, reason: str) -> None:
        """Mark a frame in flight that no worker will claim: superseded or expired."""
        frame = self.in_flight.pop(seq, None)
        if frame is not None:
            self._add_lost(reason, frame.window)

    def mark_lost_in_flight(self, seq: int) -> None:
        """Mark a claimed frame without an outcome. Its window counts it as lost when it closes."""
        if self.in_flight.pop(seq, None) is not None:
            self._lost_in_flight.add(seq)
            self.lost["lost_in_flight"] += 1

    def resolve(self, seq: int, lost: str | None) -> bool:
        """Apply a worker's outcome; False for a frame that is not of this connection."""
        if self.in_flight.pop(seq, None) is None:
            if seq not in self._lost_in_flight:
                return False
            self._lost_in_flight.discard(seq)
            self.lost["lost_in_flight"] -= 1
        if lost is None:
            self.processed += 1
        else:
            self.lost[lost] += 1
        return True

    def add_time(self, name: str, milliseconds: int, now_ms: int) -> None:
        """Add milliseconds hidden or paused, in the window of `now_ms`."""
        self._count(locate_window(now_ms)[0], name, milliseconds)

    def pop_changed(self, now_ms: int) -> Iterator[tuple[int, dict[str, int]]]:
        """Yield (window, cumulative counts) of every window that changed since the last call."""
        for window in sorted(self._changed_windows):
            yield window, dict(self._feeds[window])
        self._changed_windows.clear()
        oldest = locate_window(now_ms - FEED_RETENTION_MS)[0]
        self._feeds = {window: feed for window, feed in self._feeds.items() if window >= oldest}

    def mark_changed(self, windows: Iterable[int]) -> None:
        """Let the next `pop_changed` yield these windows again, after they were not stored."""
        self._changed_windows.update(window for window in windows if window in self._feeds)

    def build_ack(self) -> dict[str, object] | None:
        """Build the fields of an `ack` message; None if nothing changed since the last one."""
        state = (self.received, self.processed, self.lost.total(), len(self.in_flight))
        if state == self._acknowledged:
            return None
        self._acknowledged = state
        return {
            "last_seq": self.last_seq,
            "received": self.received,
            "accepted": self.accepted,
            "refused": {name: count for name, count in self.refused.items() if count},
            "processed": self.processed,
            "lost": {name: count for name, count in self.lost.items() if count},
            "in_flight": len(self.in_flight),
        }

    def _add_accepted(self, window: int) -> None:
        self.received += 1
        self.accepted += 1
        self._count(window, "accepted")

    def _add_lost(self, reason: str, window: int) -> None:
        self.lost[reason] += 1
        self._count(window, reason)

    def _count(self, window: int, name: str, amount: int = 1) -> None:
        self._feeds.setdefault(window, Counter())[name] += amount
        self._changed_windows.add(window)
