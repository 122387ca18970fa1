"""Pictures of figures, as PNG: of one model, and of the four networks beside each other.

matplotlib comes with the development dependencies; nothing else here imports it. Every picture
names what it shows and carries the sha256 of its figures (`drawings`).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inference.training.report.drawings import KEYWORD, parts_of, stamp

DPI = 90
INK, SECOND = "#1f4e79", "#c55a11"
COLOURS = {
    "mobilenet_v2": "#1f4e79",
    "mobilenet_v3_small": "#c55a11",
    "mobilenet_v3_large": "#548235",
    "efficientnet_b0": "#7030a0",
}
SHAPES = dict(zip(COLOURS, "osD^", strict=True))
"""A shape each, for whom colours do not tell apart."""
GRADES = ("#1f4e79", "#6f9bc4", "#c3d5e6")
"""Mild, middle, severe."""
DATA = {"ferplus": "FER+ labels", "official": "PublicTest", "study": "study split"}
Row = Mapping[str, Any]


def draw_evaluation(name: str, figures: dict[str, Any], folder: Path) -> list[Path]:
    """Every figure that `evaluate`'s outcome holds; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    eight = figures["ferplus"]
    how: dict[str, tuple[Callable[[Axes, Any], None], Any, tuple[float, float]]] = {
        "confusion": (_confusion, eight, (6.4, 5.9)),
        "reliability": (_reliability, eight, (4.8, 4.8)),
        "coverage": (_coverage, eight, (5.4, 4.2)),
        "robustness": (_robustness, figures.get("robustness"), (7.4, 7.6)),
    }
    drawn = []
    for part in parts_of(figures):
        draw, what, size = how[part]
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        draw(axes, what)
        faces = what["faces"]
        figure.suptitle(f"{name}: {faces} faces of the test part, {DATA['ferplus']}", fontsize=10)
        drawn.append(_save(figure, folder / f"{name}-{part}.png", figures))
    return drawn


def draw_comparison(what: Mapping[str, Any], folder: Path) -> list[Path]:
    """`page.comparison_drawings`: file name -> the rows that it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, rows in what.items():
        kind, _, split = name.removesuffix(".png").partition("-")
        figure = {
            "networks": _networks,
            "confusion": _confusions,
            "curves": _curves,
            "comparison": _comparison,
        }[kind](rows)
        title = "what ships, on PublicTest" if kind == "comparison" else f"on the {split} split"
        figure.suptitle(f"{TITLES[kind]} {title}, {DATA['ferplus']}", fontsize=10)
        drawn.append(_save(figure, folder / name, rows))
    return drawn


TITLES = {
    "networks": "The four networks by one recipe,",
    "confusion": "Shares of each true expression,",
    "curves": "Validation while training,",
    "comparison": "Accuracy and time of",
}


def _save(figure: Figure, path: Path, shown: Any) -> Path:
    # Without the date and version that matplotlib writes by itself, equal figures are equal files.
    figure.savefig(path, dpi=DPI, metadata={"Software": None, KEYWORD: stamp(shown)})
    plt.close(figure)
    return path


def _confusion(axes: Axes, figures: Row) -> None:
    counts = np.array(figures["confusion"])
    _matrix(axes, counts, list(figures["classes"]), [str(count) for count in counts.flat], 8)
    axes.set_title("faces; darker: more of that row", fontsize=9)


def _matrix(axes: Axes, counts: Any, labels: list[str], texts: list[str], size: int) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("said by the network")
    axes.set_ylabel("said by annotators")
    for ((row, column), share), text in zip(np.ndenumerate(shares), texts, strict=True):
        colour = "white" if share > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size)


def _reliability(axes: Axes, figures: Row) -> None:
    bins = figures["reliability"]
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect")
    sure, right = ([each[key] for each in bins] for key in ("confidence", "accuracy"))
    axes.plot(sure, right, "o-", color=INK, label=f"measured (error {figures['ece']:.3f})")
    axes.set_xlabel("mean confidence of a bin")
    axes.set_ylabel("accuracy in it")
    axes.set_aspect("equal")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")


def _coverage(axes: Axes, figures: Row) -> None:
    points = figures["risk_coverage"]
    axes.plot([p["coverage"] for p in points], [p["accuracy"] for p in points], "o-", color=INK)
    axes.axvline(0.85, color="grey", linestyle=":", label="85 % answered")
    axes.set_xlabel("share of the faces that are answered, the surest first")
    axes.set_ylabel("accuracy on them")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")


def _robustness(axes: Axes, found: Row) -> None:
    """A bar a grade with its interval; its grade stands at the left end, where nothing crosses."""
    accuracy = found["accuracy"]
    names = [name for name in accuracy if name != "untouched"]
    for place, name in enumerate(reversed(names)):
        for grade, (label, each) in enumerate(accuracy[name].items()):
            at = place + 0.27 * (1 - grade)
            low, high = each["interval_95"]
            value = each["accuracy"]
            axes.barh(at, value, 0.25, color=GRADES[grade])
            axes.errorbar(
                value, at, xerr=[[value - low], [high - value]], color="black", lw=0.8, capsize=2
            )
            ink = "white" if grade == 0 else "black"
            axes.text(0.01, at, f"{label}: {value:.2f}", va="center", fontsize=6.5, color=ink)
    untouched = accuracy["untouched"]["accuracy"]
    axes.axvline(
        untouched, color=SECOND, ls="--", lw=1, zorder=0, label=f"untouched {untouched:.3f}"
    )
    axes.set_yticks(range(len(names)), names[::-1])
    axes.set_xlabel("accuracy and 95 % interval; in the bar: grade, accuracy")
    axes.set_xlim(0, 1)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)


METRICS = {
    "accuracy": "accuracy",
    "macro_precision": "precision",
    "macro_recall": "recall",
    "macro_f1": "F1",
}


def _networks(rows: Sequence[Row]) -> Figure:
    """Four figures and the loss, a mark with its interval a network; hollow: from scratch."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(8.6, 5.4), layout="constrained", width_ratios=(4, 1.2)
    )
    for place, row in enumerate(rows):
        aside = (place - (len(rows) - 1) / 2) * 0.7 / max(len(rows), 4)
        for at, name in enumerate(METRICS):
            _mark(left, at + aside, row, name)
        _mark(right, aside, row, "loss")
    left.set_xticks(range(len(METRICS)), list(METRICS.values()))
    left.set_xlabel("precision, recall and F1: means over the eight expressions")
    right.set_xticks([0], ["loss"])
    for axes in (left, right):
        axes.grid(axis="y", alpha=0.3)
    right.set_xlim(-0.5, 0.5)
    left.set_ylabel("with 95 % intervals")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _mark(axes: Axes, at: float, row: Row, name: str) -> None:
    value, (low, high) = row["ferplus"][name], row["ferplus"]["interval_95"][name]
    colour, network = COLOURS[row["architecture"]], row["architecture"]
    scratch = row["name"].startswith("scratch-")
    known = f"{network}, from scratch, smaller budget" if scratch else network
    errors = [[max(value - low, 0)], [max(high - value, 0)]]
    axes.errorbar(
        at,
        value,
        yerr=errors,
        fmt=SHAPES[network],
        color=colour,
        mfc="white" if scratch else colour,
        capsize=2,
        markersize=5,
        label=known if name == "accuracy" else "",
    )


