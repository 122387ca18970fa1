"""Which network is worth its time: nobody both faster and at least as accurate.

A bare quotient of accuracy and milliseconds names whatever is fastest, however wrong: a network
that guesses in no time wins it. So the front is asked for, and what each further millisecond buys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Point:
    name: str
    accuracy: float
    interval: tuple[float, float]
    ms: float


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats in both, the fastest first."""
    found: list[Point] = []
    for point in sorted(points, key=lambda p: (p.ms, -p.accuracy)):
        if not found or point.accuracy > found[-1].accuracy:
            found.append(point)
    return found


def verdict_lines(points: Sequence[Point], asked: str, what: str) -> list[str]:
    """Sentences: the front, its steps, who is beaten by whom, and how `asked` stands.

    `asked` is the name of the network that the question is about; `what` names the points.
    """
    if len(points) < 2:
        return []
    best = front(points)
    lines = [
        f"Of {what}, none is both faster and at least as accurate as these: "
        + "; ".join(f"{p.name} ({100 * p.accuracy:.1f} %, {p.ms:.2f} ms)" for p in best)
        + "."
    ]
    lines += [_step(one, other) for one, other in pairwise(best)]
    lines += [_beaten(point, best) for point in points if point not in best]
    lines += _about(asked, points, best)
    return [f"- {line}" for line in lines]


def _step(one: Point, other: Point) -> str:
    gain, price = 100 * (other.accuracy - one.accuracy), other.ms - one.ms
    return (
        f"From {one.name} to {other.name}: {gain:.1f} points more for {price:.2f} ms more, "
        f"{gain / price:.1f} points a millisecond{_doubt(one, other)}."
    )


def _beaten(point: Point, best: list[Point]) -> str:
    by = next(p for p in reversed(best) if p.ms <= point.ms and p.accuracy >= point.accuracy)
    return (
        f"{point.name} ({100 * point.accuracy:.1f} %, {point.ms:.2f} ms) is beaten by {by.name} "
        f"in both{_doubt(point, by)}."
    )


def _doubt(one: Point, other: Point) -> str:
    low, high = sorted((one, other), key=lambda p: p.accuracy)
    overlap = low.interval[1] >= high.interval[0]
    return " (the intervals overlap: the difference in accuracy may be chance)" if overlap else ""


def _about(asked: str, points: Sequence[Point], best: list[Point]) -> list[str]:
    quotient = max(points, key=lambda p: p.accuracy / p.ms)
    lines = [
        f"By the bare quotient of accuracy and time, which favours whatever is fast, "
        f"{quotient.name} comes first ({100 * quotient.accuracy / quotient.ms:.0f} points a "
        "millisecond)."
    ]
    if asked in {p.name for p in points}:
        on = asked in {p.name for p in best}
        wins = quotient.name == asked
        lines.append(
            f"So {asked} is {'on' if on else 'not on'} the front, and "
            f"{'first' if wins else 'not first'} by the quotient."
        )
    return lines
