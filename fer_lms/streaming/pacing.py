"""When a frame was taken, and whether it comes too fast. Pure."""

from fer_lms.engagement.observations import window_of

OLDEST_MS = 10_000
TOO_FAST_REFUSALS = 100
"""A client 100 refusals over its allowance is not pacing itself: the socket is closed."""


class FrameClock:
    """Places frames in windows and steps; two frames of a connection never share a step.

    The client's clock is tied to ours by the first frame: its `captured_ms` stands for its
    receipt. Later frames differ from it by what the client's monotonic clock says, clamped to
    [receipt - 10 s, receipt] and to no earlier than the welcome. `last` is the last (window,
    step) that an earlier connection of the same participant used.
    """

    def __init__(self, welcome_ms: int, last: tuple[int, int] = (0, 0)) -> None:
        self._welcome_ms = welcome_ms
        self._offset: int | None = None
        self._last = last

    def place(self, captured_ms: int, receipt_ms: int) -> tuple[int, int] | None:
        """(window, step) of a frame, or None where its step or a later one is taken."""
        if self._offset is None:
            self._offset = receipt_ms - captured_ms
        earliest = max(receipt_ms - OLDEST_MS, self._welcome_ms)
        at_ms = min(max(captured_ms + self._offset, earliest), receipt_ms)
        placed = window_of(at_ms)
        if placed <= self._last:
            return None
        self._last = placed
        return placed


class TokenBucket:
    """At most `rate` frames a second on average, `burst` at once."""

    def __init__(self, *, rate: float, burst: int, now_ms: int) -> None:
        self._rate = rate / 1000
        self._burst = burst
        self._tokens = float(burst)
        self._at_ms = now_ms
        self._debt = 0.0

    def take(self, now_ms: int) -> bool:
        elapsed = max(0, now_ms - self._at_ms)
        self._at_ms = now_ms
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._debt = max(0.0, self._debt - elapsed * self._rate)
        if self._tokens < 1:
            self._debt += 1
            return False
        self._tokens -= 1
        return True

    @property
    def exhausted(self) -> bool:
        """Too fast for too long."""
        return self._debt >= TOO_FAST_REFUSALS
