"""Measure all attacks, and the utility."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from fer_lms.policy.hint_arrival import HintArrival, store_hint_arrival
from tests.bench.disclosure import direct
from tests.bench.disclosure.attacks import ATTACKS
from tests.bench.disclosure.estimators import measure
from tests.bench.disclosure.live_attacks import LIVE_ATTACKS
from tests.bench.disclosure.plays import POOLS, Attack, collect
from tests.bench.disclosure.rule_attacks import RULE_ATTACKS, RuleAttack, collect_rule_trials
from tests.bench.disclosure.utility import measure_utility
from tests.bench.disclosure.workers import compute_all

Log = Callable[[str], None]
CLASSES: Final = 80
"""Classes of one attack and pool; large classes have more trials each, so fewer are played."""
LARGE_CLASSES: Final = 24
RULE_PAIRS: Final = 5
UTILITY_SESSIONS: Final = 200
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
    played = [attack for attack in (*ATTACKS, *LIVE_ATTACKS) if names in attack.name]
    tasks = [(attack, pool, seed, scale) for attack in played for pool in POOLS]
    return [_log_attack(row, log) for row in compute_all(_measure_attack, tasks, workers)]


def _measure_attack(attack: Attack, pool: str, seed: int, scale: float) -> Row:
    classes = LARGE_CLASSES if pool == "24" else CLASSES
    count = max(5, round(scale * attack.weight * classes))
    trials = collect(attack, pool, count, seed, direct.release_course)
    return _describe(attack.name, pool, trials)


def measure_rule_attacks(
    seed: int, scale: float, names: str, log: Log, *, workers: int = 1
) -> list[Row]:
    """Measure the attacks through rules, each worker on a database of its own."""
    played = [attack for attack in RULE_ATTACKS if names in attack.name]
    tasks = [(attack, pool, seed, scale) for attack in played for pool in POOLS]
    rows = compute_all(_measure_rule_attack, tasks, workers, with_database=True)
    return [_log_attack(row, log) for row in rows]


def _measure_rule_attack(attack: RuleAttack, pool: str, seed: int, scale: float) -> Row:
    pairs = max(3, round(scale * attack.weight * RULE_PAIRS))
    pairs = max(3, pairs // 2) if pool == "24" else pairs
    return _describe(attack.name, pool, collect_rule_trials(attack, pool, pairs, seed))


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


def list_failures(attacks: Sequence[Row]) -> list[str]:
    """List the attacks that miss the goals of docs/disclosure.md."""
    return [
        format_attack(row)
        for row in attacks
        if row["name"] != HINT_ARRIVAL
        and not row["name"].endswith("half share")
        and (row["advantage"] > MAX_ADVANTAGE or row["ci_high"] >= MAX_CI_HIGH)
    ]
