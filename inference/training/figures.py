"""Pictures of figures, as PNG: confusion, reliability, risk and coverage, robustness, comparison.

matplotlib comes with the development dependencies; nothing else here imports it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

DPI = 90
INK, SECOND = "#1f4e79", "#c55a11"


def draw_evaluation(name: str, figures: dict[str, Any], folder: Path) -> list[Path]:
    """Every figure that `evaluate`'s outcome holds; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    eight = figures["ferplus"]
    drawn = [
        _saved(folder / f"{name}-confusion.png", _confusion, eight, size=(6.4, 5.6)),
        _saved(folder / f"{name}-reliability.png", _reliability, eight, size=(4.6, 4.4)),
        _saved(folder / f"{name}-coverage.png", _coverage, eight, size=(5.2, 4.0)),
    ]
    if "robustness" in figures:
        found = figures["robustness"]["accuracy"]
        drawn.append(_saved(folder / f"{name}-robustness.png", _robustness, found, size=(7.2, 4.8)))
    return drawn


def draw_comparison(rows: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Accuracy against milliseconds, a dot a network."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _saved(path, _comparison, rows, size=(6.4, 4.4))


def _saved(path: Path, draw: Any, what: Any, size: tuple[float, float]) -> Path:
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    draw(axes, what)
    # Without the date and version that matplotlib writes by itself, equal figures are equal files.
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    plt.close(figure)
    return path


def _confusion(axes: Axes, figures: dict[str, Any]) -> None:
    counts = np.array(figures["confusion"])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    labels = list(figures["classes"])
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("said by the network")
    axes.set_ylabel("said by annotators")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)


def _reliability(axes: Axes, figures: dict[str, Any]) -> None:
    bins = figures["reliability"]
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect")
    sure, right = ([each[key] for each in bins] for key in ("confidence", "accuracy"))
    axes.plot(sure, right, "o-", color=INK, label=f"measured (error {figures['ece']:.3f})")
    axes.set_xlabel("confidence")
    axes.set_ylabel("accuracy")
    axes.set_aspect("equal")
    axes.legend()


def _coverage(axes: Axes, figures: dict[str, Any]) -> None:
    points = figures["risk_coverage"]
    axes.plot([p["coverage"] for p in points], [p["accuracy"] for p in points], "o-", color=INK)
    axes.axvline(0.85, color="grey", linestyle=":")
    axes.set_xlabel("share of the faces that are answered, the surest first")
    axes.set_ylabel("accuracy on them")
    axes.grid(alpha=0.3)


def _robustness(axes: Axes, found: dict[str, Any]) -> None:
    names = [name for name in found if name != "untouched"]
    for place, name in enumerate(names):
        for grade, (label, each) in enumerate(found[name].items()):
            axes.barh(
                place + 0.27 * (1 - grade),
                each["accuracy"],
                0.25,
                color=INK,
                alpha=0.9 - 0.25 * grade,
            )
            axes.text(
                each["accuracy"] + 0.005, place + 0.27 * (1 - grade), label, va="center", fontsize=7
            )
    axes.axvline(found["untouched"]["accuracy"], color=SECOND, linestyle="--", label="untouched")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("accuracy, FER+")
    axes.set_xlim(0, 1.12)
    axes.legend(loc="lower right")


def _comparison(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        low, high = row["interval_95"]
        errors = [[row["accuracy"] - low], [high - row["accuracy"]]]
        axes.errorbar(row["ms"], row["accuracy"], yerr=errors, fmt="o", color=INK, capsize=3)
        axes.annotate(row["name"], (row["ms"], row["accuracy"]), (6, 4), textcoords="offset points")
    axes.set_xlabel("CPU milliseconds a face, one thread")
    axes.set_ylabel("accuracy, FER+")
    axes.margins(x=0.25)
    axes.grid(alpha=0.3)
