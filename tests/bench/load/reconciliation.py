"""Compare what learners sent, what the socket acknowledged and what the windows contain. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fer_lms.engagement.observations import WINDOW_SECONDS
from tests.bench.load.learner_client import LearnerLog

MAX_TRANSIT_S = 1.0
"""A frame sent this close before a window's end may have been received after it."""
Window = Mapping[str, Any]
"""One window as `my-report` returns it."""


@dataclass
class FrameTotals:
    """Frame counts summed over acknowledgements or windows."""

    received: int = 0
    accepted: int = 0
    processed: int = 0
    in_flight: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def is_balanced(self) -> bool:
        return (
            self.received == self.accepted + self.refused.total()
            and self.accepted == self.processed + self.lost.total() + self.in_flight
        )


def sum_frames(counts: Iterable[Mapping[str, Any]]) -> FrameTotals:
    """Sum `ack` messages or windows."""
    totals = FrameTotals()
    for count in counts:
        totals.received += count.get("received", 0)
        totals.accepted += count.get("accepted", 0)
        totals.processed += count.get("processed", 0)
        totals.in_flight += count.get("in_flight", 0)
        totals.refused.update(count.get("refused", {}))
        totals.lost.update(count.get("lost", {}))
    return totals


@dataclass
class WindowCheck:
    """The windows of one learner compared with what that learner sent."""

    expected: int
    found: int
    wrong: int
    problems: list[str]


def check_windows(log: LearnerLog, windows: Sequence[Window]) -> WindowCheck:
    """Compare one learner's windows with the frames sent.

    A window is wrong where its own counts disagree, where it is not closed, or where nothing was
    sent in its time. One is counted as wrong where the sums of all differ from the socket's.
    """
    certain, possible = _list_expected_windows(log)
    by_number = {compute_window_number(window): window for window in windows}
    problems = {
        number: problem
        for number, window in by_number.items()
        if (problem := _find_problem(window, is_expected=number in possible))
    }
    expected = certain | (possible & by_number.keys())
    lines = [f"window {number}: {problem}" for number, problem in problems.items()]
    lines += [f"window {number}: missing" for number in sorted(expected - by_number.keys())]
    wrong = len(problems)
    if difference := _format_difference(sum_frames(windows), sum_frames([log.ack])):
        lines.append(f"over all windows: {difference}")
        wrong = max(wrong, 1)
    return WindowCheck(len(expected), len(expected & by_number.keys()), wrong, lines)


def compute_window_number(window: Window) -> int:
    return int(datetime.fromisoformat(window["start"]).timestamp()) // WINDOW_SECONDS


def _list_expected_windows(log: LearnerLog) -> tuple[set[int], set[int]]:
    """Return (windows that certainly contain a frame, windows that may contain one)."""
    certain, possible = set(), set()
    for sent_at in log.sent_at.values():
        earliest = sent_at + log.clock_offset_s
        first = int(earliest // WINDOW_SECONDS)
        last = int((earliest + MAX_TRANSIT_S) // WINDOW_SECONDS)
        possible |= {first, last}
        if first == last:
            certain.add(first)
    return certain, possible


def _find_problem(window: Window, *, is_expected: bool) -> str:
    if not is_expected:
        return "no frame was sent in its time"
    if window["state"] != "closed":
        return f"still {window['state']}"
    return "" if sum_frames([window]).is_balanced else "its counts disagree"


def _format_difference(windows: FrameTotals, socket: FrameTotals) -> str:
    pairs = {
        name: (getattr(windows, name), getattr(socket, name))
        for name in ("received", "accepted", "processed", "refused", "lost")
    }
    return ", ".join(
        f"{name} {_format_count(stored)} in the windows, "
        f"{_format_count(acknowledged)} on the socket"
        for name, (stored, acknowledged) in pairs.items()
        if stored != acknowledged
    )


def _format_count(count: "int | Counter[str]") -> str:
    return str(dict(count)) if isinstance(count, Counter) else str(count)
