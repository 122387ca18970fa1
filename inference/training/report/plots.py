"""Plot metrics as PNG: of one model, and of the four networks side by side.

matplotlib is imported here only. Every plot has a title and contains the digest of its
metrics (`plot_metadata`).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inference.training.report.plot_metadata import KEYWORD, compute_digest, list_plots

DPI = 90
PRIMARY, SECONDARY = "#1f4e79", "#c55a11"
COLOURS = {
    "mobilenet_v2": "#1f4e79",
    "mobilenet_v3_small": "#c55a11",
    "mobilenet_v3_large": "#548235",
    "efficientnet_b0": "#7030a0",
}
MARKERS = dict(zip(COLOURS, "osD^", strict=True))
"""One per network, for readers who cannot distinguish the colours."""
SEVERITY_COLOURS = ("#1f4e79", "#6f9bc4", "#c3d5e6")
"""Mild, medium, severe."""
METRICS = {
    "accuracy": "accuracy",
    "frequent_precision": "precision",
    "frequent_recall": "recall",
    "frequent_f1": "F1",
}
Row = Mapping[str, Any]


def plot_evaluation(name: str, metrics: dict[str, Any], folder: Path) -> list[Path]:
    """Write every plot that an evaluation has data for; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    ferplus = metrics["ferplus"]
    plots: dict[str, tuple[Callable[[Axes, Any], None], Any, tuple[float, float]]] = {
        "confusion": (_plot_confusion, ferplus, (6.4, 5.9)),
        "reliability": (_plot_reliability, ferplus, (4.8, 4.8)),
        "coverage": (_plot_coverage, ferplus, (5.4, 4.2)),
        "robustness": (_plot_robustness, metrics.get("robustness"), (7.4, 7.6)),
        "shift": (partial(_plot_shift, ferplus), metrics.get("shifted"), (4.8, 4.8)),
    }
    paths = []
    for plot in list_plots(metrics):
        draw, shown, size = plots[plot]
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        draw(axes, shown)
        figure.suptitle(f"{name}: {shown['faces']} test faces, FER+ labels", fontsize=10)
        paths.append(_save(figure, folder / f"{name}-{plot}.png", metrics))
    return paths


def plot_comparison(plots: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the plots of `comparison.list_comparison_plots`: file name to the rows shown."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, rows in plots.items():
        kind, _, split = name.removesuffix(".png").partition("-")
        draw, title = COMPARISON_PLOTS[kind]
        figure = draw(rows)
        figure.suptitle(title.format(split=split), fontsize=10)
        paths.append(_save(figure, folder / name, rows))
    return paths


def _save(figure: Figure, path: Path, shown: Any) -> Path:
    # Without matplotlib's own date and version, equal metrics give equal files.
    figure.savefig(path, dpi=DPI, metadata={"Software": None, KEYWORD: compute_digest(shown)})
    plt.close(figure)
    return path


def _plot_confusion(axes: Axes, metrics: Row) -> None:
    counts = np.array(metrics["confusion"])
    _draw_matrix(axes, counts, list(metrics["classes"]), [str(count) for count in counts.flat])
    axes.set_title("faces; colour: share of the row", fontsize=9)


def _draw_matrix(axes: Axes, counts: Any, labels: list[str], texts: list[str]) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("annotators' majority")
    for ((row, column), share), text in zip(np.ndenumerate(shares), texts, strict=True):
        colour = "white" if share > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)


def _plot_reliability(axes: Axes, metrics: Row) -> None:
    bins = metrics["reliability"]
    confidence, accuracy = ([item[key] for item in bins] for key in ("confidence", "accuracy"))
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect calibration")
    axes.plot(confidence, accuracy, "o-", color=PRIMARY, label=f"ECE {metrics['ece']:.3f}")
    axes.set_xlabel("mean confidence of a bin")
    axes.set_ylabel("accuracy of the bin")
    axes.set_aspect("equal")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")


def _plot_shift(clean: Row, axes: Axes, shifted: Row) -> None:
    """Draw the reliability of shifted faces over that of clean ones."""
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect calibration")
    for metrics, style, colour, label in (
        (clean, "o-", PRIMARY, "clean"),
        (shifted, "s--", SECONDARY, "shifted"),
    ):
        bins = metrics["reliability"]
        confidence, accuracy = ([item[key] for item in bins] for key in ("confidence", "accuracy"))
        axes.plot(
            confidence, accuracy, style, color=colour, label=f"{label}, ECE {metrics['ece']:.3f}"
        )
    axes.set_xlabel("mean confidence of a bin")
    axes.set_ylabel("accuracy of the bin")
    axes.set_aspect("equal")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")


def _plot_coverage(axes: Axes, metrics: Row) -> None:
    points = metrics["risk_coverage"]
    coverage, accuracy = ([point[key] for point in points] for key in ("coverage", "accuracy"))
    axes.plot(coverage, accuracy, "o-", color=PRIMARY)
    axes.axvline(0.85, color="grey", linestyle=":", label="85 % coverage")
    axes.set_xlabel("coverage: share of the faces, by decreasing confidence")
    axes.set_ylabel("selective accuracy")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")


