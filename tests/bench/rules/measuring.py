"""Measure policies side by side on the same simulated learners: the result of `measure_rules`."""

from typing import Any, Final

from tests.bench.rules.conditions import measure_conditions, measure_cost
from tests.bench.rules.extent import Extent
from tests.bench.rules.generator_measures import measure_generators
from tests.bench.rules.goals import check_goals
from tests.bench.rules.persona_measures import measure_personas

ROW_CLASSES: Final = 2


def measure_rules(extent: Extent) -> dict[str, Any]:
    """Return the keys of `measure_rules --json`; the same extent gives the same figures."""
    measured: dict[str, Any] = {"seeds": list(extent.seeds)}
    for part, measure in (
        ("generators", measure_generators),
        ("personas", measure_personas),
        ("rows", _measure_rows),
        ("cost", lambda _extent: measure_cost()),
    ):
        if part in extent.parts:
            measured[part] = measure(extent)
    return measured | {"goals": check_goals(measured)}


def _measure_rows(extent: Extent) -> list[dict[str, Any]]:
    seeds = extent.seeds[:ROW_CLASSES]
    return measure_conditions(seeds=seeds, learners=extent.learners, minutes=extent.minutes)
