"""When a frame was taken, whether it comes too fast, and how fast frames should come. Pure."""

from fer_lms.engagement.observations import locate_window

OLDEST_MS = 10_000
FRAMES_TO_JUDGE = 10
WASTED_SHARE = 0.1
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
        placed = locate_window(at_ms)
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


class RateGovernor:
    """The frame rate to ask of everybody: lower while frames go to waste, back when none do.

    Additive increase, multiplicative decrease (Chiu and Jain 1989), which converges to a fair
    share; the same rate is asked of every learner.
    """

    def __init__(self, *, target: float, floor: float = 0.5) -> None:
        self._highest = target
        self._floor = floor
        self._seen = (0, 0)
        self.target = target

    def update(self, accepted: int, wasted: int) -> bool:
        """Totals so far of frames accepted and of those that nobody read; True for a new rate."""
        fresh = (accepted - self._seen[0], wasted - self._seen[1])
        if fresh[0] < FRAMES_TO_JUDGE:
            return False  # wait for more of them
        self._seen = (accepted, wasted)
        before = self.target
        if fresh[1] > WASTED_SHARE * fresh[0]:
            self.target = max(self._floor, round(self.target * 0.75, 2))
        elif fresh[1] == 0:
            self.target = min(self._highest, self.target + 0.25)
        return self.target != before
