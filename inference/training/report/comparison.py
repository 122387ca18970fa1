"""Write docs/comparison.md: results of runs, costs, released models and third-party baselines.

The four networks trained with one recipe share a table per split; ablations are listed with
their control; the remaining runs are those behind the released weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from inference.results import LABELS
from inference.training.evaluate.frequent_classes import MEANS, compute_frequent_metrics
from inference.training.networks.registry import ARCHITECTURES
from inference.training.report.lineage import FILE_ONLY_STARTS
from inference.training.report.pareto import ModelPoint, find_best_ratio, rank_models
from inference.training.report.rendering import format_stages, render
from inference.training.report.targets import INT8_SPEEDUP_TARGET, rate_value
from inference.training.results import RunResult
from inference.training.train.experiments import load_experiments

Results = Sequence[RunResult]
Measured = Mapping[str, Any]
"""Result of `benchmark.measure_comparison`: `cost`, `machine`, `released`, `peers` (baselines)."""

STUDY_METRICS = {
    "mobilenet_v2": "92, -, 93, 91, 92",
    "efficientnet_b0": "83",
    "mobilenet_v3_large": "77",
    "mobilenet_v3_small": "45",
}
"""Per cent that the study reports (accuracy; for MobileNetV2 also precision, recall and F1), on
pictures that it does not publish."""
SPLITS = ("study", "official")
NETWORK_PLOTS = {
    "networks": "metrics with intervals",
    "confusion": "confusion matrices",
    "curves": "validation accuracy by epoch",
}
RANDOM_START = "random weights"
RECIPE_INDEPENDENT = {"architecture", "split", "processes"}
"""Settings that may differ within one recipe."""
FREQUENT = "frequent"
COMPARED_METRICS = (
    ("ferplus", "accuracy"),
    (FREQUENT, "frequent_recall"),
    ("ferplus", "accuracy_at_85_coverage"),
    ("fer7", "accuracy"),
)


def render_comparison(measured: Measured, results: Results) -> str:
    """Render the whole page.

    Args:
        measured: costs, released models and baselines.
        results: of all finished runs.
    """
    cost = measured["cost"]
    mobilenet_v2 = cost.get("mobilenet_v2")
    return render(
        "comparison.md.j2",
        rankings=_collect_rankings(measured, results),
        splits=[_summarize_split(split, results) for split in SPLITS],
        ablations=[
            [(result, list_differences(group[0], result)) for result in group]
            for group in group_ablations(results)
        ],
        release_runs=list_release_runs(results),
        scratch_runs=[result.name for result in results if _is_scratch_run(result)],
        descriptions={run.name: run.description for run in load_experiments().runs},
        study_metrics=STUDY_METRICS,
        start_names=FILE_ONLY_STARTS,
        random_start=RANDOM_START,
        metrics=COMPARED_METRICS,
        select=select_metrics,
        cost=cost,
        machine=measured.get("machine"),
        released=measured["released"],
        baselines=measured["peers"],
        default_cost=cost.get(_find_default(measured).split("-")[0]),
        network_plots=NETWORK_PLOTS,
        speedup_target=INT8_SPEEDUP_TARGET,
        speedup_verdict=rate_value(mobilenet_v2["faster"]["median"], *INT8_SPEEDUP_TARGET)
        if mobilenet_v2
        else None,
    )


def select_metrics(result: RunResult, head: str) -> dict[str, Any]:
    """Return the metrics of a head, or the means over the frequent expressions of FER+."""
    if head == FREQUENT:
        return compute_frequent_metrics(result.confusion, LABELS)
    return dict(getattr(result, head))


def list_comparison_plots(measured: Measured, results: Results) -> dict[str, Any]:
    """Return the JSON-ready metrics that each plot of the comparison shows, by file name."""
    plots: dict[str, Any] = {}
    for split in SPLITS:
        if networks := list_networks(split, results):
            shown = [_select_plotted(result) for result in networks]
            plots |= {f"{kind}-{split}.png": shown for kind in NETWORK_PLOTS}
    if measured["released"]:
        plots["comparison.png"] = measured["released"]
    return plots


def _select_plotted(result: RunResult) -> dict[str, Any]:
    frequent = select_metrics(result, FREQUENT)
    return {
        "name": result.name,
        "architecture": result.architecture,
        "ferplus": {
            **result.ferplus,
            **{name: frequent[name] for name in MEANS},
            "interval_95": {**result.ferplus["interval_95"], **frequent["interval_95"]},
        },
        "confusion": result.confusion,
        "labels": LABELS,
        "curve": [epoch.accuracy for epoch in result.log],
    }


def list_networks(split: str, results: Results) -> list[RunResult]:
    """List the four networks in the order of `ARCHITECTURES`, each before its from-scratch run."""
    by_name = {result.name: result for result in results}
    return [by_name[name] for name in _list_network_runs(split) if name in by_name]


def _list_network_runs(split: str) -> list[str]:
    prefixes = ("official", "scratch") if split == "official" else (split,)
    return [f"{prefix}-{name}" for name in ARCHITECTURES for prefix in prefixes]


def group_ablations(results: Results) -> list[list[RunResult]]:
    """Group runs with the same initial weights, the control first; a group needs a control."""
    others = _exclude_networks(results)
    control_names = {run.name for run in load_experiments().runs if run.is_control}
    return [
        [control, *(r for r in others if r.from_run == control.from_run and r is not control)]
        for control in others
        if control.name in control_names
    ]


def list_release_runs(results: Results) -> list[RunResult]:
    """List the remaining runs by time, averages last."""
    ablations = {result.name for group in group_ablations(results) for result in group}
    remaining = [result for result in _exclude_networks(results) if result.name not in ablations]
    return sorted(remaining, key=lambda result: (bool(result.averaged), result.started_at))


def list_differences(control: RunResult, result: RunResult) -> list[str]:
    """List the settings, inputs and teachers in which a run differs from its control."""
    before, after = asdict(control.settings), asdict(result.settings)
    names = sorted(before.keys() - {"stages"})
    found = [f"{name} {after[name]}" for name in names if before[name] != after[name]]
    if control.epochs_by_side != result.epochs_by_side:
        found.append(f"stages {format_stages(result.epochs_by_side)}")
    if control.teachers != result.teachers:
        found.append(f"teachers {', '.join(result.teachers) or 'none'}")
    if bool(control.aligned_faces) != bool(result.aligned_faces):
        found.append("aligned faces" if result.aligned_faces else "no aligned faces")
    return found


def _exclude_networks(results: Results) -> list[RunResult]:
    compared = {name for split in SPLITS for name in _list_network_runs(split)}
    return [result for result in results if result.name not in compared]


def _find_default(measured: Measured) -> str:
    return next((model["name"] for model in measured["released"] if model.get("default")), "")


def _collect_rankings(measured: Measured, results: Results) -> list[dict[str, Any]]:
    recipe_points = [
        ModelPoint(
            result.architecture,
            result.ferplus["accuracy"],
            result.ferplus["interval_95"]["accuracy"],
            measured["cost"][result.architecture]["fp32_ms"]["median"],
        )
        for result in list_networks("official", results)
        if not _is_scratch_run(result) and result.architecture in measured["cost"]
    ]
    released_points = [
        ModelPoint(model["name"], model["accuracy"], model["interval_95"], model["ms"]["median"])
        for model in measured["released"]
    ]
    return [
        {
            "is_released": is_released,
            "ranked": rank_models(points),
            "best_ratio": find_best_ratio(points),
            "default": default,
        }
        for is_released, points, default in (
            (False, recipe_points, "mobilenet_v2"),
            (True, released_points, _find_default(measured)),
        )
        if len(points) > 1
    ]


def _is_scratch_run(result: RunResult) -> bool:
    """Return whether this is the additional from-scratch run with a smaller budget."""
    return result.name.startswith("scratch-")


def _summarize_split(split: str, results: Results) -> dict[str, Any]:
    networks = list_networks(split, results)
    names = {result.name for result in networks}
    scratch_runs = [result for result in networks if _is_scratch_run(result)]
    main_runs = [result for result in networks if not _is_scratch_run(result)]
    return {
        "name": split,
        "networks": networks,
        "recipes": [_summarize_recipe(group) for group in (main_runs, scratch_runs) if group],
        "missing": [name for name in _list_network_runs(split) if name not in names],
    }


def _summarize_recipe(group: list[RunResult]) -> dict[str, Any]:
    """Collect the first run, whose recipe is described, and deviations of the other runs."""
    deviations = {
        result.name: [
            difference
            for difference in list_differences(group[0], result)
            if difference.split(" ")[0] not in RECIPE_INDEPENDENT
        ]
        for result in group[1:]
    }
    return {
        "first": group[0],
        "deviations": {name: found for name, found in deviations.items() if found},
    }
