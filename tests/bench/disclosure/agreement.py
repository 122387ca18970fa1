"""Compare the reports of the two transports: in-process, and through the write path and REST."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from fer_lms.disclosure import figures
from fer_lms.disclosure.figures import CHANGED_GROUP
from tests.bench.disclosure import direct
from tests.bench.disclosure.attacks import ATTACKS
from tests.bench.disclosure.direct import CourseSession, Releases
from tests.bench.disclosure.plays import POOLS, Attack
from tests.bench.disclosure.rest import release_course
from tests.bench.disclosure.workers import compute_all

Log = Callable[[str], None]
Row = dict[str, Any]


def measure_agreement(
    seed: int, sessions: int, names: str, log: Log, *, workers: int = 1
) -> list[Row]:
    """Play the first sessions of every attack through both transports and compare the reports."""
    tasks = [(attack, seed, sessions) for attack in ATTACKS if names in attack.name]
    rows = []
    for row in compute_all(_measure_agreement, tasks, workers, with_database=True):
        log(f"{row['name']:<36} {row['same']} of {row['sessions']} sessions the same through REST")
        for line in row["differences"]:
            log(f"  {line}")
        rows.append(row)
    return rows


def _measure_agreement(attack: Attack, seed: int, sessions: int) -> Row:
    comparison = Comparison(sessions)
    random = np.random.default_rng([seed, 7])
    # Noise depends on the last digit of a value, and stored values are integers.
    with patch.object(figures, "average_deviations", average_without_noise):
        while comparison.played < sessions:
            attack.play(random, int(random.choice(POOLS["5-7"])), comparison.release)
    return {
        "name": attack.name,
        "sessions": comparison.played,
        "same": comparison.same,
        "differences": comparison.differences[:MAX_LISTED],
    }


def average_without_noise(
    deviations: Any, weights: Any, _noise: object, _full_members: object
) -> Any:
    return (deviations * weights[:, :, None]).sum(axis=0)


class Comparison:
    """A transport that releases every session twice and counts equal reports."""

    def __init__(self, sessions: int) -> None:
        self._sessions = sessions
        self.played = self.same = 0
        self.differences: list[str] = []

    def release(self, sessions: Sequence[CourseSession]) -> list[Releases]:
        ours = direct.release_course(sessions)
        if self.played >= self._sessions:
            return ours
        for session, own, read in zip(sessions, ours, release_course(sessions), strict=True):
            differences = [
                *compare("final", own.final, read.final),
                *compare("live", own.live[-1:], read.live[-1:]),
            ]
            self.played += 1
            self.same += not differences
            mode = session.world.mode
            self.differences += [f"session {self.played} ({mode}): {line}" for line in differences]
        return ours


MAX_LISTED: Final = 3
COMPARED: Final = ("withheld", "level_withheld", "coverage", "contributors_at_least")
ROUNDING_STEP: Final = 0.1
CHANGES: Final = {"lower": 2.0, "similar": 2.0 + ROUNDING_STEP, "higher": 2.0 + 2 * ROUNDING_STEP}
"""Numbers that differ by one rounding step; other than every index, so that none is taken for a
change."""
MAX_LATE_BINS: Final = 3
MAX_ROUNDED_OTHERWISE: Final = 0.15
"""Share of figures that may differ by one rounding step: stored values are integers, and windows
begin at full ten seconds."""


def compare(name: str, ours: Any, theirs: Any) -> list[str]:
    """Return how two reports, or lists of at most one, differ in the figures of the camera."""
    if isinstance(ours, list):
        if len(ours) != len(theirs):
            return [f"{name}: {len(ours)} against {len(theirs)} reports"]
        pairs = zip(ours, theirs, strict=True)
        return [line for own, read in pairs for line in compare(name, own, read)]
    if theirs["withheld"] is None and ours["withheld"] == CHANGED_GROUP:
        return []  # REST goes on showing the live figures, which are compared as such
    lines = [
        f"{name} {key}: {ours[key]} / {theirs[key]}" for key in COMPARED if ours[key] != theirs[key]
    ]
    for part in ("timeline", "steps"):
        own, read = _keep_shown(ours[part]), _keep_shown(theirs[part])
        if own and not _is_alike(own, read):
            lines.append(f"{name} {part}: {own} / {read}")
    return lines


def _is_alike(ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    """Return whether rows are equal up to rounding; the last live bins depend on the last poll."""
    pairs = list(zip(ours, theirs, strict=False))
    numbers = [pair for pair in pairs if all(isinstance(value, float) for value in pair)]
    others = [pair for pair in pairs if pair not in numbers]
    steps = [abs(own - read) for own, read in numbers]
    differing = sum(step > 0 for step in steps)
    return (
        all(own == read for own, read in others)
        and all(step <= ROUNDING_STEP + 1e-9 for step in steps)
        and differing <= max(1, MAX_ROUNDED_OTHERWISE * len(numbers))
        and abs(len(ours) - len(theirs)) <= MAX_LATE_BINS
    )


def _keep_shown(rows: Sequence[Row]) -> list[Any]:
    """Return the figure of each row, or the change, or the reason why it is withheld."""
    return [row["withheld"] or CHANGES.get(row["change"]) or row["engagement"] for row in rows]
