"""Summaries of measured values. Pure."""

from collections.abc import Sequence


def compute_percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least this share of all do not exceed, rounded to 0.1.

    None without values (nearest-rank method).
    """
    if not values:
        return None
    rank = max(0, -int(-share * len(values) // 1) - 1)
    return round(sorted(values)[rank], 1)


def compute_percentiles(values: Sequence[float], *percents: int) -> dict[str, float | None]:
    """Return percentiles by name, such as {"p50": 1.0, "p99": 2.0}."""
    return {f"p{percent}": compute_percentile(values, percent / 100) for percent in percents}


def compute_fairness(processed: Sequence[int]) -> float | None:
    """Return the largest count over the smallest: 1 is even; None where the smallest is 0."""
    return round(max(processed) / min(processed), 3) if processed and min(processed) else None
