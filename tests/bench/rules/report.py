"""Write the figures of `measure_rules` into the documentation: a page and its curves."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.rules.curves import draw_curves
from tests.bench.rules.goals import GOAL_FACE_AUC

PAGE: Final = Path("researcher") / "rule-measurements.md"
START: Final = "<!-- figures: written by manage.py measure_rules --write-docs -->"
END: Final = "<!-- end of figures -->"
SHOWN_PERSONA_POLICIES: Final = (
    "default",
    "fused",
    "interaction only",
    "first session",
    "wrong answer 2 within 3 min",
)


def write_docs(result: Mapping[str, Any], docs: Path) -> list[Path]:
    """Replace the figures of the page and draw the curves; return the written files."""
    names = dict.fromkeys(generator["name"] for generator in result["generators"])
    written = []
    for name in names:
        file = docs / "figures" / f"rules-{name}.svg"
        file.write_text(draw_curves([one for one in result["generators"] if one["name"] == name]))
        written.append(file)
    page = docs / PAGE
    before, _, rest = page.read_text().partition(START)
    _, _, after = rest.partition(END)
    lines = "\n".join(_format_figures(result))
    page.write_text(f"{before}{START}\n\n{lines}\n\n{END}{after}")
    return [*written, page]


def _format_figures(result: Mapping[str, Any]) -> Iterator[str]:
    for generator in result["generators"]:
        if generator["face_auc"] == GOAL_FACE_AUC:
            yield from _format_generator(generator)
    yield from _format_comparisons(result["generators"])
    yield from _format_calm_personas(result["personas"])
    yield from _format_frustrated_personas(result["personas"])
    yield from _format_goals(result["goals"])


def _format_generator(generator: Mapping[str, Any]) -> Iterator[str]:
    yield f"### Generator `{generator['name']}`, face AUC {generator['face_auc']:g}"
    yield ""
    yield (
        f"{generator['learner_hours']:g} learner-hours, {generator['episodes']} episodes. AUC per "
        f"window of a linear reading of the signs {_format_auc(generator['reading_face_auc'])}, of "
        f"the product's evidence from faces {_format_auc(generator['evidence_face_auc'])}."
    )
    yield ""
    yield (
        "| policy | hit rate | false hints an hour | median delay | precision | helped again "
        "| hit rate at 0.5 false an hour |"
    )
    yield "|---|---|---|---|---|---|---|"
    for policy in generator["policies"]:
        at_rate = policy.get("hit_rate_at_0.5"), policy.get("hit_rate_at_0.5_interval")
        yield (
            f"| {policy['name']} | {_share(policy['hit_rate'], policy['hit_rate_interval'])} "
            f"| {policy['false_per_hour']:.2f} | {_seconds(policy['median_delay_s'])} "
            f"| {_share(policy['precision'])} "
            f"| {_share(policy['helped_again_rate'])} of {policy['still_stuck']} "
            f"| {_share(*at_rate)} |"
        )
    yield ""
    yield f"![Hit rate over false hints](../figures/rules-{generator['name']}.svg)"
    yield ""


def _format_comparisons(generators: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "### Differences at 0.5 false hints an hour, in points"
    yield ""
    pairs = [(one["policy"], one["against"]) for one in generators[0]["comparisons"]]
    yield "| generator | face AUC | " + " | ".join(f"{a} - {b}" for a, b in pairs) + " |"
    yield "|---" * (len(pairs) + 2) + "|"
    for generator in generators:
        cells = [
            f"{100 * one['difference']:+.1f} "
            f"({100 * one['interval'][0]:+.1f} to {100 * one['interval'][1]:+.1f})"
            for one in generator["comparisons"]
        ]
        yield f"| {generator['name']} | {generator['face_auc']:g} | " + " | ".join(cells) + " |"
    yield ""


def _format_calm_personas(personas: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "### Hints an hour where nobody is frustrated"
    yield ""
    yield "| persona | " + " | ".join(SHOWN_PERSONA_POLICIES) + " |"
    yield "|---" * (len(SHOWN_PERSONA_POLICIES) + 1) + "|"
    for persona in personas:
        if not persona["is_frustrated"]:
            cells = [
                f"{policy['hints_per_hour']:.2f} "
                f"({policy['interval'][0]:.2f}-{policy['interval'][1]:.2f})"
                for policy in _select(persona)
            ]
            yield f"| {persona['name']} | " + " | ".join(cells) + " |"
    yield ""


def _format_frustrated_personas(personas: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "### Frustrated for certain: share met, first hint, hints in the lesson, helped again"
    yield ""
    yield "| persona | " + " | ".join(SHOWN_PERSONA_POLICIES) + " |"
    yield "|---" * (len(SHOWN_PERSONA_POLICIES) + 1) + "|"
    for persona in personas:
        if persona["is_frustrated"]:
            cells = [
                f"{_share(policy['met'])}, {_seconds(policy['first_hint_s'])}, "
                f"{policy['hints']:.1f}, {_share(policy['helped_again_rate'])}"
                for policy in _select(persona)
            ]
            yield f"| {persona['name']} | " + " | ".join(cells) + " |"
    yield ""


def _select(persona: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    by_name = {policy["name"]: policy for policy in persona["policies"]}
    return [by_name[name] for name in SHOWN_PERSONA_POLICIES]


def _format_goals(goals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "### Goals"
    yield ""
    yield "| figure | goal | measured | | informed filter |"
    yield "|---|---|---|---|---|"
    words = {True: "met", "floor": "floor met", False: "**missed**"}
    for goal in goals:
        value = _plain(goal["value"])
        bound = _plain(goal["bound"]) if "bound" in goal else ""
        yield f"| {goal['figure']} | {goal['goal']} | {value} | {words[goal['met']]} | {bound} |"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _format_auc(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _share(value: float | None, interval: list[float] | None = None) -> str:
    if value is None:
        return "-"
    text = f"{100 * value:.1f} %"
    return text if interval is None else f"{text} ({100 * interval[0]:.0f}-{100 * interval[1]:.0f})"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} s"
