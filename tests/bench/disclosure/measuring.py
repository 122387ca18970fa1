"""Measure all attacks, the agreement of the two transports, and the utility."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from fer_lms.disclosure import figures
from fer_lms.disclosure.figures import CHANGED_GROUP
from fer_lms.policy.hint_arrival import HintArrival, store_hint_arrival
from tests.bench.disclosure import direct
from tests.bench.disclosure.attacks import ATTACKS
from tests.bench.disclosure.direct import CourseSession, Releases
from tests.bench.disclosure.estimators import measure
from tests.bench.disclosure.plays import POOLS, Attack, collect
from tests.bench.disclosure.rest import release_course
from tests.bench.disclosure.rule_attacks import RULE_ATTACKS, collect_rule_trials
from tests.bench.disclosure.utility import measure_utility
from tests.bench.process_pool import create_process_pool

Log = Callable[[str], None]
CLASSES: Final = 80
"""Classes of one attack and pool; large classes have more trials each, so fewer are played."""
LARGE_CLASSES: Final = 24
RULE_PAIRS: Final = 5
UTILITY_SESSIONS: Final = 200
AGREEMENT_SESSIONS: Final = 30
MAX_ADVANTAGE: Final = 0.10
MAX_CI_HIGH: Final = 0.15
HINT_ARRIVAL: Final = "hint arrival, face evidence on"
Row = dict[str, Any]


def measure_attacks(
    seed: int, scale: float, names: str, log: Log, *, workers: int = 1
) -> list[Row]:
    """Measure every attack whose name contains `names`, in every pool of class sizes.

    Args:
        seed: The same seed gives the same numbers, with any number of workers.
        scale: Number of classes, relative to the published.
        names: Part of the names of the attacks.
        log: Called with each result as text.
        workers: Number of processes.
    """
    played = [attack for attack in ATTACKS if names in attack.name]
    tasks = [(attack, pool, seed, scale) for attack in played for pool in POOLS]
    if workers == 1:
        return [_log_attack(_measure_attack(*task), log) for task in tasks]
    with create_process_pool(workers) as executor:
        futures = [executor.submit(_measure_attack, *task) for task in tasks]
        return [_log_attack(future.result(), log) for future in futures]


def _measure_attack(attack: Attack, pool: str, seed: int, scale: float) -> Row:
    classes = LARGE_CLASSES if pool == "24" else CLASSES
    count = max(5, round(scale * attack.weight * classes))
    trials = collect(attack, pool, count, seed, direct.release_course)
    return _describe(attack.name, pool, trials)


def measure_rule_attacks(seed: int, scale: float, names: str, log: Log) -> list[Row]:
    """Measure the attacks through rules, which need a database."""
    rows = []
    for attack in RULE_ATTACKS:
        for pool in POOLS if names in attack.name else ():
            pairs = max(3, round(scale * attack.weight * RULE_PAIRS))
            pairs = max(3, pairs // 2) if pool == "24" else pairs
            trials = collect_rule_trials(attack, pool, pairs, seed)
            rows.append(_log_attack(_describe(attack.name, pool, trials), log))
    return rows


def store_hint_arrival_rows(rows: Sequence[Row]) -> None:
    """Store what the arrival of hints tells of a face, where the policy permits faces in hints."""
    names = HintArrival.__slots__
    arrivals = [row for row in rows if row["name"] == HINT_ARRIVAL and row["trials"]]
    store_hint_arrival([HintArrival(**{name: row[name] for name in names}) for row in arrivals])


def _describe(name: str, pool: str, trials: Any) -> Row:
    empty = {"trials": 0, "advantage": 0.0, "ci_low": 0.0, "ci_high": 0.0, "baseline": None}
    return {"name": name, "n": pool} | (measure(trials).to_row() if trials else empty)


def _log_attack(row: Row, log: Log) -> Row:
    log(format_attack(row))
    return row


def format_attack(row: Row) -> str:
    return (
        f"{row['name']:<36} n {row['n']:>4}  {row['trials']:>5} trials  "
        f"advantage {row['advantage']:6.3f} [{row['ci_low']:6.3f}, {row['ci_high']:6.3f}]  "
        f"baseline {row['baseline']}"
    )


def measure_class_utility(seed: int, scale: float, log: Log) -> list[Row]:
    rows = measure_utility(max(5, round(scale * UTILITY_SESSIONS)), seed, direct.release_course)
    for row in rows:
        log(str(row))
    return rows


def measure_agreement(seed: int, sessions: int, names: str, log: Log) -> list[Row]:
    """Play the first sessions of every attack through both transports and compare the reports."""
    rows = []
    for attack in ATTACKS:
        if names not in attack.name:
            continue
        comparison = Comparison(sessions)
        random = np.random.default_rng([seed, 7])
        # Noise depends on the last digit of a value, and stored values are integers.
        with patch.object(figures, "_average_deviations", average_without_noise):
            while comparison.played < sessions:
                attack.play(random, int(random.choice(POOLS["5-7"])), comparison.release)
        row = {"name": attack.name, "sessions": comparison.played, "same": comparison.same}
        log(f"{row['name']:<36} {row['same']} of {row['sessions']} sessions the same through REST")
        for line in comparison.differences[:3]:
            log(f"  {line}")
        rows.append(row)
    return rows


def average_without_noise(deviations: Any, weights: Any, _seed: bytes) -> Any:
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


COMPARED: Final = ("withheld", "level_withheld", "coverage", "contributors_at_least")
ROUNDING_STEP: Final = 0.1
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
    return [row["withheld"] or row["change"] or row["engagement"] for row in rows]


def list_failures(attacks: Sequence[Row]) -> list[str]:
    """List the attacks that miss the goals of docs/disclosure.md."""
    return [
        format_attack(row)
        for row in attacks
        if row["name"] != HINT_ARRIVAL
        and not row["name"].endswith("half share")
        and (row["advantage"] > MAX_ADVANTAGE or row["ci_high"] >= MAX_CI_HIGH)
    ]
