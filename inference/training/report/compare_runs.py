"""What each finished run reached: its row, and the tables in which rows stand side by side.

The four networks by one recipe stand in one table a split, from scratch below; runs that changed
one thing stand beside their control; the rest is the released network's own line.
"""

from collections import Counter
from typing import Any

from inference.training.networks.registry import ARCHITECTURES
from inference.training.report.lineage import hours_of, kept_epoch, soup_parts, start_of
from inference.training.train.experiments import load_experiments

Row = dict[str, Any]
_DESCRIPTIONS = {run.formerly or run.name: run.description for run in load_experiments().runs}

STUDY_FIGURES = {
    "mobilenet_v2": "92, -, 93, 91, 92",
    "efficientnet_b0": "83",
    "mobilenet_v3_large": "77",
    "mobilenet_v3_small": "45",
}
"""Per cent that the study reports (accuracy; of MobileNetV2 precision, recall and F1 too), on a mix
of pictures that it does not name."""
METRICS = ("accuracy", "loss", "macro_precision", "macro_recall", "macro_f1")
SPLIT_TITLES = {
    "study": "Study split: 70/15/15 over all distinct faces",
    "official": "Official split: tested on PublicTest",
}
OF_ONE_NETWORK = ("architecture", "split", "processes")
"""Settings that may differ where a recipe is the same."""


def row_of_run(record: Row) -> Row:
    evaluation, settings = record["evaluation"], record["settings"]
    kept = kept_epoch(record)
    return {
        "name": record["name"],
        "architecture": settings["architecture"],
        "split": settings.get("split", "official"),
        "start": start_of(record),
        "started_at": record["started_at"],
        "run": _identity(record),
        "from_run_of": _identity(record["before"]) if record.get("before") else None,
        "settings": settings,
        "pixels": dict(Counter(str(line["side"]) for line in record["log"])),
        "aligned": bool(record.get("aligned_faces")),
        "teachers": [_teacher(each) for each in record.get("teachers") or []],
        "soup": soup_parts(record),
        "hours": round(hours_of(_trained(record)), 2),
        "validation": {"accuracy": kept["accuracy"], "loss": kept["loss"]},
        "curve": [[line["side"], line["accuracy"]] for line in record["log"]],
        "ferplus": _figures(evaluation["ferplus"]),
        "fer7": _figures(evaluation["fer7"]),
        "confusion": evaluation["ferplus"]["confusion"],
        "labels": list(evaluation["ferplus"]["classes"]),
    }


def _identity(record: Row) -> str:
    """What no other run has. A soup's record has the times of the first run in it."""
    return ", ".join(soup_parts(record)) or str(record["started_at"])


def _teacher(said: Row) -> str:
    return f"{said['run']} (live)" if said.get("live") else str(said["run"])


def _trained(record: Row) -> list[Row]:
    """A soup took what its ingredients took."""
    return [each["record"] for each in record.get("soup", [])] or [record]


def _figures(figures: Row) -> Row:
    names = (*METRICS, "accuracy_at_85_coverage")
    return {
        **{name: figures[name] for name in names},
        "interval_95": {name: figures["interval_95"][name] for name in names},
    }


def networks_of(split: str, rows: list[Row]) -> list[Row]:
    """The four by one recipe, in the order of `ARCHITECTURES`, each before its from-scratch run."""
    names = [f"{split}-{name}" for name in ARCHITECTURES]
    if split == "official":
        names = [each for a in ARCHITECTURES for each in (f"official-{a}", f"scratch-{a}")]
    by_name = {row["name"]: row for row in rows}
    return [by_name[name] for name in names if name in by_name]


def experiments_of(rows: list[Row]) -> list[list[Row]]:
    """Runs from one and the same start, the control first: a list a start that has a control."""
    free = _beside_the_four(rows)
    groups = []
    for control in (row for row in free if _what_for(row).startswith("control")):
        siblings = [
            row
            for row in free
            if row["from_run_of"] == control["from_run_of"] and row is not control
        ]
        groups.append([control, *siblings])
    return groups


def line_of(rows: list[Row]) -> list[Row]:
    """What is neither one of the four nor an experiment, by time; soups, which took none, last."""
    tried = {row["name"] for group in experiments_of(rows) for row in group}
    left = [row for row in _beside_the_four(rows) if row["name"] not in tried]
    return sorted(left, key=lambda row: (bool(row["soup"]), str(row["started_at"])))


