"""Capture time of frames, rate limit, and control of the frame rate. Pure: no socket, no clock."""

from fer_lms.engagement.observations import locate_window

MAX_FRAME_AGE_MS = 10_000
MIN_FRAMES_PER_UPDATE = 10
MAX_DISCARDED_SHARE = 0.1
MAX_REFUSED_FRAMES = 100
"""More refusals than this, less the allowance that has grown since, close the socket."""


class FrameClock:
    """Assigns a window and a step to each frame; two frames of a connection never share a step.

    The first frame aligns the client's monotonic clock with the server's: its `captured_ms`
    corresponds to its receipt. Later frames are placed relative to it, clamped to
    [receipt - 10 s, receipt] and to no earlier than the welcome.

    Args:
        welcome_ms: When `welcome` was sent, in Unix milliseconds.
        last: The last (window, step) that an earlier connection of the participant used.
    """

    def __init__(self, welcome_ms: int, last: tuple[int, int] = (0, 0)) -> None:
        self._welcome_ms = welcome_ms
        self._offset: int | None = None
        self._last = last

    def place(self, captured_ms: int, receipt_ms: int) -> tuple[int, int] | None:
        """Return (window, step) of a frame; None if that step or a later one is taken."""
        if self._offset is None:
            self._offset = receipt_ms - captured_ms
        earliest = max(receipt_ms - MAX_FRAME_AGE_MS, self._welcome_ms)
        at_ms = min(max(captured_ms + self._offset, earliest), receipt_ms)
        position = locate_window(at_ms)
        if position <= self._last:
            return None
        self._last = position
        return position


class TokenBucket:
    """Limits frames to `rate` a second on average and `burst` at once."""

    def __init__(self, *, rate: float, burst: int, now_ms: int) -> None:
        self._rate = rate / 1000
        self._burst = burst
        self._tokens = float(burst)
        self._updated_ms = now_ms
        self._refused = 0.0

    def take(self, now_ms: int) -> bool:
        elapsed = max(0, now_ms - self._updated_ms)
        self._updated_ms = now_ms
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._refused = max(0.0, self._refused - elapsed * self._rate)
        if self._tokens < 1:
            self._refused += 1
            return False
        self._tokens -= 1
        return True

    @property
    def is_exhausted(self) -> bool:
        """True where frames have arrived too fast for too long."""
        return self._refused >= MAX_REFUSED_FRAMES


class RateController:
    """Adapts the frame rate that all clients are asked for to the capacity of the workers.

    Additive increase, multiplicative decrease (Chiu and Jain 1989), which converges to a fair
    share.
    """

    def __init__(self, *, target: float, minimum: float = 0.5) -> None:
        self._maximum = target
        self._minimum = minimum
        self._totals = (0, 0)
        self.target = target

    def update(self, accepted: int, discarded: int) -> bool:
        """Adapt the rate to the totals so far.

        Args:
            accepted: Frames accepted.
            discarded: Those of them that no worker read in time.

        Returns:
            Whether the target changed.
        """
        new_accepted, new_discarded = accepted - self._totals[0], discarded - self._totals[1]
        if new_accepted < MIN_FRAMES_PER_UPDATE:
            return False
        self._totals = (accepted, discarded)
        before = self.target
        if new_discarded > MAX_DISCARDED_SHARE * new_accepted:
            self.target = max(self._minimum, round(self.target * 0.75, 2))
        elif new_discarded == 0:
            self.target = min(self._maximum, self.target + 0.25)
        return self.target != before
