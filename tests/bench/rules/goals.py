"""Compare the result of `measure_rules` with the goals. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

GOAL_FACE_AUC: Final = 0.65
MARGIN: Final = 0.10
FLOOR: Final = 0.05
"""Hit rate above that of the best counter, at the compared rate of false hints."""
MAX_DELAY_S: Final = 60.0
MAX_CALM_HINTS_PER_HOUR: Final = 0.5
MIN_MET_WITH_FACE: Final = 0.60
MIN_MET_WITHOUT_FACE: Final = 0.30
MAX_FIRST_HINT_S: Final[Mapping[str, float]] = {
    "failing on and on": 120.0,
    "wrong, wrong, right": 240.0,
}
LEVELS_WHEN_FAILING: Final = [1, 2, 3, 4]
MAX_COST_MS: Final = 0.15

Goal = dict[str, Any]
"""Keys: figure, goal, value, met (true, "floor" or false); for generators `bound`, the value of the
informed filter."""


def check_goals(result: Mapping[str, Any]) -> list[Goal]:
    """Return a row for each goal whose part was measured."""
    goals: list[Goal] = []
    for generator in result.get("generators", ()):
        if generator["face_auc"] == GOAL_FACE_AUC:
            goals += _check_generator(generator)
    goals += _check_personas(result.get("personas", ()))
    if "cost" in result:
        cost = result["cost"]["formulas_and_rules_ms"]
        goals.append(_build("CPU a window, without the database", "0.15 ms", cost, MAX_COST_MS))
    return goals


def _build(figure: str, goal: str, value: float | None, at_most: float) -> Goal:
    is_met = value is not None and value <= at_most
    return {"figure": figure, "goal": goal, "value": value, "met": is_met}


def _check_generator(generator: Mapping[str, Any]) -> Iterator[Goal]:
    name = generator["name"]
    bound = _find_difference(generator, "informed filter")
    for policy in ("default", "fused"):
        difference = _find_difference(generator, policy)
        met: bool | str = difference >= MARGIN or ("floor" if difference >= FLOOR else False)
        figure = f"{policy}, {name}: hit rate above the best counter's at 0.5 false hints an hour"
        goal = {"figure": figure, "goal": "0.10 (floor 0.05)", "value": difference, "met": met}
        yield goal | {"bound": bound}
    default = _find(generator["policies"], "default")
    figure = f"default, {name}: median delay"
    informed = _find(generator["policies"], "informed filter")
    goal = _build(figure, "60 s", default["median_delay_s"], MAX_DELAY_S)
    yield goal | {"bound": informed["median_delay_s"]}


def _find_difference(generator: Mapping[str, Any], policy: str) -> float:
    """Return the hit rate above the best counter's."""
    return next(
        float(one["difference"])
        for one in generator["comparisons"]
        if one["policy"] == policy and one["against"] == "counter family"
    )


def _check_personas(personas: Sequence[Mapping[str, Any]]) -> Iterator[Goal]:
    for persona in personas:
        if not persona["is_frustrated"]:
            rate = _find(persona["policies"], "default")["hints_per_hour"]
            figure = f"default, {persona['name']}: hints an hour"
            yield _build(figure, "0.5", rate, MAX_CALM_HINTS_PER_HOUR)
        elif persona["name"] in MAX_FIRST_HINT_S:
            yield from _check_failing(persona)
        elif persona["name"] == "silent and stuck, face visible":
            yield from _check_silent(persona)


def _check_failing(persona: Mapping[str, Any]) -> Iterator[Goal]:
    default, limit = _find(persona["policies"], "default"), MAX_FIRST_HINT_S[persona["name"]]
    figure = f"default, {persona['name']}: first hint"
    yield _build(figure, f"{limit:g} s", default["first_hint_s"], limit)
    if persona["name"] == "failing on and on":
        is_met = default["levels"] == LEVELS_WHEN_FAILING and default["hints"] >= 4
        figure = f"default, {persona['name']}: hints of rising level"
        yield {"figure": figure, "goal": "4", "value": default["hints"], "met": is_met}


def _check_silent(persona: Mapping[str, Any]) -> Iterator[Goal]:
    for policy, least in (
        ("fused", MIN_MET_WITH_FACE),
        ("interaction only", MIN_MET_WITHOUT_FACE),
    ):
        met = _find(persona["policies"], policy)["met"]
        figure = f"{policy}, {persona['name']}: share met"
        yield {"figure": figure, "goal": f"{least:.2f}", "value": met, "met": met >= least}


def _find(policies: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next(policy for policy in policies if policy["name"] == name)