def _beside_the_four(rows: list[Row]) -> list[Row]:
    compared = {row["name"] for split in SPLIT_TITLES for row in networks_of(split, rows)}
    return [row for row in rows if row["name"] not in compared]


def _what_for(row: Row) -> str:
    return _DESCRIPTIONS.get(row["name"], "")


def networks_text(split: str, rows: list[Row], drawn: list[str]) -> list[str]:
    lines = [f"## {SPLIT_TITLES[split]}", ""]
    rows = networks_of(split, rows)
    if not rows:
        return [*lines, "No finished run yet: `python -m inference.training runs`.", ""]
    columns = ["network", "from", "accuracy %", "loss", "precision %", "recall %", "F1 %"]
    columns += ["surest 85 %", "7 labels %", "hours"]
    columns += ["study says %"] if split == "study" else []
    return [
        *lines,
        *_recipes(rows),
        "",
        *_table(columns, [_network_cells(row, split) for row in rows]),
        "",
        *_missing(split, rows),
        *_starts(rows),
        "",
        *[f"Drawn: {', '.join(drawn)}.", ""],
    ]


def _network_cells(row: Row, split: str) -> list[str]:
    eight = row["ferplus"]
    cells = [row["architecture"], "scratch" if _from_scratch(row) else "ImageNet"]
    cells += [percent(eight, "accuracy"), _loss(eight)]
    cells += [percent(eight, name) for name in METRICS[2:]]
    cells += [percent(eight, "accuracy_at_85_coverage"), percent(row["fer7"], "accuracy")]
    cells += [f"{row['hours']:.1f}"]
    return cells + ([STUDY_FIGURES[row["architecture"]]] if split == "study" else [])


def _from_scratch(row: Row) -> bool:
    return bool(row["start"] == "random weights")


def _recipes(rows: list[Row]) -> list[str]:
    """One recipe for all, or which run had another one."""
    compared = [row for row in rows if not row["name"].startswith("scratch-")]
    smaller = [row for row in rows if row["name"].startswith("scratch-")]
    lines = []
    if compared:
        lines.append(f"All by one recipe: {_recipe(compared[0])}.{_others(compared)}")
    if smaller:
        more = f"Second rows, from scratch at a smaller budget: {_recipe(smaller[0])}."
        lines.append(more + _others(smaller))
    if "study" in {row["split"] for row in rows}:
        lines.append(
            "The study gives accuracy, precision, recall and F1 for MobileNetV2 and accuracy for "
            "the others, on pictures that nobody else has; its figures and these do not compare."
        )
    return [f"- {line}" for line in [*lines, METHOD]]


METHOD = (
    "All figures on FER+'s labels by its own rule but for the seven of FER2013; precision, recall "
    "and F1 are means over the eight expressions; 95 % intervals in brackets."
)


def _recipe(row: Row) -> str:
    settings = row["settings"]
    gentle = settings.get("gentle_epochs", 0)
    return (
        f"pixels x epochs {_pixels(row)}, batch {settings['batch_size']}, peak learning rate "
        f"{settings['learning_rate']}{f', last {gentle} epochs gentle' if gentle else ''}"
    )


def _pixels(row: Row) -> str:
    return ", ".join(f"{side} x {epochs}" for side, epochs in row["pixels"].items())


def _others(rows: list[Row]) -> str:
    first = rows[0]
    said = ""
    for row in rows[1:]:
        other = [each for each in changed(first, row) if each.split(" ")[0] not in OF_ONE_NETWORK]
        if other:
            said += f" {row['name']} differs from {first['name']}: {', '.join(other)}."
    return said


def _missing(split: str, rows: list[Row]) -> list[str]:
    there = {row["name"] for row in rows}
    due = [f"{split}-{name}" for name in ARCHITECTURES]
    due += [f"scratch-{name}" for name in ARCHITECTURES] if split == "official" else []
    absent = [name for name in due if name not in there]
    return [f"Still due: {', '.join(absent)}.", ""] if absent else []


def _starts(rows: list[Row]) -> list[str]:
    return [
        f"- {row['architecture']}: {row['start']}" for row in rows if not _from_scratch(row)
    ] + [
        f"- {row['architecture']}: no ImageNet weights were found; from random weights by the same "
        "recipe, at a disadvantage"
        for row in rows
        if _from_scratch(row) and not row["name"].startswith("scratch-")
    ]


