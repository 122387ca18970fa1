"""One connection's bookkeeping. Pure: no socket, no Redis, no clock of its own.

Always: received = accepted + refused, and accepted = processed + lost + in flight; for the
connection as a whole (the `ack` message), and through the feeds for each window.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fer_lms.engagement.observations import locate_window

LATE_AFTER_MS = 13_000
"""A window closes 15 s after its start at the earliest; a frame needs up to 2 s to get there."""


@dataclass(slots=True)
class InFlight:
    window: int
    sent_ms: int
    meta: bytes
    taken_back: bool = False


class Ledger:
    def __init__(self) -> None:
        self.received = 0
        self.accepted = 0
        self.processed = 0
        self.refused: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.in_flight: dict[int, InFlight] = {}
        self.last_seq = 0
        self._given_up: set[int] = set()
        self._feeds: dict[int, Counter[str]] = {}
        self._dirty: set[int] = set()
        self._acked: tuple[int, ...] = ()

    def refuse(self, reason: str, now_ms: int) -> None:
        self.received += 1
        self.refused[reason] += 1
        self._count(locate_window(now_ms)[0], reason)

    def accept(self, seq: int, window: int, meta: bytes, now_ms: int) -> None:
        """A frame on its way to a worker."""
        self._accept(window)
        self.in_flight[seq] = InFlight(window, now_ms, meta)

    def accept_late(self, now_ms: int) -> None:
        """A frame of a window that is about to close: counted in the window of its receipt."""
        window = locate_window(now_ms)[0]
        self._accept(window)
        self._lose("late", window)

    def accept_scores(self, window: int) -> None:
        """Scores made on the device: nothing more can happen to them."""
        self._accept(window)
        self.processed += 1

    def overwritten(self, seq: int, reason: str) -> None:
        """A frame that no worker will ever see: superseded, or taken back as expired."""
        frame = self.in_flight.pop(seq, None)
        if frame is not None:
            self._lose(reason, frame.window)

    def resolve(self, seq: int, lost: str | None) -> bool:
        """A worker's word on a frame; False for one that this connection does not know."""
        if self.in_flight.pop(seq, None) is None:
            if seq not in self._given_up:
                return False
            self._given_up.discard(seq)
            self.lost["lost_in_flight"] -= 1
        if lost is None:
            self.processed += 1
        else:
            self.lost[lost] += 1
        return True

    def give_up(self, seq: int) -> None:
        """A claimed frame whose worker has been silent for too long. Its window settles later."""
        if self.in_flight.pop(seq, None) is not None:
            self._given_up.add(seq)
            self.lost["lost_in_flight"] += 1

    def add_time(self, name: str, milliseconds: int, now_ms: int) -> None:
        """Milliseconds hidden or paused, in the window of `now_ms`."""
        self._count(locate_window(now_ms)[0], name, milliseconds)

    def changed_feeds(self, now_ms: int) -> Iterator[tuple[int, dict[str, int]]]:
        """(window, cumulative counts) of every window that changed since the last call."""
        for window in sorted(self._dirty):
            yield window, dict(self._feeds[window])
        self._dirty.clear()
        oldest = locate_window(now_ms - 30_000)[0]
        self._feeds = {window: feed for window, feed in self._feeds.items() if window >= oldest}

    def remember_feeds(self, windows: list[int]) -> None:
        """Send these again: the last attempt was not stored."""
        self._dirty.update(window for window in windows if window in self._feeds)

    def ack(self) -> dict[str, object] | None:
        """The fields of an `ack` message, or None where nothing changed since the last one."""
        state = (self.received, self.processed, self.lost.total(), len(self.in_flight))
        if state == self._acked:
            return None
        self._acked = state
        return {
            "last_seq": self.last_seq,
            "received": self.received,
            "accepted": self.accepted,
            "refused": {name: count for name, count in self.refused.items() if count},
            "processed": self.processed,
            "lost": {name: count for name, count in self.lost.items() if count},
            "in_flight": len(self.in_flight),
        }

    def _accept(self, window: int) -> None:
        self.received += 1
        self.accepted += 1
        self._count(window, "accepted")

    def _lose(self, reason: str, window: int) -> None:
        self.lost[reason] += 1
        self._count(window, reason)

    def _count(self, window: int, name: str, amount: int = 1) -> None:
        self._feeds.setdefault(window, Counter())[name] += amount
        self._dirty.add(window)
