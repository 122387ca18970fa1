"""Measure policies side by side on the same simulated learners: the result of `measure_rules`."""

from contextlib import ExitStack
from typing import Any, Final

from tests.bench.process_pool import create_process_pool
from tests.bench.rules.conditions import measure_conditions, measure_cost
from tests.bench.rules.extent import Extent
from tests.bench.rules.generator_measures import MapJobs, measure_generators
from tests.bench.rules.goals import check_goals
from tests.bench.rules.persona_measures import measure_personas

ROW_CLASSES: Final = 2


def measure_rules(extent: Extent, *, jobs: int = 1) -> dict[str, Any]:
    """Return the keys of `measure_rules --json`; the same extent gives the same figures.

    Args:
        jobs: Number of processes.
    """
    measured: dict[str, Any] = {"seeds": list(extent.seeds)}
    with ExitStack() as stack:
        map_jobs: MapJobs = map
        if jobs > 1:
            map_jobs = stack.enter_context(create_process_pool(jobs)).map
        if "generators" in extent.parts:
            measured["generators"] = measure_generators(extent, map_jobs)
        if "personas" in extent.parts:
            measured["personas"] = measure_personas(extent, map_jobs)
    if "rows" in extent.parts:
        measured["rows"] = _measure_rows(extent)
    if "cost" in extent.parts:
        measured["cost"] = measure_cost()
    return measured | {"goals": check_goals(measured)}


def _measure_rows(extent: Extent) -> list[dict[str, Any]]:
    seeds = extent.seeds[:ROW_CLASSES]
    return measure_conditions(seeds=seeds, learners=extent.learners, minutes=extent.minutes)