def changed(control: Row, row: Row) -> list[str]:
    """What a run does otherwise than its control: settings, teachers, pixels."""
    known: Row = {"gentle_epochs": 0, "balance": 0.0, "teacher_share": 0.0, "cutmix_share": 0.0}
    known |= {"sam_radius": 0.0, "stem_stride": 2, "patience": 0, "split": "official"}
    one, other = ({**known, **each["settings"]} for each in (control, row))
    names = sorted((one.keys() | other.keys()) - {"stages"})
    found = [f"{name} {other.get(name)}" for name in names if one.get(name) != other.get(name)]
    if control["pixels"] != row["pixels"]:
        found.append(f"pixels x epochs {_pixels(row)}")
    if control["teachers"] != row["teachers"]:
        found.append(f"teachers {', '.join(row['teachers']) or 'none'}")
    if control["aligned"] != row["aligned"]:
        found.append("aligned faces" if row["aligned"] else "no aligned faces")
    return found


EXPERIMENT_COLUMNS = ["run", "what differs", "validation %", "accuracy %", "recall %"]
EXPERIMENT_COLUMNS += ["surest 85 %", "7 labels %", "hours"]
COMPARED = (
    ("ferplus", "accuracy"),
    ("ferplus", "macro_recall"),
    ("ferplus", "accuracy_at_85_coverage"),
    ("fer7", "accuracy"),
)


def experiments_text(rows: list[Row]) -> list[str]:
    groups = experiments_of(rows)
    if not groups:
        return []
    names = {row["run"]: row["name"] for row in rows}
    lines = ["## What each thing gave", ""]
    for group in groups:
        control = group[0]
        start = names.get(control["from_run_of"], control["start"])
        lines += [
            f"Runs from `{start}`, alike but for what is named; in round brackets the difference "
            f"in points from the control, `{control['name']}`. One run each: a difference within "
            "an interval's width may be chance.",
            "",
            *_table(
                EXPERIMENT_COLUMNS,
                [_experiment_cells(control, row) for row in group],
            ),
            "",
        ]
    return lines


def _experiment_cells(control: Row, row: Row) -> list[str]:
    is_control = row is control
    what = "; ".join(changed(control, row)) or _what_for(row)
    if row["soup"]:
        what = f"mean of the weights of {', '.join(row['soup'])}"
    if is_control:
        what = "control"
    validation = f"{100 * row['validation']['accuracy']:.1f}"
    return [
        row["name"],
        what,
        validation + _against(control, row, ("validation", "accuracy")),
        *(
            percent(row[head], name) + _against(control, row, (head, name))
            for head, name in COMPARED
        ),
        f"{row['hours']:.1f}",
    ]


def _against(control: Row, row: Row, path: tuple[str, str]) -> str:
    if row is control:
        return ""
    head, name = path
    return f" ({100 * (row[head][name] - control[head][name]):+.1f})"


def line_text(rows: list[Row]) -> list[str]:
    """The runs that led to what ships; their settings stand in the model card."""
    names = {row["run"]: row["name"] for row in rows}
    rows = line_of(rows)
    if not rows:
        return []
    what_for = _DESCRIPTIONS
    columns = ["run", "from", "pixels x epochs", "teachers", "validation %", "accuracy %"]
    columns += ["recall %", "surest 85 %", "7 labels %", "hours"]
    cells = [
        [
            row["name"],
            *_origin(row, names),
            f"{100 * row['validation']['accuracy']:.1f}",
            *(percent(row[head], name) for head, name in COMPARED),
            f"{row['hours']:.1f}",
        ]
        for row in rows
    ]
    told = [f"- {row['name']}: {what_for[row['name']]}" for row in rows if row["name"] in what_for]
    return ["## The released network's line", "", *_table(columns, cells), "", *told, ""]


def _origin(row: Row, names: dict[str, str]) -> list[str]:
    """What a run started from, its pictures, its teachers."""
    if row["soup"]:
        return [f"mean of the weights of {', '.join(row['soup'])}", "no training", "none"]
    start = names.get(row["from_run_of"]) or row["start"]
    return [str(start), _pixels(row), ", ".join(row["teachers"]) or "none"]


def _table(columns: list[str], rows: list[list[str]]) -> list[str]:
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def percent(figures: Row, name: str) -> str:
    low, high = (100 * value for value in figures["interval_95"][name])
    return f"{100 * figures[name]:.1f} [{low:.1f}, {high:.1f}]"


def _loss(figures: Row) -> str:
    low, high = figures["interval_95"]["loss"]
    return f"{figures['loss']:.3f} [{low:.3f}, {high:.3f}]"