def _plot_robustness(axes: Axes, robustness: Row) -> None:
    """Draw a bar with interval per corruption and severity."""
    accuracy = robustness["accuracy"]
    names = [name for name in accuracy if name != "untouched"]
    for place, name in enumerate(reversed(names)):
        for severity, (label, found) in enumerate(accuracy[name].items()):
            at = place + 0.27 * (1 - severity)
            (low, high), value = found["interval_95"], found["accuracy"]
            axes.barh(at, value, 0.25, color=SEVERITY_COLOURS[severity])
            axes.errorbar(
                value, at, xerr=[[value - low], [high - value]], color="black", lw=0.8, capsize=2
            )
            colour = "white" if severity == 0 else "black"
            axes.text(0.01, at, f"{label}: {value:.2f}", va="center", fontsize=6.5, color=colour)
    clean = accuracy["untouched"]["accuracy"]
    axes.axvline(clean, color=SECONDARY, ls="--", lw=1, zorder=0, label=f"uncorrupted {clean:.3f}")
    axes.set_yticks(range(len(names)), names[::-1])
    axes.set_xlabel("accuracy with 95 % interval; in the bar: grade, accuracy")
    axes.set_xlim(0, 1)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)


def _is_from_scratch(row: Row) -> bool:
    return bool(row["name"].startswith("scratch-"))


def _plot_networks(rows: Sequence[Row]) -> Figure:
    """Draw four metrics and the loss with intervals; hollow markers: from scratch."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(8.6, 5.4), layout="constrained", width_ratios=(4, 1.2)
    )
    for place, row in enumerate(rows):
        offset = (place - (len(rows) - 1) / 2) * 0.7 / max(len(rows), 4)
        for at, name in enumerate(METRICS):
            _draw_metric(left, at + offset, row, name)
        _draw_metric(right, offset, row, "loss")
    left.set_xticks(range(len(METRICS)), list(METRICS.values()))
    left.set_xlabel("precision, recall and F1: means over the six frequent expressions")
    left.set_ylabel("with 95 % intervals")
    right.set_xticks([0], ["loss"])
    right.set_xlim(-0.5, 0.5)
    for axes in (left, right):
        axes.grid(axis="y", alpha=0.3)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_metric(axes: Axes, at: float, row: Row, name: str) -> None:
    value, (low, high) = row["ferplus"][name], row["ferplus"]["interval_95"][name]
    network, scratch = row["architecture"], _is_from_scratch(row)
    label = f"{network}, from scratch, smaller budget" if scratch else network
    axes.errorbar(
        at,
        value,
        yerr=[[max(value - low, 0)], [max(high - value, 0)]],
        fmt=MARKERS[network],
        color=COLOURS[network],
        mfc="white" if scratch else COLOURS[network],
        capsize=2,
        markersize=5,
        label=label if name == "accuracy" else "",
    )


def _plot_confusions(rows: Sequence[Row]) -> Figure:
    """Draw a confusion matrix in per cent for each network trained with the common recipe."""
    rows = [row for row in rows if not _is_from_scratch(row)] or list(rows)
    columns = min(2, len(rows))
    lines = -(-len(rows) // columns)
    figure, grid = plt.subplots(
        lines, columns, figsize=(5.2 * columns, 4.9 * lines), layout="constrained", squeeze=False
    )
    for axes, row in zip(grid.flat, rows, strict=False):
        counts = np.array(row["confusion"])
        percent = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        _draw_matrix(axes, counts, row["labels"], [f"{value:.0f}" for value in percent.flat])
        axes.set_title(f"{row['architecture']}, per cent of each row", fontsize=9)
    for axes in list(grid.flat)[len(rows) :]:
        axes.set_axis_off()
    return figure


def _plot_curves(rows: Sequence[Row]) -> Figure:
    figure, axes = plt.subplots(figsize=(7.2, 4.6), layout="constrained")
    for row in rows:
        network, scratch = row["architecture"], _is_from_scratch(row)
        accuracy = row["curve"]
        axes.plot(
            range(1, len(accuracy) + 1),
            accuracy,
            marker=MARKERS[network],
            ls=":" if scratch else "-",
            color=COLOURS[network],
            markersize=4,
            mfc="white" if scratch else COLOURS[network],
            label=f"{network}, from scratch" if scratch else network,
        )
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation accuracy")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _plot_released(rows: Sequence[Row]) -> Figure:
    """Draw accuracy against latency, a marker per released model."""
    figure, axes = plt.subplots(figsize=(6.8, 4.6), layout="constrained")
    for row in rows:
        network, _, kind = row["name"].partition("-")
        (low, high), ms = row["interval_95"], row["ms"]
        median = ms["median"]
        axes.errorbar(
            median,
            row["accuracy"],
            xerr=[[median - ms.get("low", median)], [ms.get("high", median) - median]],
            yerr=[[row["accuracy"] - low], [high - row["accuracy"]]],
            fmt=MARKERS.get(network, "o"),
            color=COLOURS.get(network, PRIMARY),
            mfc="white" if kind == "int8" else COLOURS.get(network, PRIMARY),
            capsize=3,
            label=f"{row['name']}: {100 * row['accuracy']:.1f} %, {median:.2f} ms",
        )
    axes.set_xlabel("CPU milliseconds per face, one thread, with minimum and maximum")
    axes.set_ylabel("accuracy with 95 % interval")
    axes.set_xlim(0, 1.15 * max(row["ms"].get("high", row["ms"]["median"]) for row in rows))
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure


COMPARISON_PLOTS: dict[str, tuple[Callable[[Sequence[Row]], Figure], str]] = {
    "networks": (_plot_networks, "Four networks, one recipe, {split} split, FER+ labels"),
    "confusion": (_plot_confusions, "Confusion matrices, {split} split, FER+ labels"),
    "curves": (_plot_curves, "Validation accuracy, {split} split, FER+ labels"),
    "comparison": (_plot_released, "Released models, PublicTest, FER+ labels"),
}
"""Kind, as the file name begins, to the function that draws it and its title."""
