"""A model card's tables of figures, for one released file."""

from typing import Any

from inference.training.report.card_template import SECTION
from inference.training.report.drawings import PARTS, parts_of

HEADLINES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "macro_f1": "macro F1",
    "loss": "loss",
    "ece": "calibration error (15 equal bins)",
    "accuracy_at_85_coverage": "accuracy on the surest 85 %",
}
Figures = dict[str, Any]


def section(name: str, figures: Figures, there: set[str]) -> str:
    """Markdown; `there` are the names of drawings and galleries that exist."""
    eight = figures["ferplus"]
    confusion = ["".join(f"{count:6d}" for count in row) for row in eight["confusion"]]
    return SECTION.format(
        name=name,
        rows="\n".join(_headline_rows(figures)),
        int8=_int8_loss(figures),
        classes="\n".join(_class_row(*each) for each in eight["classes"].items()),
        drawn=_drawn(name, figures, there),
        confusion="\n".join(confusion),
        bins="\n".join(_bin_row(each) for each in eight["reliability"]),
        coverage="\n".join(_coverage_row(each) for each in eight["risk_coverage"]),
        conditions=_conditions(figures.get("robustness")),
        how=_how(eight),
        reproduce=_reproduce(name, figures),
    )


def _headline_rows(figures: Figures) -> list[str]:
    eight, seven = figures["ferplus"], figures["fer7"]
    rows = [
        f"| {title} | {_headline(eight, key)} | {_headline(seven, key)} |"
        for key, title in HEADLINES.items()
    ]
    rows += _calibration_rows(eight, seven)
    agreed = eight["accuracy_where_8_of_10_agree"]
    if agreed is not None:
        shown = _value(agreed, eight["interval_95"].get("accuracy_where_8_of_10_agree"))
        faces = eight["faces_where_8_of_10_agree"]
        rows.append(f"| accuracy where 8 or more of 10 agree ({faces} faces) | {shown} | |")
    for name, each in eight.get("by_agreement", {}).items():
        shown = _value(each["accuracy"], each.get("interval_95"))
        what = f"accuracy where {name} of 10 chose the label ({each['faces']} faces)"
        rows.append(f"| {what} | {shown} | |")
    return [*rows, f"| faces | {eight['faces']} | {seven['faces']} |"]


def _calibration_rows(eight: Figures, seven: Figures) -> list[str]:
    """What the calibration error has to be compared with, where the record holds it."""
    rows = []
    if "ece_if_calibrated" in eight:
        chance = [
            _value(each["ece_if_calibrated"]["mean"], each["ece_if_calibrated"]["interval_95"])
            for each in (eight, seven)
        ]
        what = "calibration error by chance, were these confidences perfect"
        rows.append(f"| {what} | {chance[0]} | {chance[1]} |")
    if "ece_before_temperature" in eight:
        before = f"{eight['ece_before_temperature']:.3f}"
        rows.append(f"| calibration error before temperature | {before} | |")
    return rows


def _headline(figures: Figures, key: str) -> str:
    return _value(figures[key], figures["interval_95"].get(key))


def _value(value: float, interval: Any) -> str:
    if not interval:
        return f"{value:.3f}"
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _int8_loss(figures: Figures) -> str:
    if "against_fp32" not in figures:
        return ""
    paired = figures["against_fp32"]
    points = {head: paired[head] for head in ("ferplus", "fer7")}
    said = [
        f"{100 * each['accuracy_lost']:.2f} points ({100 * each['interval_95'][0]:.2f} to "
        f"{100 * each['interval_95'][1]:.2f})"
        for each in points.values()
    ]
    return (
        f"\nAgainst `{paired['model']}`, on the same faces ({paired['draws']} redraws of pairs), "
        f"it loses {said[0]} of accuracy on FER+ and {said[1]} on the seven labels; less than 0 "
        "would be a gain.\n"
    )


def _class_row(label: str, figures: Figures) -> str:
    intervals = figures.get("interval_95", {})
    cells = [_value(figures[key], intervals.get(key)) for key in ("precision", "recall", "f1")]
    return f"| {label} | {' | '.join(cells)} | {figures['faces']} |"


def _drawn(name: str, figures: Figures, there: set[str]) -> str:
    links = [
        f"[{PARTS[part]}](../../docs/figures/{name}-{part}.png)"
        for part in parts_of(figures)
        if f"{name}-{part}.png" in there
    ]
    text = f"\nDrawn: {', '.join(links)}.\n" if links else ""
    if (gallery := f"{name}-errors.json") in there:
        text += (
            f"\nThe surest errors, by row number of the data: [{gallery}]"
            f"(../../docs/figures/{gallery}).\n"
        )
    return text


def _bin_row(each: Figures) -> str:
    return f"| {each['confidence']:.3f} | {each['accuracy']:.3f} | {each['faces']} |"


def _coverage_row(each: Figures) -> str:
    return f"| {each['coverage']:.0%} | {each['accuracy']:.3f} | {each['least_confidence']:.3f} |"


def _conditions(found: Figures | None) -> str:
    """Accuracy when faces are harmed, a line a kind of harm, from mild to severe."""
    if found is None:
        return ""
    untouched = found["accuracy"]["untouched"]
    lines = [
        "",
        f"Under harder conditions ({found['faces']} of the faces, FER+; untouched "
        f"{_value(untouched['accuracy'], untouched['interval_95'])}):",
        "",
        "| condition | mild | | severe |",
        "|---|---|---|---|",
    ]
    for name, grades in found["accuracy"].items():
        if name != "untouched":
            cells = [
                f"{grade}: {_value(each['accuracy'], each['interval_95'])}"
                for grade, each in grades.items()
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _how(eight: Figures) -> str:
    if "draws" not in eight:
        return "Intervals: 95 %, 1,000 redraws of the faces; under harder conditions 500."
    return (
        f"Intervals: 95 %; headlines by {eight['draws']} redraws of the faces, shares of counted "
        "faces (accuracy, agreement, classes, conditions) by Wilson's formula. Classes with few "
        "faces have wide ones: read those, not the figure."
    )


def _reproduce(name: str, figures: Figures) -> str:
    options = ""
    if "robustness" in figures:
        options += f" --robustness --faces-harmed {figures['robustness']['faces']}"
    if "against_fp32" in figures:
        options += f" --against {figures['against_fp32']['model']}"
    return f"python -m inference.training evaluate --model {name}{options}"