def _confusions(rows: Sequence[Row]) -> Figure:
    """A matrix of shares each, of the networks by the one recipe."""
    rows = [row for row in rows if not row["name"].startswith("scratch-")] or list(rows)
    columns = min(2, len(rows))
    lines = -(-len(rows) // columns)
    figure, grid = plt.subplots(
        lines, columns, figsize=(5.2 * columns, 4.9 * lines), layout="constrained", squeeze=False
    )
    for axes, row in zip(grid.flat, rows, strict=False):
        counts = np.array(row["confusion"])
        shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        _matrix(axes, counts, row["labels"], [f"{each:.0f}" for each in shares.flat], 8)
        axes.set_title(f"{row['architecture']}, per cent of each row", fontsize=9)
    for axes in list(grid.flat)[len(rows) :]:
        axes.set_axis_off()
    return figure


def _curves(rows: Sequence[Row]) -> Figure:
    figure, axes = plt.subplots(figsize=(7.2, 4.6), layout="constrained")
    for row in rows:
        scratch = row["name"].startswith("scratch-")
        accuracy = [point[1] for point in row["curve"]]
        axes.plot(
            range(1, len(accuracy) + 1),
            accuracy,
            marker=SHAPES[row["architecture"]],
            ls=":" if scratch else "-",
            color=COLOURS[row["architecture"]],
            markersize=4,
            mfc="white" if scratch else COLOURS[row["architecture"]],
            label=f"{row['architecture']}, from scratch" if scratch else row["architecture"],
        )
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy on the validation part")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _comparison(rows: Sequence[Row]) -> Figure:
    """Accuracy against milliseconds, a dot a file; names in the legend, where nothing overruns."""
    figure, axes = plt.subplots(figsize=(6.8, 4.6), layout="constrained")
    for row in rows:
        network, _, kind = row["name"].partition("-")
        low, high = row["interval_95"]
        ms = row["ms"]
        aside = [[ms["median"] - ms.get("low", ms["median"])]]
        aside.append([ms.get("high", ms["median"]) - ms["median"]])
        axes.errorbar(
            ms["median"],
            row["accuracy"],
            xerr=aside,
            yerr=[[row["accuracy"] - low], [high - row["accuracy"]]],
            fmt=SHAPES.get(network, "o"),
            color=COLOURS.get(network, INK),
            mfc="white" if kind == "int8" else COLOURS.get(network, INK),
            capsize=3,
            label=f"{row['name']}: {100 * row['accuracy']:.1f} %, {ms['median']:.2f} ms",
        )
    axes.set_xlabel("CPU milliseconds a face, one thread, with least and most")
    axes.set_ylabel("accuracy, with 95 % interval")
    axes.set_xlim(0, 1.15 * max(row["ms"].get("high", row["ms"]["median"]) for row in rows))
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure
