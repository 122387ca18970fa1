"""Format the result of `measure_rules` as text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

NAME_WIDTH = 28


def format_result(result: Mapping[str, Any]) -> str:
    parts: dict[str, Callable[[Any], Iterator[str]]] = {
        "generators": _format_generators,
        "personas": _format_personas,
        "rows": _format_rows,
        "cost": _format_cost,
        "goals": _format_goals,
    }
    return "\n".join(
        line
        for part, format_part in parts.items()
        if part in result
        for line in format_part(result[part])
    )


def _format_generators(generators: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for generator in generators:
        yield (
            f"{generator['name']}, face AUC {generator['face_auc']:g} "
            f"({generator['learner_hours']:g} learner-hours, {generator['episodes']} episodes)"
        )
        yield (
            f"  {'policy':{NAME_WIDTH}} {'hit rate':>20} {'false/h':>8} {'delay s':>8} "
            f"{'precision':>9} {'again':>6} {'hit rate at 0.5 false/h':>26}"
        )
        for policy in generator["policies"]:
            at_rate = policy.get("hit_rate_at_0.5"), policy.get("hit_rate_at_0.5_interval")
            yield (
                f"  {policy['name']:{NAME_WIDTH}} "
                f"{_format_share(policy['hit_rate'], policy['hit_rate_interval']):>20} "
                f"{policy['false_per_hour']:>8.2f} {_format(policy['median_delay_s']):>8} "
                f"{_format_share(policy['precision']):>9} "
                f"{_format_share(policy['helped_again_rate']):>6} "
                f"{_format_share(*at_rate):>26}"
            )
        for one in generator["comparisons"]:
            low, high = one["interval"]
            yield (
                f"  {one['policy']} - {one['against']} at {one['false_per_hour']} false/h: "
                f"{100 * one['difference']:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
            )
        yield ""


def _format_personas(personas: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [policy["name"] for policy in personas[0]["policies"]]
    yield f"{'hints per hour':36}" + "".join(f"{_shorten(name):>18}" for name in names)
    for persona in personas:
        values = [f"{policy['hints_per_hour']:.2f}" for policy in persona["policies"]]
        yield f"{persona['name']:36}" + "".join(f"{value:>18}" for value in values)
        if persona["is_frustrated"]:
            for key in ("met", "first_hint_s", "hints", "helped_again_rate"):
                values = [_format(policy[key]) for policy in persona["policies"]]
                yield f"  {key:34}" + "".join(f"{value:>18}" for value in values)
    yield ""


def _format_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield (
            f"{row['condition']:24} {row['rule']:18} {_format_share(row['hit_rate']):>6} "
            f"{row['false_alarms_per_learner_hour']:>6} {_format(row['median_delay_seconds']):>6}"
        )


def _format_cost(cost: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"cost of one window, {cost['rules']:.0f} rules: {cost['formulas_and_rules_ms']} ms of "
        f"CPU; with the state as JSON around it {cost['with_state_as_json_ms']} ms"
    )


def _format(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _format_share(value: float | None, interval: list[float] | None = None) -> str:
    if value is None:
        return "-"
    text = f"{100 * value:.1f} %"
    return text if interval is None else f"{text} ({100 * interval[0]:.0f}-{100 * interval[1]:.0f})"


def _shorten(name: str) -> str:
    return name.replace("wrong answer ", "").replace(" within ", " in ")[:17]


def _format_goals(goals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    words = {True: "met", "floor": "floor met", False: "MISSED"}
    for goal in goals:
        value = _format(goal["value"])
        bound = f", informed filter {_format(goal['bound'])}" if "bound" in goal else ""
        yield f"{words[goal['met']]:>9}  {goal['figure']}: {value} (goal {goal['goal']}{bound})"
