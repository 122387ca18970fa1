"""Do the sums agree? What learners sent, what the socket said, what the windows hold. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fer_lms.engagement.observations import WINDOW_SECONDS
from tests.bench.learners import Told

UNSURE_SECONDS = 1.0
"""A frame sent this close before a window's end may have been received after it."""
Window = Mapping[str, Any]
"""One window as `my-report` shows it."""


@dataclass
class Account:
    """One class, or one learner, summed up."""

    received: int = 0
    accepted: int = 0
    processed: int = 0
    in_flight: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def balanced(self) -> bool:
        return (
            self.received == self.accepted + self.refused.total()
            and self.accepted == self.processed + self.lost.total() + self.in_flight
        )

    def add(self, counts: Mapping[str, Any]) -> None:
        """Add an `ack`, or a window."""
        self.received += counts.get("received", 0)
        self.accepted += counts.get("accepted", 0)
        self.processed += counts.get("processed", 0)
        self.in_flight += counts.get("in_flight", 0)
        self.refused.update(counts.get("refused", {}))
        self.lost.update(counts.get("lost", {}))


def account_of(counts: Iterable[Mapping[str, Any]]) -> Account:
    account = Account()
    for each in counts:
        account.add(each)
    return account


@dataclass
class WindowCheck:
    """The windows of one learner against what that learner sent."""

    expected: int
    found: int
    wrong: int
    problems: list[str]


def check_windows(told: Told, windows: Sequence[Window]) -> WindowCheck:
    """A window is wrong where its own counts disagree, where it is not closed, where nothing was
    sent in its time; one is counted wrong where the sums over all differ from the socket's."""
    sure, possible = _windows_sent_in(told)
    by_number = {number_of(window): window for window in windows}
    problems = {
        number: problem
        for number, window in by_number.items()
        if (problem := _problem(window, known=number in possible))
    }
    expected = sure | (possible & by_number.keys())
    lines = [f"window {number}: {problem}" for number, problem in problems.items()]
    lines += [f"window {number}: lost" for number in sorted(expected - by_number.keys())]
    wrong = len(problems)
    if difference := _difference(account_of(windows), account_of([told.ack])):
        lines.append(f"over all windows: {difference}")
        wrong = max(wrong, 1)
    return WindowCheck(len(expected), len(expected & by_number.keys()), wrong, lines)


def number_of(window: Window) -> int:
    return int(datetime.fromisoformat(window["start"]).timestamp()) // WINDOW_SECONDS


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all do not exceed; None without values."""
    if not values:
        return None
    rank = max(0, -int(-share * len(values) // 1) - 1)
    return round(sorted(values)[rank], 1)


def fairness(processed: Sequence[int]) -> float | None:
    """The largest share of what was processed over the smallest: 1 is even."""
    return round(max(processed) / min(processed), 3) if processed and min(processed) else None


def _windows_sent_in(told: Told) -> tuple[set[int], set[int]]:
    """(windows that surely hold a frame, windows that may hold one)."""
    sure, possible = set(), set()
    for sent_at in told.sent_at.values():
        earliest = sent_at + told.clock_ahead
        first = int(earliest // WINDOW_SECONDS)
        last = int((earliest + UNSURE_SECONDS) // WINDOW_SECONDS)
        possible |= {first, last}
        if first == last:
            sure.add(first)
    return sure, possible


def _problem(window: Window, *, known: bool) -> str:
    if not known:
        return "nothing was sent in its time"
    if window["state"] != "closed":
        return f"still {window['state']}"
    return "" if account_of([window]).balanced else "its counts disagree"


def _difference(windows: Account, socket: Account) -> str:
    pairs = {
        name: (getattr(windows, name), getattr(socket, name))
        for name in ("received", "accepted", "processed", "refused", "lost")
    }
    return ", ".join(
        f"{name} {_shown(ours)} in the windows, {_shown(theirs)} on the socket"
        for name, (ours, theirs) in pairs.items()
        if ours != theirs
    )


def _shown(count: "int | Counter[str]") -> str:
    return str(dict(count)) if isinstance(count, Counter) else str(count)
